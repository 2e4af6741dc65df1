import { Metrics as PowertoolsMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** What we count. Alarms and the dashboard name these (infra/cloud), so a name is never changed lightly. */
export type MetricName = 'MessageRetried' | 'MessagePostponed' | 'MessageDeadLettered' | 'PassLost' | 'EventFailed' | (string & {});

type Dimensions = Readonly<Record<string, string>>;

export interface Metrics {
  /**
   * Dimensions are few and bounded (queue, kind, reason): each combination is a metric that is paid for. An alarm wants all dimensions of a metric by
   * name, so what is told apart by `finer` as well is counted twice: with `dimensions` alone, and with both.
   */
  count(name: MetricName, amount: number, dimensions: Dimensions, finer?: Dimensions): void;
}

/** CloudWatch's embedded metric format: lines in the log, no call. `service`: the function's name, a dimension of its own. */
export function createMetrics(service: string, namespace: string): Metrics {
  const metrics = new PowertoolsMetrics({ namespace, serviceName: service });
  const write = (name: MetricName, amount: number, dimensions: Dimensions): void => {
    const single = metrics.singleMetric();
    for (const [dimension, value] of Object.entries(dimensions)) single.addDimension(dimension, value);
    single.addMetric(name, MetricUnit.Count, amount);
  };
  return {
    count(name, amount, dimensions, finer) {
      write(name, amount, dimensions);
      if (finer !== undefined) write(name, amount, { ...dimensions, ...finer });
    },
  };
}

export const silentMetrics: Metrics = {
  count() {
    // A twin for tests and for a quiet command line.
  },
};
