import { sql, type Kysely } from 'kysely';
import { addSeconds, type Instant } from '../api/time.ts';
import type { Database } from './tables.ts';

/** How often something went well in the last 90 days. `successes` leaves out what was rolled back or ended inconclusive. */
export interface Tally {
  readonly samples: number;
  readonly successes: number;
}

export interface SuccessRates {
  /** By action name. */
  readonly actions: Readonly<Record<string, Tally>>;
  /** By category. */
  readonly categories: Readonly<Record<string, Tally>>;
}

const windowSeconds = 90 * 86_400;

/** Tallies of the named actions and categories; what was never tried is absent. */
export async function readSuccessRates(
  database: Kysely<Database>,
  { actions, categories, now }: { readonly actions: readonly string[]; readonly categories: readonly string[]; readonly now: Instant },
): Promise<SuccessRates> {
  if (actions.length === 0 && categories.length === 0) return { actions: {}, categories: {} };
  const since = addSeconds(now, -windowSeconds);
  const rows = await database
    .selectFrom('action_outcome')
    .select(['action', 'category', (each) => each.fn.countAll<string | number>().as('samples')])
    .select(sql<string | number>`count(*) filter (where success and not rolled_back and outcome is distinct from 'inconclusive')`.as('successes'))
    .where((where) => where.or([where('action', 'in', orNone(actions)), where('category', 'in', orNone(categories))]))
    .where('finished_at', '>=', sql<Date>`${since}::timestamptz`)
    .groupBy(['action', 'category'])
    .execute();
  const tallies = rows.map(({ action, category, samples, successes }) => ({ action, category, samples: Number(samples), successes: Number(successes) }));
  return {
    actions: tallyBy(
      tallies.filter(({ action }) => actions.includes(action)),
      ({ action }) => action,
    ),
    categories: tallyBy(
      tallies.filter(({ category }) => categories.includes(category)),
      ({ category }) => category,
    ),
  };
}

/** `in ()` is no SQL. */
function orNone(names: readonly string[]): string[] {
  return names.length === 0 ? [''] : [...names];
}

function tallyBy<Row extends Tally>(rows: readonly Row[], keyOf: (row: Row) => string): Readonly<Record<string, Tally>> {
  const sums = new Map<string, Tally>();
  for (const row of rows) {
    const { samples, successes } = sums.get(keyOf(row)) ?? { samples: 0, successes: 0 };
    sums.set(keyOf(row), { samples: samples + row.samples, successes: successes + row.successes });
  }
  return Object.fromEntries(sums);
}
