import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { numberAt, stringAt } from '../../shared/kubernetes/unstructured.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { clusterTwin, refusal } from '../../test/support/cluster-twin.ts';
import { aRecord, stillClock } from '../../test/support/kernel.ts';
import { queuesTwin } from '../../test/support/queues-twin.ts';
import { compose } from './handler.ts';

const firing = (alertname: string) => ({
  status: 'firing',
  labels: { alertname, namespace: 'production', deployment: 'payment-api' },
  startsAt: '2026-01-15T10:34:00Z',
});
const resolved = (alertname: string) => ({ ...firing(alertname), status: 'resolved', endsAt: '2026-01-15T10:35:00Z' });

/** The function beside a cluster that does not take requests of some alerts. */
async function anIntake(fails: (alertname: string) => Error | null = () => null) {
  const twin = clusterTwin();
  const cluster: typeof twin = {
    ...twin,
    create: async (object, ...rest) => {
      const failure = fails(stringAt(object, 'spec', 'alertName') ?? '');
      if (failure !== null) throw failure;
      return twin.create(object, ...rest);
    },
  };
  const ports = { cluster, queues: queuesTwin(), clock: stillClock(), logger: silentLogger, metrics: silentMetrics, random: () => 0 };
  const handle = await compose({ KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/' }, ports);
  const requests = () => twin.objects().filter(({ kind }) => kind === 'RemediationRequest');
  return {
    /** One notification by SNS; answers how many of its messages have to come again. */
    async receives(alerts: readonly object[], receiveCount = 1) {
      const record = aRecord({ version: '4', groupKey: '', receiver: 'sns', alerts });
      const attributes = { ...record.attributes, ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(Date.parse('2026-01-15T10:35:10Z')) };
      const event: SQSEvent = { Records: [{ ...record, attributes }] };
      return (await handle(event, { getRemainingTimeInMillis: () => 30_000 })).batchItemFailures.length;
    },
    names: () => requests().map((request) => stringAt(request, 'spec', 'alertName')),
    occurrences: () => requests().map((request) => numberAt(request, 'status', 'alertStatus', 'occurrences') ?? 1),
  };
}

describe('a notification of many alerts', () => {
  it('is a request for each that fires, also behind a resolution that waits for its firing', async () => {
    const { receives, names } = await anIntake();
    const alerts = [resolved('Over'), firing('First'), firing('Second')];
    expect(await receives(alerts)).toBe(1);
    expect(names()).toEqual(['First', 'Second']);
    expect(await receives(alerts, 2)).toBe(0);
    expect(names()).toEqual(['First', 'Second']);
  });

  it('comes again for the one that is refused, and the others are one request each still', async () => {
    let isRefused = true;
    const { receives, names, occurrences } = await anIntake((alertname) =>
      isRefused && alertname === 'A6' ? refusal(422, 'Invalid', 'spec.alertName: not today') : null,
    );
    const alerts = Array.from({ length: 10 }, (_, index) => firing(`A${index}`));
    const others = alerts.map(({ labels }) => labels.alertname).filter((name) => name !== 'A6');
    expect(await receives(alerts)).toBe(1);
    expect(names()).toEqual(others);
    isRefused = false;
    expect(await receives(alerts, 2)).toBe(0);
    expect(names()).toEqual([...others, 'A6']);
    // A message that comes again is one more occurrence of what it has made, as with the webhook.
    expect(occurrences()).toEqual([...others.map(() => 2), 1]);
  });

  it('asks a cluster that does not answer once and not for each alert', async () => {
    let asked = 0;
    const { receives, names } = await anIntake(() => {
      asked += 1;
      return new Error('connect ECONNREFUSED');
    });
    expect(await receives([firing('A'), firing('B'), firing('C')])).toBe(1);
    expect(asked).toBe(1);
    expect(names()).toEqual([]);
  });
});
