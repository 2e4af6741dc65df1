import { Metrics as PowertoolsMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** What we count. Alarms name these, so a name is never changed lightly. */
export type MetricName = 'MessageRejected' | 'MessageRetried' | 'MessageExhausted' | 'PassLost' | 'EventFailed' | (string & {});

export interface Metrics {
  /** Dimensions are few and bounded (queue, kind, function): each combination is a metric that is paid for. */
  count(name: MetricName, amount: number, dimensions: Readonly<Record<string, string>>): void;
}

/** CloudWatch's embedded metric format: a line in the log, no call. */
export function createMetrics(service: string): Metrics {
  const metrics = new PowertoolsMetrics({ namespace: 'Kubernaut', serviceName: service });
  return {
    count(name, amount, dimensions) {
      const single = metrics.singleMetric();
      for (const [dimension, value] of Object.entries(dimensions)) single.addDimension(dimension, value);
      single.addMetric(name, MetricUnit.Count, amount);
    },
  };
}

export const silentMetrics: Metrics = {
  count() {
    // A twin for tests and for a quiet command line.
  },
};
