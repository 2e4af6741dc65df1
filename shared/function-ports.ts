import type { Clock } from './clock.ts';
import type { Environment } from './environment.ts';
import type { Cluster } from './kubernetes/ports.ts';
import type { Queues } from './queue/ports.ts';
import { connectQueues } from './queue/sqs.ts';
import { systemClock } from './system-clock.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';

/** What every function of ours reaches the outside through. The local stack and tests give their own; production opens them from the environment. */
export interface FunctionPorts {
  readonly cluster: Cluster;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** 0 to below 1, spreads retries. */
  readonly random: () => number;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** The ports that were not given, from the environment; the cluster apart, since not every function has one. */
export function openPorts(name: string, environment: Environment, given: Partial<FunctionPorts>): Omit<FunctionPorts, 'cluster'> {
  return {
    queues: given.queues ?? connectQueues(environment),
    clock: given.clock ?? systemClock,
    logger: given.logger ?? createLogger(name, environment.KUBERNAUT_LOG_LEVEL),
    metrics: given.metrics ?? createMetrics(name, environment.KUBERNAUT_METRICS_NAMESPACE),
    random: given.random ?? Math.random,
  };
}
