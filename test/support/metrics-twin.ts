import type { Metrics } from '../../shared/telemetry/metrics.ts';

export interface MetricsTwin extends Metrics {
  /** `MessageRetried queue=alerts reason=throttled`, in order, as often as it was counted. */
  readonly counted: readonly string[];
}

export function metricsTwin(): MetricsTwin {
  const counted: string[] = [];
  return {
    counted,
    count(name, amount, dimensions, finer = {}) {
      const text = Object.entries({ ...dimensions, ...finer }).map(([dimension, value]) => `${dimension}=${value}`);
      for (let index = 0; index < amount; index += 1) counted.push([name, ...text].join(' '));
    },
  };
}
