import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { migrate } from '../../../shared/audit/migrations.ts';
import type { Database } from '../../../shared/audit/tables.ts';

/** PostgreSQL in this process, in memory unless a directory is given, its tables up to date. `destroy()` ends it. */
export async function embeddedDatabase(directory?: string): Promise<Kysely<Database>> {
  const pglite = directory === undefined ? new PGlite() : new PGlite(directory);
  const database = new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) });
  await migrate(database);
  return database;
}
