import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Variables } from '../../../shared/function-ports.ts';
import type { DeadLetterQueueName, QueueName } from '../../../shared/queue/ports.ts';
import type { BaseClient } from '../../../shared/queue/sqs.ts';
import { regionIn, sqsAddress } from '../../../shared/queue/sqs-address.ts';
import { OperatorFailure, UsageInvalid } from '../operator/operator-failure.ts';
import { readAges, type Ages } from './ages.ts';
import { asQueueFailure, whereaboutsOf, type Whereabouts } from './queue-failure.ts';

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
const requestMilliseconds = 5_000; // our longest call, a receive, waits for messages for 1 s; three attempts end before doctor gives up

/** Throws OperatorFailure where nothing says which queues are meant. */
export function openStage({ queueUrlPrefix: urlPrefix }: StageOptions, environment: Variables): Stage {
  if (urlPrefix === undefined || urlPrefix === '') {
    throw new OperatorFailure(
      'which queues? Set KUBERNAUT_QUEUE_URL_PREFIX as the functions have it, or take that of a running npm start with eval "$(npx kubernaut env)"',
    );
  }
  if (!/^https?:$/.test(URL.parse(urlPrefix)?.protocol ?? ''))
    throw new UsageInvalid(`${urlPrefix} is no beginning of a URL: give one as https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-`);
  const where = whereaboutsOf(urlPrefix, environment);
  const address = sqsAddress(urlPrefix, { region: firstOf(environment, ['AWS_REGION', 'AWS_DEFAULT_REGION']), endpoint: where.endpoint?.url });
  const sqs = new SQSClient({
    ...address,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: connectMilliseconds, requestTimeout: requestMilliseconds, throwOnRequestTimeout: true },
  });
  const hasCloudWatch = (where.endpoint === null && regionIn(urlPrefix) !== undefined) || firstOf(environment, ['AWS_ENDPOINT_URL_CLOUDWATCH']) !== undefined;
  return {
    client: telling(sqs, where),
    urlPrefix,
    urlOf: (queue) => `${urlPrefix}${queue}`,
    ages: async () => (hasCloudWatch ? agesIn(urlPrefix, address.region) : new Map()),
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

/** A client whose failures are OperatorFailures. */
export function telling(client: BaseClient, where: Whereabouts): BaseClient {
  const send = async (command: Parameters<BaseClient['send']>[0], options?: Parameters<BaseClient['send']>[1]) => {
    try {
      return await client.send(command, options ?? {});
    } catch (error) {
      throw asQueueFailure(error, queueUrlIn(command) ?? where.urlPrefix, where);
    }
  };
  return { send: send as BaseClient['send'] };
}

function queueUrlIn({ input }: { readonly input: object }): string | null {
  return 'QueueUrl' in input && typeof input.QueueUrl === 'string' ? input.QueueUrl : null;
}
