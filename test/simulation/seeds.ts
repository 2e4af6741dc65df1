import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kysely } from 'kysely';
import { embeddedDatabase } from '../../infra/local/stack/database.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { simulate, type Ending, type Simulation } from './simulate.ts';

export interface Scenario extends Omit<Simulation, 'seed' | 'database'> {
  readonly seeds: readonly number[];
  /** What the requests have to come to in weather of this severity; undefined: whatever it is. */
  readonly verdicts?: (severity: number) => readonly string[] | undefined;
}

/** `SEEDS=100-199 npx vitest run test/simulation` plays others; one that fails is played again by its number alone: `SEEDS=107-107`. */
export function seedsOf(from: number, to: number): readonly number[] {
  const [first = from, last = to] = (process.env['SEEDS'] ?? '').split('-').filter(Boolean).map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Plays each scenario with each of its seeds. They share a database, since its start costs more than a story. */
export function playSeeds(scenarios: Readonly<Record<string, Scenario>>): void {
  let database: Kysely<Database>;
  beforeAll(async () => {
    database = await embeddedDatabase();
  });
  afterAll(() => database.destroy());

  describe.each(Object.entries(scenarios))('%s', (_sentence, { seeds, verdicts, ...scenario }) => {
    it.each(seeds)('seed %i', async (seed) => {
      const ending = await simulate({ ...scenario, seed, database });
      expect(report(ending)).toBe('');
      expect(ending.verdicts).toEqual(verdicts?.(ending.severity) ?? ending.verdicts);
    });
  });
}

/** Empty when nothing is violated; else all that one needs to see what happened. */
function report({ violations, weather, verdicts, trail }: Ending): string {
  return violations.length === 0 ? '' : [...violations, weather, verdicts.join(', '), trail].join('\n');
}
