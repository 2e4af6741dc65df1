import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Variables } from '../../../shared/function-ports.ts';
import type { DeadLetterQueueName, QueueName } from '../../../shared/queue/ports.ts';
import type { BaseClient } from '../../../shared/queue/sqs.ts';
import { OperatorFailure, UsageInvalid } from '../operator/operator-failure.ts';
import { readAges, type Ages } from './ages.ts';

export interface StageOptions {
  /** What the URLs of the queues begin with. */
  readonly queueUrlPrefix?: string;
}

/** The queues of one stage, as the AWS credentials of the shell. What AWS refuses is told as an OperatorFailure. */
export interface Stage {
  readonly client: BaseClient;
  readonly urlPrefix: string;
  urlOf(queue: QueueName | DeadLetterQueueName): string;
  /** What CloudWatch knows of them; empty where there is none beside the queues, or the user may not ask it. */
  readonly ages: () => Promise<Ages>;
}

const connectMilliseconds = 3_000;
const requestMilliseconds = 25_000; // a receive that waits for messages takes up to 20 s

/** Throws OperatorFailure where nothing says which queues are meant. */
export function openStage({ queueUrlPrefix: urlPrefix }: StageOptions, environment: Variables): Stage {
  if (urlPrefix === undefined || urlPrefix === '') {
    throw new OperatorFailure(
      'which queues? Set KUBERNAUT_QUEUE_URL_PREFIX as the functions have it, or take that of a running npm start with eval "$(npx kubernaut env)"',
    );
  }
  if (URL.parse(urlPrefix) === null)
    throw new UsageInvalid(`${urlPrefix} is no beginning of a URL: give one as https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-`);
  const endpoint = firstOf(environment, ['AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL']);
  const region = firstOf(environment, ['AWS_REGION', 'AWS_DEFAULT_REGION']) ?? regionOf(urlPrefix);
  const sqs = new SQSClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: connectMilliseconds, requestTimeout: requestMilliseconds, throwOnRequestTimeout: true },
  });
  const hasCloudWatch = endpoint === undefined || firstOf(environment, ['AWS_ENDPOINT_URL_CLOUDWATCH']) !== undefined;
  return {
    client: telling(sqs),
    urlPrefix,
    urlOf: (queue) => `${urlPrefix}${queue}`,
    ages: async () => (hasCloudWatch ? agesIn(urlPrefix, region) : new Map()),
  };
}

/** Of these variables the first that says something; an empty one says nothing. */
function firstOf(environment: Variables, names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
}

/** Best effort: the numbers themselves are SQS's. */
async function agesIn(urlPrefix: string, region: string | undefined): Promise<Ages> {
  const client = new CloudWatchClient({
    ...(region !== undefined && { region }),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: connectMilliseconds, requestTimeout: connectMilliseconds, throwOnRequestTimeout: true },
  });
  try {
    return await readAges(client, urlPrefix, Date.now());
  } catch {
    return new Map();
  } finally {
    client.destroy();
  }
}

/** The URL names its region, so that nobody has to say it twice. */
function regionOf(url: string): string | undefined {
  return /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(url)?.[1];
}

/** A client whose failures are OperatorFailures. */
export function telling(client: BaseClient): BaseClient {
  const send = async (command: Parameters<BaseClient['send']>[0], options?: Parameters<BaseClient['send']>[1]) => {
    try {
      return await client.send(command, options ?? {});
    } catch (error) {
      throw asQueueFailure(error, queueUrlIn(command));
    }
  };
  return { send: send as BaseClient['send'] };
}

function queueUrlIn({ input }: { readonly input: object }): string {
  return 'QueueUrl' in input && typeof input.QueueUrl === 'string' ? input.QueueUrl : 'the queues';
}

/** AWS does not know an operation: an emulator leaves some out. */
export class OperationUnknown extends OperatorFailure {}

const credentialsRefused = (words: string) => `AWS does not accept the credentials (${words}): log in again, or take others with AWS_PROFILE`;
const notPermitted = (words: string) => `not permitted: ${words}; ask whoever administers the account for that action`;
const noQueue = (_words: string, queue: string) => `there is no queue ${queue}: check KUBERNAUT_QUEUE_URL_PREFIX and the region, or deploy the stage first`;

/** By the name of AWS's error. */
const sentences: Readonly<Record<string, (words: string, queue: string) => string>> = {
  QueueDoesNotExist: noQueue,
  'AWS.SimpleQueueService.NonExistentQueue': noQueue,
  CredentialsProviderError: (words) => `there are no AWS credentials (${words}): log in with aws sso login, or set AWS_PROFILE`,
  AccessDenied: notPermitted,
  AccessDeniedException: notPermitted,
  ExpiredToken: credentialsRefused,
  ExpiredTokenException: credentialsRefused,
  InvalidClientTokenId: credentialsRefused,
  UnrecognizedClientException: credentialsRefused,
  SignatureDoesNotMatch: credentialsRefused,
};
const unknownOperations = ['InvalidAction', 'UnknownOperationException', 'UnsupportedOperation', 'AWS.SimpleQueueService.UnsupportedOperation'];

/** What AWS or the way to it refused, as one sentence with the remedy. */
function asQueueFailure(error: unknown, queue: string): Error {
  if (!(error instanceof Error)) return new OperatorFailure(String(error));
  const words = error.message === '' ? error.name : error.message;
  if (unknownOperations.includes(error.name)) return new OperationUnknown(words, { cause: error });
  const unreached = `${queue} is not reached (${words}): check the region and AWS_ENDPOINT_URL_SQS, and that its server runs`;
  return new OperatorFailure(sentences[error.name]?.(words, queue) ?? unreached, { cause: error });
}
