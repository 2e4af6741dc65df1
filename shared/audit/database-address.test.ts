import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { parseDatabaseAddress } from './database-address.ts';

describe('the address of the database', () => {
  it.each<[sentence: string, address: string, ssl: boolean, connectionString: string]>([
    ['across a network is TLS, asked for or not', 'postgres://u:p@db.example/kubernaut', true, 'postgres://u:p@db.example/kubernaut'],
    ['verified in full', 'postgresql://u:p@db.example/k?sslmode=verify-full', true, 'postgresql://u:p@db.example/k'],
    [
      'required, which the driver would verify with a warning',
      'postgres://u:p@db.example/k?sslmode=require&connect_timeout=3',
      true,
      'postgres://u:p@db.example/k?connect_timeout=3',
    ],
    ['on this machine without', 'postgres://u:p@127.0.0.1:5432/k', false, 'postgres://u:p@127.0.0.1:5432/k'],
    ['on this machine, where asked for', 'postgres://u:p@localhost/k?sslmode=verify-full', true, 'postgres://u:p@localhost/k'],
  ])('%s', (_sentence, address, ssl, connectionString) => {
    expect(parseDatabaseAddress(address)).toMatchObject({ ssl, connectionString });
  });

  it('is what the driver takes: it verifies, with the authorities of the machine', () => {
    const { connectionString, ssl } = parseDatabaseAddress('postgres://u:p@db.example/k?sslmode=require');
    const client = new pg.Client({ connectionString, ssl });
    expect(client).toMatchObject({ host: 'db.example', connectionParameters: { ssl: true } });
  });

  it.each(['disable', 'allow', 'prefer', 'no-verify'])('that does not verify is refused: sslmode=%s', (sslmode) => {
    expect(() => parseDatabaseAddress(`postgres://u:secret@db.example/k?sslmode=${sslmode}`)).toThrow(
      `sslmode=${sslmode} does not verify who the server is: leave it out or use verify-full`,
    );
  });

  it.each(['1234/secret', '1234?secret', '1234#secret'])('that a password cuts short is refused without being repeated: %s', (password) => {
    const parsed = () => parseDatabaseAddress(`postgres://u:${password}@db.example/k`, 'KUBERNAUT_DATABASE_URL_SECRET');
    expect(parsed).toThrow('KUBERNAUT_DATABASE_URL_SECRET: the address cannot be read: write / ? # @ : % of a password as %2F');
    expect(parsed).not.toThrow(/1234|secret@/);
  });

  it('says of itself what a sentence may repeat', () => {
    expect(parseDatabaseAddress('postgres://u%40x:p@db.example/k?sslmode=require', 'KUBERNAUT_DATABASE_URL_FILE').place).toEqual({
      variable: 'KUBERNAUT_DATABASE_URL_FILE',
      host: 'db.example',
      port: '5432',
      user: 'u@x',
      database: 'k',
      isHere: false,
    });
  });

  it.each(['', 'db.example', 'mysql://u:secret@db.example/k', '{"username":"u","password":"secret"}'])(
    'that is none is refused without being repeated: %s',
    (address) => {
      let told = '';
      try {
        parseDatabaseAddress(address);
      } catch (error) {
        told = String(error);
      }
      expect(told).toContain('give postgres://user:password@host:5432/database');
      expect(told).not.toContain('secret@');
      expect(told).not.toContain('"secret"');
    },
  );
});
