import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { Environment } from '../environment.ts';
import { readSecret } from '../secrets.ts';
import { parseDatabaseAddress } from './database-address.ts';
import { boundedPool } from './bounded-pool.ts';
import type { Database } from './tables.ts';

const connectionsMax = 2; // one function instance handles one batch at a time
const connectMilliseconds = 5_000;
const statementMilliseconds = 10_000; // the server's own bound on what nobody waits for any more

/** PostgreSQL as the environment names it, across a network by verified TLS. The address holds a password, so it never appears in an error of ours. */
export async function connectDatabase(environment: Environment): Promise<Kysely<Database>> {
  const { connectionString, ssl } = parseDatabaseAddress(await readSecret('KUBERNAUT_DATABASE_URL', environment));
  const pool = new Pool({
    connectionString,
    ssl,
    max: connectionsMax,
    connectionTimeoutMillis: connectMilliseconds,
    statement_timeout: statementMilliseconds,
    idleTimeoutMillis: 30_000,
  });
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: boundedPool(pool) }) });
}
