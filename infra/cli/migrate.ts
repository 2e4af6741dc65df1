import { connectDatabase } from '../../shared/audit/connect.ts';
import { migrate } from '../../shared/audit/migrations.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import type { Variables } from '../../shared/function-ports.ts';
import { OperatorFailure } from './operator/operator-failure.ts';

export interface MigrateOptions {
  /** Absent: as the variables of the functions name the database. */
  readonly databaseUrlFile?: string;
}

const unusedQueues = 'https://none.invalid/'; // the schema of the functions wants one

/** Brings the tables of the audit database up to date. audit-writer does it by itself when it starts; this is for who wants it done before, or as another user. Throws OperatorFailure, EnvironmentInvalid, SecretUnreadable. */
export async function migrateDatabase({ databaseUrlFile }: MigrateOptions, variables: Variables, print: (line: string) => void): Promise<void> {
  const given = databaseUrlFile === undefined ? variables : { KUBERNAUT_DATABASE_URL_FILE: databaseUrlFile };
  const database = await connectDatabase(parseEnvironment({ ...given, KUBERNAUT_QUEUE_URL_PREFIX: unusedQueues }, ['database']));
  try {
    const applied = await migrate(database);
    print(applied.length === 0 ? 'the audit database is up to date' : `the audit database is up to date: ${applied.join(', ')}`);
  } catch (cause) {
    throw new OperatorFailure(cause instanceof Error ? cause.message : String(cause), { cause });
  } finally {
    await database.destroy();
  }
}
