import type { Clock } from '../../shared/clock.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { connectCluster } from '../../shared/kubernetes/connect.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { connectQueues } from '../../shared/queue/sqs.ts';
import { createReconcileHandler, reconcileSettings } from '../../shared/reconciler/handler.ts';
import type { QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { systemClock } from '../../shared/system-clock.ts';
import { createLogger, type Logger } from '../../shared/telemetry/logger.ts';
import { createMetrics, type Metrics } from '../../shared/telemetry/metrics.ts';
import { executionRoom } from './room.ts';
import { settingsFrom } from './settings.ts';

export interface Ports {
  readonly cluster: Cluster;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
}

export async function compose(variables: Readonly<Record<string, string | undefined>>, ports: Partial<Ports> = {}): Promise<QueueHandler> {
  const environment = parseEnvironment(variables, ports.cluster === undefined ? ['cluster'] : []);
  const cluster = ports.cluster ?? (await connectCluster(environment));
  return createReconcileHandler({
    room: executionRoom(settingsFrom(environment)),
    ports: cluster,
    cluster,
    settings: reconcileSettings(environment),
    queues: ports.queues ?? connectQueues(environment),
    clock: ports.clock ?? systemClock,
    logger: ports.logger ?? createLogger('kubernetes-execution', environment.KUBERNAUT_LOG_LEVEL),
    metrics: ports.metrics ?? createMetrics('kubernetes-execution'),
    ...(ports.random !== undefined && { random: ports.random }),
  });
}

export const handler = lazily(() => compose(process.env));
