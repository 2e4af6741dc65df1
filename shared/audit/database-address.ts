import { EnvironmentInvalid } from '../environment.ts';
import type { DatabasePlace } from './database-unavailable.ts';

export interface DatabaseAddress {
  readonly connectionString: string;
  /** TLS, and the server's certificate is verified. Off on this machine only. */
  readonly ssl: boolean;
  readonly place: DatabasePlace;
}

const loopback = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;
const verified = ['verify-full', 'verify-ca', 'require']; // the driver verifies for all three, and warns that the last two may mean less one day

/** What `postgres://…` says, with the one reading of its TLS that we take: across a network always, always verified. Throws EnvironmentInvalid, without the address: it holds a password. */
export function parseDatabaseAddress(text: string, variable = 'KUBERNAUT_DATABASE_URL'): DatabaseAddress {
  const url = readUrl(text, variable);
  const sslmode = url.searchParams.get('sslmode');
  const isHere = url.hostname === '' || loopback.test(url.hostname);
  const place = placeOf(url, { variable, isHere });
  if (isHere && (sslmode === null || sslmode === 'disable')) return { connectionString: text, ssl: false, place };
  if (sslmode !== null && !verified.includes(sslmode)) {
    throw new EnvironmentInvalid(
      `${variable}: sslmode=${sslmode} does not verify who the server is: leave it out or use verify-full, with sslrootcert=<file> for an authority of your own`,
    );
  }
  url.searchParams.delete('sslmode');
  return { connectionString: url.href, ssl: true, place };
}

function readUrl(text: string, variable: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new EnvironmentInvalid(`${variable}: the secret holds no address of PostgreSQL: give postgres://user:password@host:5432/database`);
  }
  // A / ? or # of a password ends what a URL takes for its host: the rest would be taken for a name that a sentence may repeat.
  if (url.hash !== '' || (url.username === '' && text.includes('@'))) {
    throw new EnvironmentInvalid(`${variable}: the address cannot be read: write / ? # @ : % of a password as %2F %3F %23 %40 %3A %25`);
  }
  return url;
}

function placeOf(url: URL, given: Pick<DatabasePlace, 'variable' | 'isHere'>): DatabasePlace {
  const user = decoded(url.username);
  return { ...given, host: url.hostname || 'localhost', port: url.port || '5432', user, database: decoded(url.pathname.slice(1)) || user };
}

/** As it stands where it is no encoding: it is only for a sentence. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
