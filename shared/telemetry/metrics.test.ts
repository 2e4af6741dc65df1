import { afterEach, describe, expect, it, vi } from 'vitest';
import { capturedOutput } from '../../test/support/output.ts';
import { createMetrics, silentMetrics } from './metrics.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a count', () => {
  it('is one line in the embedded metric format, with its dimensions', () => {
    const lines = capturedOutput();
    createMetrics('alert-intake', 'Kubernaut').count('MessageRetried', 2, { queue: 'alerts' });
    silentMetrics.count('MessageRetried', 1, { queue: 'alerts' });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '') as { readonly _aws: { readonly CloudWatchMetrics: readonly object[] } };
    expect(line).toMatchObject({ MessageRetried: 2, queue: 'alerts', service: 'alert-intake' });
    expect(line._aws.CloudWatchMetrics).toMatchObject([{ Namespace: 'Kubernaut', Metrics: [{ Name: 'MessageRetried', Unit: 'Count' }] }]);
  });

  it('is a line more where something is told apart, so that an alarm may ask for either', () => {
    const lines = capturedOutput();
    createMetrics('alert-intake', 'Kubernaut/dev').count('MessageRetried', 1, { queue: 'alerts' }, { reason: 'throttled' });
    const written = lines.map(
      (line) => JSON.parse(line) as { readonly _aws: { readonly CloudWatchMetrics: readonly { readonly Dimensions: readonly string[][] }[] } },
    );
    expect(written.map((line) => line._aws.CloudWatchMetrics[0]?.Dimensions)).toEqual([[['service', 'queue']], [['service', 'queue', 'reason']]]);
    expect(written[1]).toMatchObject({ MessageRetried: 1, queue: 'alerts', reason: 'throttled', service: 'alert-intake' });
  });
});
