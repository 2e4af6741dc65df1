import { describe, expect, it } from 'vitest';
import { selects } from './label-selector.ts';

const expression = (operator: string, key: string, ...values: readonly string[]) => ({ matchExpressions: [{ key, operator, values }] });

describe('selects', () => {
  it.each<[sentence: string, selector: unknown, taken: boolean]>([
    ['an absent selector', undefined, false],
    ['null', null, false],
    ['an empty selector', {}, true],
    ['the same label', { matchLabels: { app: 'api' } }, true],
    ['one label of two', { matchLabels: { app: 'api', tier: 'back' } }, false],
    ['In', expression('In', 'app', 'web', 'api'), true],
    ['In others', expression('In', 'app', 'web'), false],
    ['In of an absent label', expression('In', 'tier', 'back'), false],
    ['NotIn', expression('NotIn', 'app', 'api'), false],
    ['NotIn of an absent label', expression('NotIn', 'tier', 'back'), true],
    ['Exists', expression('Exists', 'app'), true],
    ['DoesNotExist', expression('DoesNotExist', 'app'), false],
    ['labels and expressions that disagree', { matchLabels: { app: 'api' }, ...expression('Exists', 'tier') }, false],
    ['an operator that nobody knows yet', expression('Like', 'app', 'a*'), true],
    ['a member of every object', expression('Exists', 'constructor'), false],
  ])('%s', (_sentence, selector, taken) => {
    expect(selects(selector, { app: 'api' })).toBe(taken);
  });
});
