import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvironmentInvalid } from '../../shared/environment.ts';
import { migrateDatabase } from './migrate.ts';
import { OperatorFailure } from './operator/operator-failure.ts';

let directory: string;
const file = async (name: string, text: string) => {
  await writeFile(join(directory, name), text);
  return join(directory, name);
};
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-migrate-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const migrated = (databaseUrlFile: string | undefined, variables = {}) =>
  migrateDatabase(databaseUrlFile === undefined ? {} : { databaseUrlFile }, variables, () => undefined);

describe('migrating the audit database', () => {
  it('says what to look at where nobody answers, and keeps the password to itself', async () => {
    const failed = migrated(await file('away', 'postgres://somebody:hunter2@127.0.0.1:1/audit\n'));
    await expect(failed).rejects.toThrow(OperatorFailure);
    await expect(failed).rejects.toThrow(
      /^the audit database at 127\.0\.0\.1:1 is not reached \(connect ECONNREFUSED 127\.0\.0\.1:1\): check host and port in KUBERNAUT_DATABASE_URL_FILE/,
    );
    await expect(failed).rejects.not.toThrow(/hunter2/);
  });

  it.each<[sentence: string, name: string, text: string, words: RegExp]>([
    ['a secret that holds no address', 'none', 'hunter2', /give postgres:\/\/user:password@host:5432\/database/],
    ['TLS that verifies nobody', 'unverified', 'postgres://u:hunter2@db.example/k?sslmode=no-verify', /does not verify who the server is/],
  ])('refuses %s', async (_sentence, name, text, words) => {
    const failed = migrated(await file(name, text));
    await expect(failed).rejects.toThrow(EnvironmentInvalid);
    await expect(failed).rejects.toThrow(words);
    await expect(failed).rejects.not.toThrow(/hunter2/);
  });

  it('says which variables name the database where nobody does', async () => {
    await expect(migrated(undefined)).rejects.toThrow(
      /set exactly one of KUBERNAUT_DATABASE_URL_SECRET, KUBERNAUT_DATABASE_URL_PARAMETER, KUBERNAUT_DATABASE_URL_FILE/,
    );
    await expect(migrated(join(directory, 'missing'))).rejects.toThrow(/missing cannot be read/);
  });
});
