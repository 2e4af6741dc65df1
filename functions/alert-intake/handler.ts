import type { Clock } from '../../shared/clock.ts';
import { parseEnvironment, type Environment } from '../../shared/environment.ts';
import { connectCluster } from '../../shared/kubernetes/connect.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import { alertMessageBytesMax } from '../../shared/queue/alert-message.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { connectQueues } from '../../shared/queue/sqs.ts';
import { createQueueHandler, type QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { systemClock } from '../../shared/system-clock.ts';
import { createLogger, type Logger } from '../../shared/telemetry/logger.ts';
import { createMetrics, type Metrics } from '../../shared/telemetry/metrics.ts';
import { bodySchema } from './body.ts';
import { takeFiring, takeResolved, type IntakePorts } from './intake.ts';
import type { Arrival } from './rows.ts';

export interface Ports {
  readonly cluster: Cluster;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
}

const receivesMax = 100; // serverless.yml: nothing else remembers an alert

export async function compose(variables: Readonly<Record<string, string | undefined>>, ports: Partial<Ports> = {}): Promise<QueueHandler> {
  const environment = parseEnvironment(variables, ports.cluster === undefined ? ['cluster'] : []);
  const cluster = ports.cluster ?? (await connectCluster(environment));
  const queues = ports.queues ?? connectQueues(environment);
  const clock = ports.clock ?? systemClock;
  const intakePorts: IntakePorts = {
    cluster,
    record: (rows) =>
      queues.send(
        'audit',
        rows.map((row) => ({ body: row })),
      ),
  };
  return createQueueHandler({
    queue: 'alerts',
    queues,
    clock,
    logger: ports.logger ?? createLogger('alert-intake', environment.KUBERNAUT_LOG_LEVEL),
    metrics: ports.metrics ?? createMetrics('alert-intake'),
    random: ports.random ?? Math.random,
    body: { schema: bodySchema, bodyBytesMax: alertMessageBytesMax },
    settings: { receivesMax, retryBaseSeconds: environment.KUBERNAUT_RETRY_BASE_SECONDS, retryMaxSeconds: environment.KUBERNAUT_RETRY_MAX_SECONDS },
    work: {
      async handleRecord({ body: messages, messageId, receiveCount }) {
        for (const message of messages) await take({ ...placeOf(environment), message, messageId, now: clock.now() }, intakePorts, receiveCount === 1);
      },
    },
  });
}

function placeOf(environment: Environment): Pick<Arrival, 'cluster' | 'namespace'> {
  return { cluster: environment.KUBERNAUT_CLUSTER, namespace: environment.KUBERNAUT_NAMESPACE };
}

function take(arrival: Arrival, ports: IntakePorts, isFirstLook: boolean): Promise<void> {
  return arrival.message.alert.status === 'firing' ? takeFiring(arrival, ports) : takeResolved(arrival, ports, isFirstLook);
}

export const handler = lazily(() => compose(process.env));
