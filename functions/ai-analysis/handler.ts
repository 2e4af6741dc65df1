import type { Kysely } from 'kysely';
import { connectDatabase } from '../../shared/audit/connect.ts';
import { readSuccessRates } from '../../shared/audit/success-rates.ts';
import type { Database } from '../../shared/audit/tables.ts';
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
import type { AnalysisProvider } from './provider.ts';
import { analysisRoom } from './room.ts';
import { rulesProvider } from './rules/engine.ts';

export interface Ports {
  readonly cluster: Cluster;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
  readonly database: Kysely<Database>;
  /** Beside the embedded rules, by name. */
  readonly providers: Readonly<Record<string, AnalysisProvider>>;
}

export async function compose(variables: Readonly<Record<string, string | undefined>>, ports: Partial<Ports> = {}): Promise<QueueHandler> {
  const environment = parseEnvironment(variables, [
    ...(ports.cluster === undefined ? ['cluster' as const] : []),
    ...(ports.database === undefined ? ['database' as const] : []),
  ]);
  const cluster = ports.cluster ?? (await connectCluster(environment));
  const database = ports.database ?? (await connectDatabase(environment));
  const clock = ports.clock ?? systemClock;
  return createReconcileHandler({
    room: analysisRoom,
    ports: {
      cluster,
      readRates: (question) => readSuccessRates(database, question),
      providers: { ...ports.providers, [rulesProvider.name]: rulesProvider },
      clock,
    },
    cluster,
    settings: reconcileSettings(environment),
    queues: ports.queues ?? connectQueues(environment),
    clock,
    logger: ports.logger ?? createLogger('ai-analysis', environment.KUBERNAUT_LOG_LEVEL),
    metrics: ports.metrics ?? createMetrics('ai-analysis'),
    ...(ports.random !== undefined && { random: ports.random }),
  });
}

export const handler = lazily(() => compose(process.env));
