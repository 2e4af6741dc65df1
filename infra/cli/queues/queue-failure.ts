import { awsFailureOf, type AwsFailure } from '../../../shared/aws-failure.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import { regionIn } from '../../../shared/queue/sqs-address.ts';
import { OperatorFailure } from '../operator/operator-failure.ts';

/** How the queues were looked for: what a remedy may have to name. */
export interface Whereabouts {
  readonly urlPrefix: string;
  /** Null: the URL itself says where. */
  readonly endpoint: { readonly variable: string; readonly url: string } | null;
  readonly profile: string | null;
}

/** AWS does not know an operation: an emulator leaves some out. */
export class OperationUnknown extends OperatorFailure {}

/** There is no such queue, whatever becomes of the others. */
export class QueueMissing extends OperatorFailure {}

/** What AWS said of one queue and would say of each: `kind` is the same for the like. */
export class QueueRefused extends OperatorFailure {
  readonly kind: string;

  constructor(message: string, kind: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

const unknownOperations = ['InvalidAction', 'UnknownOperationException', 'UnsupportedOperation', 'AWS.SimpleQueueService.UnsupportedOperation'];

/** What AWS or the way to it refused, as one sentence with the remedy. */
export function asQueueFailure(error: unknown, queue: string, where: Whereabouts): OperatorFailure {
  const failure = awsFailureOf(error);
  if (error instanceof Error && unknownOperations.includes(error.name)) return new OperationUnknown(failure.words, { cause: error });
  if (failure.trouble === 'absent') return new QueueMissing(`there is no queue ${queue}: ${missingRemedy}`, { cause: error });
  return new QueueRefused(sentenceOf(failure, queue, where), failure.trouble, error);
}

export const missingRemedy = 'check KUBERNAUT_QUEUE_URL_PREFIX (its region, account and stage), or deploy the stage first';

/** Pure. */
function sentenceOf({ trouble, words }: AwsFailure, queue: string, where: Whereabouts): string {
  switch (trouble) {
    case 'no credentials':
      return noCredentials(words, where);
    case 'credentials refused':
      return `AWS does not accept the credentials (${words}): log in again, or take others with AWS_PROFILE`;
    case 'clock':
      return `AWS does not accept the time of this machine (${words}): let an NTP client set its clock`;
    case 'no region':
      return `no AWS region is set, and ${where.urlPrefix} names none: set AWS_REGION, as AWS_REGION=eu-central-1`;
    case 'no such region':
      return `the AWS region cannot be one (${words}): set AWS_REGION to the name of a region, as eu-central-1`;
    case 'denied':
      return `not permitted: ${words}; ask whoever administers the account for that action`;
    case 'busy':
      return `SQS has no time for ${queue} (${words}): try again in a moment`;
    case 'unreached':
      return unreached(words, queue, where);
    case 'stranger':
      return `${queue} is answered by something that is not SQS (${words}): ${addressRemedy(where)}`;
    case 'absent':
    case 'other':
      return `SQS refuses to look at ${queue} (${words}): ${addressRemedy(where)}`;
  }
}

function noCredentials(words: string, { profile }: Whereabouts): string {
  return profile === null
    ? `there are no AWS credentials (${words}): log in with aws sso login, or set AWS_PROFILE`
    : `the AWS profile ${profile} has no credentials (${words}): log in with aws sso login --profile ${profile}, or set AWS_PROFILE to another`;
}

function unreached(words: string, queue: string, where: Whereabouts): string {
  if (where.endpoint !== null) return `${queue} is not reached (${words}) at ${where.endpoint.url}: ${addressRemedy(where)}`;
  if (regionIn(where.urlPrefix) !== undefined) return `${queue} is not reached (${words}): ${addressRemedy(where)}`;
  return `${where.urlPrefix} is no host of AWS, and is not reached (${words}): ${addressRemedy(where)}`;
}

function addressRemedy({ urlPrefix, endpoint }: Whereabouts): string {
  if (endpoint !== null) return `check ${endpoint.variable}, and that its server runs`;
  if (regionIn(urlPrefix) !== undefined) return 'check the region in KUBERNAUT_QUEUE_URL_PREFIX, and that this machine reaches AWS';
  return 'correct KUBERNAUT_QUEUE_URL_PREFIX, or set AWS_ENDPOINT_URL_SQS to where these queues are';
}

const endpointVariables = ['AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL'];

/** Throws OperatorFailure for an endpoint that is no URL. */
export function whereaboutsOf(urlPrefix: string, environment: Variables): Whereabouts {
  const variable = endpointVariables.find((name) => (environment[name] ?? '') !== '');
  const profile = environment['AWS_PROFILE'] ?? '';
  return { urlPrefix, endpoint: variable === undefined ? null : endpointOf(variable, environment[variable] ?? ''), profile: profile === '' ? null : profile };
}

function endpointOf(variable: string, url: string): { readonly variable: string; readonly url: string } {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return { variable, url };
  throw new OperatorFailure(`${variable} is ${url}, which is no http or https URL: give one as http://127.0.0.1:4566`);
}
