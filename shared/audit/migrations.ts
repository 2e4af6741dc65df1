import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { valueAt } from '../kubernetes/unstructured.ts';
import { DatabaseUnavailable } from './database-unavailable.ts';
import type { Database } from './tables.ts';

/** By name, in order; a migration that was released is never edited. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-audit': {
    async up(database) {
      await sql`create table audit_event (
        id uuid primary key,
        time timestamptz not null,
        received_at timestamptz not null default now(),
        cluster text not null,
        correlation_id text not null,
        request_name text not null,
        kind text not null,
        namespace text not null,
        name text not null,
        uid text not null,
        type text not null,
        actor_kind text not null,
        actor_name text not null,
        phase_from text not null,
        phase_to text not null,
        reason text not null,
        message text not null,
        payload jsonb,
        resource_version text not null,
        traceparent text
      )`.execute(database);
      await sql`create index audit_event_correlation on audit_event (correlation_id, time)`.execute(database);
      await sql`create index audit_event_type on audit_event (type, time)`.execute(database);
      await sql`create table action_outcome (
        execution_uid text primary key,
        request_uid text not null,
        action text not null,
        category text not null,
        cluster text not null,
        namespace text not null,
        target_kind text not null,
        target_name text not null,
        environment text not null,
        success boolean not null,
        outcome text,
        reason text not null,
        duration_ms integer,
        finished_at timestamptz not null,
        rolled_back boolean not null default false
      )`.execute(database);
      await sql`create index action_outcome_action on action_outcome (action, target_kind, target_name, finished_at)`.execute(database);
      await sql`create index action_outcome_category on action_outcome (category, environment, finished_at)`.execute(database);
    },
  },
};

/**
 * Brings the tables up to date and answers which migrations that took; concurrent callers wait for each other. Throws DatabaseUnavailable where it came to no migration, else
 * MigrationFailed with the database's own words.
 */
export async function migrate(database: Kysely<Database>): Promise<readonly string[]> {
  const { error, results } = await migratorOf(database).migrateToLatest();
  if (error === undefined) return (results ?? []).map(({ migrationName }) => migrationName);
  if (error instanceof DatabaseUnavailable) throw error;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'before the first';
  throw new MigrationFailed(`migrating the audit database: ${failed}: ${error instanceof Error ? error.message : 'no error was given'}: ${remedyOf(error)}`, {
    cause: error,
  });
}

/** The database was reached, and its tables could not be made; the message ends in the remedy. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed';
}

const insufficientPrivilege = '42501';

function remedyOf(error: unknown): string {
  return valueAt(error, 'code') === insufficientPrivilege
    ? 'let its user create tables (grant create on the schema), or run npx kubernaut migrate as one who may'
    : 'try again, and see what the log of the database says';
}

export interface MigrationState {
  /** Known here, and not yet made there. */
  readonly pending: readonly string[];
  /** Made there by a version that knows more. */
  readonly unknown: readonly string[];
}

/** How far the database is; changes nothing. */
export async function migrationState(database: Kysely<Database>): Promise<MigrationState> {
  const known = await migratorOf(database).getMigrations();
  const pending = known.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
  if (pending.length === known.length) return { pending, unknown: [] };
  const { rows } = await sql<{ readonly name: string }>`select name from kysely_migration order by name`.execute(database);
  return { pending, unknown: rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name)) };
}

function migratorOf(database: Kysely<Database>): Migrator {
  return new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
}
