import { valueAt } from './kubernetes/unstructured.ts';

/** Why AWS did not do what it was asked, as far as what to do about it differs. */
export const AwsTrouble = [
  'no credentials',
  'credentials refused',
  'clock',
  'no region',
  'no such region',
  'denied',
  'absent',
  'busy',
  'unreached',
  'stranger',
  'other',
] as const;
export type AwsTrouble = (typeof AwsTrouble)[number];

export interface AwsFailure {
  readonly trouble: AwsTrouble;
  /** What AWS or the way to it said, fit for a sentence. */
  readonly words: string;
}

/** Reads an error of the AWS SDK, or one that was made of it. Total. */
export function awsFailureOf(error: unknown): AwsFailure {
  const root = rootOf(error);
  if (root === null) return { trouble: 'other', words: String(error) };
  return { trouble: troubleOf(root), words: wordsOf(root) };
}

/** What only who asks knows. */
export interface OwnRemedies {
  readonly denied: string;
  readonly absent: string;
  readonly unreached: string;
  readonly other: string;
}

/** What to do about it: "set …". */
export function awsRemedy(trouble: AwsTrouble, own: OwnRemedies): string {
  switch (trouble) {
    case 'no credentials':
      return 'give the function a role, or log in with aws sso login or set AWS_PROFILE';
    case 'credentials refused':
      return 'log in again, or take other credentials with AWS_PROFILE';
    case 'clock':
      return 'let an NTP client set the clock of this machine';
    case 'no region':
    case 'no such region':
      return 'set AWS_REGION, as AWS_REGION=eu-central-1';
    case 'busy':
      return 'try again in a moment';
    case 'stranger':
    case 'other':
      return own.other;
    case 'denied':
    case 'absent':
    case 'unreached':
      return own[trouble];
  }
}

const troubles: Readonly<Record<string, AwsTrouble>> = {
  CredentialsProviderError: 'no credentials',
  ExpiredToken: 'credentials refused',
  ExpiredTokenException: 'credentials refused',
  InvalidClientTokenId: 'credentials refused',
  UnrecognizedClientException: 'credentials refused',
  SignatureDoesNotMatch: 'credentials refused',
  InvalidSignatureException: 'credentials refused',
  OptInRequired: 'credentials refused',
  RequestExpired: 'clock',
  RequestTimeTooSkewed: 'clock',
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  KmsAccessDenied: 'denied',
  'AWS.SimpleQueueService.KmsAccessDenied': 'denied',
  QueueDoesNotExist: 'absent',
  'AWS.SimpleQueueService.NonExistentQueue': 'absent',
  InvalidAddress: 'absent',
  ResourceNotFoundException: 'absent',
  ParameterNotFound: 'absent',
  TimeoutError: 'unreached',
  AbortError: 'unreached',
  SyntaxError: 'stranger',
};
const unreachedCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNRESET', 'EPIPE', 'EPROTO'];
const busyNames = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/;
const clockWords = /Signature expired|not yet current|must be within|too skewed/i;
const tooManyRequests = 429;
const serverErrorsFrom = 500;

function troubleOf(error: Error): AwsTrouble {
  const { message } = error;
  if (message.includes('Region is missing')) return 'no region';
  if (message.includes('Region not accepted')) return 'no such region';
  const named = awsTroubleNamed(error.name, message);
  if (named !== null) return named;
  const code = valueAt(error, 'code');
  if (typeof code === 'string' && (unreachedCodes.includes(code) || code.includes('CERT') || code.startsWith('ERR_TLS'))) return 'unreached';
  return isBusy(error) ? 'busy' : 'other';
}

/** By the name of AWS's error, as a header or a body has it; null for one that says nothing to us. */
export function awsTroubleNamed(name: string, message: string): AwsTrouble | null {
  return clockWords.test(message) ? 'clock' : (troubles[name] ?? null);
}

function isBusy(error: Error): boolean {
  const status = Number(valueAt(error, '$metadata', 'httpStatusCode'));
  return busyNames.test(error.name) || status === tooManyRequests || status >= serverErrorsFrom;
}

const causesMax = 5;

/** The SDK's own error lies under those of the libraries above it, which carry its message and not its name. */
function rootOf(error: unknown): Error | null {
  let current = error;
  for (let depth = 0; depth < causesMax; depth += 1) {
    if (!(current instanceof Error)) return null;
    const below = current instanceof AggregateError ? current.errors[0] : isWrapped(current) ? current.cause : undefined;
    if (!(below instanceof Error)) return current;
    current = below;
  }
  return current instanceof Error ? current : null;
}

function isWrapped({ name }: Error): boolean {
  return troubles[name] === undefined;
}

/** Without what the SDK says to programmers. */
function wordsOf({ name, message }: Error): string {
  const words = message
    .replace(/^@smithy\/node-http-handler - (\[ERROR\] )?/, '')
    .replace(/the request socket did not establish a connection with the server within the configured timeout of (\d+) ms\.?/, 'no connection within $1 ms')
    .replace(/a request has exceeded the configured (\d+) ms requestTimeout\.?/, 'no answer within $1 ms')
    .replace(/\s*Deserialization error: .*$/s, '')
    .replace(/; if the root CA .*$/, '')
    .replace(/\s+/g, ' ')
    .replace(/\.$/, '')
    .trim();
  return words === '' || words === 'UnknownError' ? name : words;
}
