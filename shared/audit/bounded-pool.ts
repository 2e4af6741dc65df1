import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { callTimeoutMilliseconds } from '../time-left.ts';
import { ConnectionTooSlow } from './database-unavailable.ts';

/** As much of pg's pool as we use. */
export interface Pool {
  readonly options: object;
  connect(): Promise<PoolClient>;
  end(): Promise<void>;
}

export interface PoolClient {
  /** pg itself gives up waiting after `query_timeout` milliseconds; the connection then still waits for the answer of a query that nobody wants. */
  query(query: { readonly text: string; readonly values: readonly unknown[]; readonly query_timeout: number }): Promise<unknown>;
  release(destroy?: boolean): void;
}

const connectMilliseconds = 5_000;
const queryMilliseconds = 10_000; // below every function's timeout: a slow database is retried by the queue, not waited for

/** A pool whose every wait, for a connection and for each query, ends before the invocation does; one that waited in vain is not used again. `told`: why no connection came, in words. */
export function boundedPool(pool: Pool, told: (error: unknown) => unknown = (error) => error): PostgresPool {
  return {
    options: pool.options,
    async connect() {
      const client = await connectInTime(pool).catch((error: unknown) => {
        throw told(error);
      });
      return boundedClient(client);
    },
    end: () => pool.end(),
  };
}

async function connectInTime(pool: Pool): Promise<PoolClient> {
  const milliseconds = callTimeoutMilliseconds(connectMilliseconds);
  const connecting = pool.connect();
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    over.reject(new ConnectionTooSlow(`no connection to the audit database within ${Math.round(milliseconds)} ms`));
    connecting.then(
      (late) => {
        late.release();
      },
      () => undefined, // nobody waits for it any more
    );
  }, milliseconds);
  try {
    return await Promise.race([connecting, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function boundedClient(client: PoolClient): PostgresPoolClient {
  let usable = true;
  async function ask(text: string, values: readonly unknown[]): Promise<unknown> {
    const query_timeout = callTimeoutMilliseconds(queryMilliseconds);
    try {
      return await client.query({ text, values, query_timeout });
    } catch (error) {
      // The server's own refusals have a severity; after anything else nobody knows what the connection still waits for.
      usable &&= typeof error === 'object' && error !== null && 'severity' in error;
      throw error;
    }
  }
  function query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  function query(text: string | PostgresCursor<unknown>, values: readonly unknown[] = []): unknown {
    if (typeof text !== 'string') throw new TypeError('the audit database is not streamed from: no cursor is served');
    return ask(text, values);
  }
  return {
    query,
    release(destroy = false) {
      client.release(destroy || !usable);
    },
  };
}
