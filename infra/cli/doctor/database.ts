import { sql, type Kysely } from 'kysely';
import { DatabaseUnavailable } from '../../../shared/audit/database-unavailable.ts';
import { migrationState } from '../../../shared/audit/migrations.ts';
import type { Database } from '../../../shared/audit/tables.ts';
import { EnvironmentInvalid } from '../../../shared/environment.ts';
import { SecretUnreadable } from '../../../shared/secret-unreadable.ts';
import { fail, ok, warn, type Verdict } from './finding.ts';
import type { Check } from './patient.ts';

/** Where the audit goes. While it is away rows wait in their queue for eight hours. */
export const databaseCheck: Check = {
  name: 'database',
  async look({ openDatabase, local }) {
    if (openDatabase === null && local !== null) return [ok('PostgreSQL inside of npm start, brought up to date when it started')];
    if (openDatabase === null) return [warn('not looked at', 'set KUBERNAUT_DATABASE_URL_FILE, …_SECRET or …_PARAMETER as audit-writer has it')];
    let database: Kysely<Database>;
    try {
      database = await openDatabase();
      await sql`select 1`.execute(database);
    } catch (error) {
      return [closedVerdict(error)];
    }
    try {
      return [await versionOf(database), ...(await openVerdict(database))];
    } finally {
      await database.destroy();
    }
  },
};

/** What names its own remedy is not given another. */
function closedVerdict(error: unknown): Verdict {
  if (error instanceof DatabaseUnavailable) return fail(error.problem, error.remedy);
  if (error instanceof SecretUnreadable || error instanceof EnvironmentInvalid) return fail(error.message, '');
  const words = error instanceof Error ? error.message : String(error);
  return fail(`does not answer (${words})`, 'is the address right, and is it reached from here? The functions may stand nearer');
}

async function versionOf(database: Kysely<Database>): Promise<Verdict> {
  const { pending, unknown } = await migrationState(database);
  if (pending.length > 0) return warn(`lacks ${pending.join(', ')}`, 'npx kubernaut migrate brings it up to date, as a user who may create tables');
  if (unknown.length > 0) return warn(`is of a later version, which made ${unknown.join(', ')}`, 'look with the version of the product that is deployed');
  return ok('up to date');
}

async function openVerdict(database: Kysely<Database>): Promise<readonly Verdict[]> {
  const { rows } = await sql<{ readonly ssl: boolean | null }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(database);
  const isLocal = await isOnSocketOrLoopback(database);
  return rows[0]?.ssl === true || isLocal ? [] : [warn('is reached without TLS', 'end its URL in ?sslmode=verify-full')];
}

async function isOnSocketOrLoopback(database: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql<{
    readonly near: boolean;
  }>`select coalesce(inet_client_addr() <<= '127.0.0.0/8' or inet_client_addr() = '::1', true) as near`.execute(database);
  return rows[0]?.near === true;
}
