import { describe, expect, it } from 'vitest';
import { asUnavailable, ConnectionTooSlow, DatabaseUnavailable, type DatabasePlace } from './database-unavailable.ts';

const far: DatabasePlace = {
  variable: 'KUBERNAUT_DATABASE_URL_SECRET',
  host: 'db.example',
  port: '5432',
  user: 'kubernaut',
  database: 'audit',
  isHere: false,
};
const withCode = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('a connection that cannot be made is told with its remedy', () => {
  it.each<[sentence: string, error: Error, place: DatabasePlace, message: string]>([
    [
      'the server refuses TLS',
      new Error('The server does not support SSL connections'),
      far,
      'the audit database at db.example:5432 refuses TLS: turn TLS on at the server (ssl = on, and a certificate): across a network it is always asked for, sslmode=disable is taken of a server on this machine only',
    ],
    [
      'a server on this machine refuses TLS',
      new Error('The server does not support SSL connections'),
      { ...far, host: '127.0.0.1', isHere: true },
      'the audit database at 127.0.0.1:5432 refuses TLS: turn TLS on at the server (ssl = on, and a certificate), or, since it is on this machine, set sslmode=disable in the address in KUBERNAUT_DATABASE_URL_SECRET',
    ],
    [
      'its certificate is not trusted',
      withCode('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca'),
      far,
      'the certificate of the audit database at db.example:5432 is not trusted (self-signed certificate): set sslrootcert=<file of its authority> in the address in KUBERNAUT_DATABASE_URL_SECRET; for an RDS set database.trustsAmazon in the stage',
    ],
    [
      'its certificate is of another host',
      withCode('ERR_TLS_CERT_ALTNAME_INVALID', 'Host: db.example. is not in the cert'),
      far,
      'the certificate of the audit database at db.example:5432 is of another host (Host: db.example. is not in the cert): give its host in KUBERNAUT_DATABASE_URL_SECRET by a name that the certificate holds',
    ],
    [
      'its certificate has expired',
      withCode('CERT_HAS_EXPIRED', 'certificate has expired'),
      far,
      'the certificate of the audit database at db.example:5432 has expired: renew it at the server',
    ],
    [
      'the user may not connect',
      withCode('28000', 'no pg_hba.conf entry'),
      far,
      'the audit database at db.example:5432 does not let user kubernaut in (no pg_hba.conf entry): name another user in KUBERNAUT_DATABASE_URL_SECRET, or let this one in (pg_hba.conf)',
    ],
    [
      'every connection is taken',
      withCode('53300', 'sorry, too many clients already'),
      far,
      'the audit database at db.example:5432 has no connection left (sorry, too many clients already): raise its max_connections, or end what holds them',
    ],
    [
      'it starts',
      withCode('57P03', 'the database system is starting up'),
      far,
      'the audit database at db.example:5432 is starting or stopping (the database system is starting up): wait until it is up: nothing is lost meanwhile',
    ],
    [
      'a certificate authority is in no file',
      withCode('ENOENT', "ENOENT: no such file or directory, open '/ca.pem'"),
      far,
      "a file that the address in KUBERNAUT_DATABASE_URL_SECRET names cannot be read (ENOENT: no such file or directory, open '/ca.pem'): give sslrootcert (sslcert, sslkey) a path that exists where this runs",
    ],
    [
      'its host is not found',
      withCode('EAI_AGAIN', 'getaddrinfo EAI_AGAIN db.example'),
      far,
      'the host db.example of the audit database is not found (getaddrinfo EAI_AGAIN db.example): correct the host in KUBERNAUT_DATABASE_URL_SECRET; a private name is known inside of its VPC only',
    ],
    [
      'none of its addresses is reached',
      new AggregateError([withCode('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432'), withCode('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432')]),
      far,
      'the audit database at db.example:5432 is not reached (connect ECONNREFUSED ::1:5432): check host and port in KUBERNAUT_DATABASE_URL_SECRET, that the server runs, and that it is reached from here (VPC, security group)',
    ],
    [
      'it does not answer',
      new ConnectionTooSlow('no connection within 5000 ms'),
      far,
      'the audit database at db.example:5432 does not answer (no connection within 5000 ms): check host and port in KUBERNAUT_DATABASE_URL_SECRET, that the server runs, and that it is reached from here (VPC, security group)',
    ],
    [
      'something else listens there',
      new Error('Connection terminated unexpectedly'),
      far,
      'the audit database at db.example:5432 ends the connection before it answers (Connection terminated unexpectedly): see that host and port in KUBERNAUT_DATABASE_URL_SECRET are those of PostgreSQL, and what its log says',
    ],
  ])('%s', (_sentence, error, place, message) => {
    const told = asUnavailable(error, place);
    expect(told).toBeInstanceOf(DatabaseUnavailable);
    expect(told).toMatchObject({ message, cause: error });
  });

  it.each([new Error('a bug'), withCode('42P01', 'relation "x" does not exist'), 'no error'])('leaves anything else as it is', (error) => {
    expect(asUnavailable(error, far)).toBe(error);
  });
});
