import { describe, expect, it } from 'vitest';
import type { Environment } from '../../shared/api/cluster-context.ts';
import type { SuccessRates, Tally } from '../../shared/audit/success-rates.ts';
import { historyOf } from './history.ts';

const rates = (action?: Tally, category?: Tally): SuccessRates => ({
  actions: action === undefined ? {} : { scale_deployment: action },
  categories: category === undefined ? {} : { scaling: category },
});
const known = { action: 'scale_deployment', category: 'scaling' };

describe('historyOf', () => {
  it.each<[sentence: string, rates: SuccessRates | null, environment: Environment, expected: readonly [rate: number, size: number, tier: string]]>([
    ['five runs of the very action', rates({ samples: 5, successes: 4 }), 'production', [0.8, 5, 'action']],
    ['the action before a larger category', rates({ samples: 5, successes: 0 }, { samples: 100, successes: 100 }), 'production', [0, 5, 'action']],
    ['ten runs of its category, worth a little less', rates({ samples: 4, successes: 4 }, { samples: 10, successes: 10 }), 'production', [0.9, 10, 'category']],
    [
      'the environment, for four and nine are too few',
      rates({ samples: 4, successes: 4 }, { samples: 9, successes: 9 }),
      'production',
      [0.75, 4, 'environment'],
    ],
    ['production', rates(), 'production', [0.75, 0, 'environment']],
    ['an unknown environment, which counts as production', rates(), 'unknown', [0.75, 0, 'environment']],
    ['staging', rates(), 'staging', [0.8, 0, 'environment']],
    ['development', rates(), 'development', [0.85, 0, 'environment']],
    ['no history at all, the database being away', null, 'development', [0.7, 0, 'global']],
  ])('goes by %s', (_sentence, given, environment, [successRate, sampleSize, tier]) => {
    const history = historyOf(known, given, environment);
    expect(history).toEqual({ successRate: expect.closeTo(successRate, 10), sampleSize, tier });
  });

  it('takes no name of an object for a history', () => {
    expect(historyOf({ action: 'constructor', category: 'toString' }, rates(), 'production').tier).toBe('environment');
  });
});
