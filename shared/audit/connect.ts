import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { Environment } from '../environment.ts';
import { readSecret } from '../secrets.ts';
import { parseDatabaseAddress } from './database-address.ts';
import { boundedPool } from './bounded-pool.ts';
import { asUnavailable } from './database-unavailable.ts';
import type { Database } from './tables.ts';

const connectionsMax = 2; // one function instance handles one batch at a time
const connectMilliseconds = 5_000;
const statementMilliseconds = 10_000; // the server's own bound on what nobody waits for any more

/**
 * PostgreSQL as the environment names it, across a network by verified TLS. Nothing is connected yet: a connection that cannot be made throws DatabaseUnavailable from whatever
 * wanted it. The address holds a password, so it never appears in an error of ours. Throws EnvironmentInvalid or SecretUnreadable.
 */
export async function connectDatabase(environment: Environment): Promise<Kysely<Database>> {
  const { connectionString, ssl, place } = parseDatabaseAddress(await readSecret('KUBERNAUT_DATABASE_URL', environment), variableOf(environment));
  const pool = new Pool({
    connectionString,
    ssl,
    max: connectionsMax,
    connectionTimeoutMillis: connectMilliseconds,
    statement_timeout: statementMilliseconds,
    idleTimeoutMillis: 30_000,
  });
  // The server may end a connection that nobody uses: the pool forgets it, and without a listener Node would end the function.
  pool.on('error', () => undefined);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: boundedPool(pool, (error) => asUnavailable(error, place)) }) });
}

function variableOf(environment: Environment): string {
  const names = ['KUBERNAUT_DATABASE_URL_FILE', 'KUBERNAUT_DATABASE_URL_PARAMETER', 'KUBERNAUT_DATABASE_URL_SECRET'] as const;
  return names.find((name) => environment[name] !== undefined) ?? 'KUBERNAUT_DATABASE_URL';
}
