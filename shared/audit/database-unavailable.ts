import { valueAt } from '../kubernetes/unstructured.ts';

/** The audit database was not reached, or did not let us in: one sentence with the remedy. The same connection may succeed later. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly problem: string;
  readonly remedy: string;

  constructor(told: { readonly problem: string; readonly remedy: string }, cause: unknown) {
    super(`${told.problem}: ${told.remedy}`, { cause });
    this.problem = told.problem;
    this.remedy = told.remedy;
  }
}

/** No connection came while there was time for it. */
export class ConnectionTooSlow extends Error {
  override readonly name = 'ConnectionTooSlow';
}

/** What an address says that a sentence may repeat: no password. */
export interface DatabasePlace {
  /** Where the address stands: KUBERNAUT_DATABASE_URL_SECRET. */
  readonly variable: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly database: string;
  /** It is on this machine, so that the address may do without TLS. */
  readonly isHere: boolean;
}

/** Why no connection was made, with its remedy. Any other error stays as it is. */
export function asUnavailable(error: unknown, place: DatabasePlace): unknown {
  if (!(error instanceof Error)) return error;
  const told = sentenceOf(codeOf(error), wordsOf(error), place) ?? sentenceWithoutCode(error, place);
  return told === null ? error : new DatabaseUnavailable(told, error);
}

interface Told {
  readonly problem: string;
  readonly remedy: string;
}

const notFound = ['ENOTFOUND', 'EAI_AGAIN'];
const away = ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'];
const cutOff = ['ECONNRESET', 'EPIPE'];
const untrusted = ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'];

function sentenceOf(code: string, words: string, place: DatabasePlace): Told | null {
  const { variable, host } = place;
  const at = placeName(place);
  if (notFound.includes(code)) {
    return {
      problem: `the host ${host} of the audit database is not found (${words})`,
      remedy: `correct the host in ${variable}; a private name is known inside of its VPC only`,
    };
  }
  if (away.includes(code)) return { problem: `${at} is not reached (${words})`, remedy: waysTo(place) };
  if (cutOff.includes(code)) return cutOffAt(place, words);
  if (untrusted.includes(code)) {
    return {
      problem: `the certificate of ${at} is not trusted (${words})`,
      remedy: `set sslrootcert=<file of its authority> in the address in ${variable}; for an RDS set database.trustsAmazon in the stage`,
    };
  }
  return certificateSentence(code, words, place) ?? serverSentence(code, words, place);
}

function certificateSentence(code: string, words: string, place: DatabasePlace): Told | null {
  const at = placeName(place);
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        problem: `the certificate of ${at} is of another host (${words})`,
        remedy: `give its host in ${place.variable} by a name that the certificate holds`,
      };
    case 'CERT_HAS_EXPIRED':
      return { problem: `the certificate of ${at} has expired`, remedy: 'renew it at the server' };
    case 'ENOENT':
    case 'EACCES':
      return {
        problem: `a file that the address in ${place.variable} names cannot be read (${words})`,
        remedy: 'give sslrootcert (sslcert, sslkey) a path that exists where this runs',
      };
    default:
      return null;
  }
}

/** What PostgreSQL itself answers, by its SQLSTATE. */
function serverSentence(code: string, words: string, place: DatabasePlace): Told | null {
  const at = placeName(place);
  const { variable, user, database } = place;
  switch (code) {
    case '28P01':
      return { problem: `${at} does not take the password of user ${user} (${words})`, remedy: `put the right one into ${variable}` };
    case '28000':
      return { problem: `${at} does not let user ${user} in (${words})`, remedy: `name another user in ${variable}, or let this one in (pg_hba.conf)` };
    case '3D000':
      return { problem: `${at} has no database ${database} (${words})`, remedy: `create it, or correct the name at the end of the address in ${variable}` };
    case '53300':
      return { problem: `${at} has no connection left (${words})`, remedy: 'raise its max_connections, or end what holds them' };
    case '57P01':
    case '57P02':
    case '57P03':
      return { problem: `${at} is starting or stopping (${words})`, remedy: 'wait until it is up: nothing is lost meanwhile' };
    default:
      return null;
  }
}

/** The driver's own troubles carry no code. */
function sentenceWithoutCode(error: Error, place: DatabasePlace): Told | null {
  const words = wordsOf(error);
  if (/does not support SSL/.test(words)) return { problem: `${placeName(place)} refuses TLS`, remedy: tlsRemedy(place) };
  if (error instanceof ConnectionTooSlow || words.startsWith('timeout e'))
    return { problem: `${placeName(place)} does not answer (${words})`, remedy: waysTo(place) };
  return /^Connection terminated|establishing an SSL connection/.test(words) ? cutOffAt(place, words) : null;
}

function cutOffAt(place: DatabasePlace, words: string): Told {
  return {
    problem: `${placeName(place)} ends the connection before it answers (${words})`,
    remedy: `see that host and port in ${place.variable} are those of PostgreSQL, and what its log says`,
  };
}

function tlsRemedy({ variable, isHere }: DatabasePlace): string {
  const on = 'turn TLS on at the server (ssl = on, and a certificate)';
  return isHere
    ? `${on}, or, since it is on this machine, set sslmode=disable in the address in ${variable}`
    : `${on}: across a network it is always asked for, sslmode=disable is taken of a server on this machine only`;
}

function waysTo({ variable }: DatabasePlace): string {
  return `check host and port in ${variable}, that the server runs, and that it is reached from here (VPC, security group)`;
}

function placeName({ host, port }: DatabasePlace): string {
  return `the audit database at ${host}:${port}`;
}

/** Node tries each address of a host, and gathers what it met. */
function firstOf(error: Error): Error {
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
}

function codeOf(error: Error): string {
  const code = valueAt(firstOf(error), 'code');
  return typeof code === 'string' ? code : '';
}

/** Without the advice that Node gives to whoever started it. */
function wordsOf(error: Error): string {
  return firstOf(error).message.replace(/; if the root CA .*$/, '');
}
