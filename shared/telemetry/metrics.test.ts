import { afterEach, describe, expect, it, vi } from 'vitest';
import { capturedOutput } from '../../test/support/output.ts';
import { createMetrics, silentMetrics } from './metrics.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a count', () => {
  it('is one line in the embedded metric format, with its dimensions', () => {
    const lines = capturedOutput();
    createMetrics('alert-intake').count('MessageRejected', 2, { queue: 'alerts' });
    silentMetrics.count('MessageRejected', 1, { queue: 'alerts' });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '') as { readonly _aws: { readonly CloudWatchMetrics: readonly object[] } };
    expect(line).toMatchObject({ MessageRejected: 2, queue: 'alerts', service: 'alert-intake' });
    expect(line._aws.CloudWatchMetrics).toMatchObject([{ Namespace: 'Kubernaut', Metrics: [{ Name: 'MessageRejected', Unit: 'Count' }] }]);
  });
});
