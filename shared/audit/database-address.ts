import { EnvironmentInvalid } from '../environment.ts';

export interface DatabaseAddress {
  readonly connectionString: string;
  /** TLS, and the server's certificate is verified. Off on this machine only. */
  readonly ssl: boolean;
}

const loopback = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;
const verified = ['verify-full', 'verify-ca', 'require']; // the driver verifies for all three, and warns that the last two may mean less one day

/** What `postgres://…` says, with the one reading of its TLS that we take: across a network always, always verified. Throws EnvironmentInvalid, without the address: it holds a password. */
export function parseDatabaseAddress(text: string): DatabaseAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new EnvironmentInvalid('KUBERNAUT_DATABASE_URL: the secret holds no address of PostgreSQL: give postgres://user:password@host:5432/database');
  }
  const sslmode = url.searchParams.get('sslmode');
  const isHere = url.hostname === '' || loopback.test(url.hostname);
  if (isHere && (sslmode === null || sslmode === 'disable')) return { connectionString: text, ssl: false };
  if (sslmode !== null && !verified.includes(sslmode)) {
    throw new EnvironmentInvalid(
      `KUBERNAUT_DATABASE_URL: sslmode=${sslmode} does not verify who the server is: leave it out or use verify-full, with sslrootcert=<file> for an authority of your own`,
    );
  }
  url.searchParams.delete('sslmode');
  return { connectionString: url.href, ssl: true };
}
