import type { Clock } from '../../shared/clock.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { connectCluster } from '../../shared/kubernetes/connect.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { connectQueues } from '../../shared/queue/sqs.ts';
import type { InvocationContext } from '../../shared/reconciler/queue-handler.ts';
import { systemClock } from '../../shared/system-clock.ts';
import { createLogger, type Logger } from '../../shared/telemetry/logger.ts';
import { endingBy } from '../../shared/time-left.ts';
import { sweep, type SweepReport } from './sweep.ts';

export interface Ports {
  readonly cluster: Cluster;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs every minute by schedule. Its report is the log line, and the function's answer for whoever invokes it by hand. */
export type ScheduledHandler = (event?: unknown, context?: InvocationContext) => Promise<SweepReport>;

const runMilliseconds = 50_000; // where nobody says how long it may take: below the minute after which the next one begins
const marginMilliseconds = 2_000; // kept back for the answer

export async function compose(variables: Readonly<Record<string, string | undefined>>, ports: Partial<Ports> = {}): Promise<ScheduledHandler> {
  const environment = parseEnvironment(variables, ports.cluster === undefined ? ['cluster'] : []);
  const clock = ports.clock ?? systemClock;
  const logger = ports.logger ?? createLogger('sweeper', environment.KUBERNAUT_LOG_LEVEL);
  const sweepPorts = { cluster: ports.cluster ?? (await connectCluster(environment)), queues: ports.queues ?? connectQueues(environment), logger };
  const settings = {
    cluster: environment.KUBERNAUT_CLUSTER,
    namespace: environment.KUBERNAUT_NAMESPACE,
    outcomeWindowSeconds: environment.KUBERNAUT_OUTCOME_WINDOW_SECONDS,
  };
  return async (_event, context) => {
    const end = clock.milliseconds() + (context?.getRemainingTimeInMillis() ?? runMilliseconds) - marginMilliseconds;
    const report = await endingBy(clock, end, () => sweep(sweepPorts, settings, clock.now()));
    logger.info('swept', { ...report });
    return report;
  };
}

export const handler = lazily(() => compose(process.env));
