import { Kysely, PostgresDialect } from 'kysely';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { stillClock } from '../../test/support/kernel.ts';
import { endingBy, TimeIsOver } from '../time-left.ts';
import { boundedPool, type PoolClient } from './bounded-pool.ts';
import type { Database } from './tables.ts';

interface Options {
  /** What a query is answered with; by default nothing was found. */
  readonly answer?: (text: string) => unknown;
  /** No connection is ever free. */
  readonly exhausted?: boolean;
}

/** A server that answers at once, and a note of what it was asked, for how long, and which connections were thrown away. */
function aServer({ answer = () => ({ command: 'SELECT', rowCount: 0, rows: [] }), exhausted = false }: Options = {}) {
  const asked: { readonly text: string; readonly milliseconds: number }[] = [];
  const released: boolean[] = [];
  const client: PoolClient = {
    query: async ({ text, query_timeout }) => {
      asked.push({ text, milliseconds: query_timeout });
      return answer(text);
    },
    release: (destroy = false) => void released.push(destroy),
  };
  const connecting = Promise.withResolvers<PoolClient>();
  if (!exhausted) connecting.resolve(client);
  const pool = { options: {}, connect: () => connecting.promise, end: () => Promise.resolve() };
  const database = new Kysely<Database>({ dialect: new PostgresDialect({ pool: boundedPool(pool) }) });
  return { asked, released, database, connect: () => connecting.resolve(client) };
}

const rowsOf = (database: Kysely<Database>) => database.selectFrom('audit_event').select('id').execute();
const within = <Answer>(milliseconds: number, work: () => Promise<Answer>) => {
  const clock = stillClock();
  return endingBy(clock, clock.milliseconds() + milliseconds, work);
};

afterEach(() => {
  vi.useRealTimers();
});

describe('a bounded pool', () => {
  it('gives a query ten seconds where there is time', async () => {
    const { asked, database, released } = aServer();
    await rowsOf(database);
    expect(asked.map(({ milliseconds }) => milliseconds)).toEqual([10_000]);
    expect(released).toEqual([false]);
  });

  it('gives every query of a transaction no more than is left of the invocation', async () => {
    const { asked, database } = aServer({ answer: (text) => ({ command: text === 'commit' ? 'COMMIT' : 'SELECT', rowCount: 0, rows: [] }) });
    await within(3_000, () => database.transaction().execute((transaction) => transaction.selectFrom('audit_event').select('id').execute()));
    expect(asked.map(({ text, milliseconds }) => [text.split(' ')[0], milliseconds])).toEqual([
      ['begin', 3_000],
      ['select', 3_000],
      ['commit', 3_000],
    ]);
  });

  it('asks nothing any more when no time is left', async () => {
    const { asked, database } = aServer();
    await expect(within(50, () => rowsOf(database))).rejects.toThrow(TimeIsOver);
    expect(asked).toEqual([]);
  });

  it('gives up waiting for a connection, and gives back the one that comes too late', async () => {
    vi.useFakeTimers();
    const { database, released, connect } = aServer({ exhausted: true });
    const refused = within(2_500, () => rowsOf(database)).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(await refused).toMatchObject({ message: 'no connection to the audit database within 2500 ms' });
    connect();
    await vi.advanceTimersByTimeAsync(0);
    expect(released).toEqual([false]);
  });

  it.each([
    ['keeps a connection whose query the server refused', Object.assign(new Error('no such table'), { severity: 'ERROR', code: '42P01' }), false],
    ['throws away a connection that still waits for an answer', new Error('Query read timeout'), true],
    ['throws away a connection that broke', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }), true],
  ])('%s', async (_sentence, error, destroyed) => {
    const { database, released } = aServer({
      answer: () => {
        throw error;
      },
    });
    await expect(rowsOf(database)).rejects.toThrow(error.message);
    expect(released).toEqual([destroyed]);
  });
});
