import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { runPass } from '../../shared/reconciler/pass.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { clusterTwin } from '../../test/support/cluster-twin.ts';
import { aDelivery, aMessage, clusterName, stillClock } from '../../test/support/kernel.ts';
import { queuesTwin } from '../../test/support/queues-twin.ts';
import { aCompletedProcessing, aCompletedWorkflow, anAnalysis, aRequest, settings } from '../../test/support/requests.ts';
import { requestRoom } from './room.ts';

class Crash extends Error {}

/** The function dies right before or right after its write of this number; a send to a queue is a write. */
interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** What its own function makes of a child, as soon as the request waits for it. */
const ends: Readonly<Record<string, object | undefined>> = {
  'rr-1-processing': aCompletedProcessing().status,
  'rr-1-analysis': anAnalysis().status,
  'rr-1-workflow': aCompletedWorkflow().status,
};

/** One remediation from its first pass to the one after its end, in which the function dies once. Every message comes back. */
async function remediate(death: Death | null) {
  const clock = stillClock();
  const twin = clusterTwin([{ ...aRequest() }], clock.now);
  const queues = queuesTwin();
  let writes = 0;
  const dieAt = (when: Death['when']) => {
    if (death !== null && death.at === writes && death.when === when) throw new Crash();
  };
  twin.onCall = ({ verb }) => {
    if (verb === 'get' || verb === 'list') return;
    writes += 1;
    dieAt('before');
  };
  twin.onWritten = () => dieAt('after');
  queues.onSend = () => {
    writes += 1;
    dieAt('before');
  };
  queues.onSent = () => dieAt('after');

  const options = {
    room: requestRoom(settings),
    ports: { cluster: twin },
    cluster: twin,
    clusterName,
    queues,
    clock,
    logger: silentLogger,
    metrics: silentMetrics,
  };
  const phase = () => stringAt(twin.read('RemediationRequest', 'rr-1'), 'status', 'phase') ?? '';
  const trail: string[] = [''];
  for (let passes = 0; passes < 24; passes += 1) {
    await runPass(options, aDelivery({ body: aMessage({ kind: 'RemediationRequest', name: 'rr-1' }) })).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
    });
    if (phase() !== trail.at(-1)) trail.push(phase());
    for (const { kind, metadata, ...child } of twin.objects().filter(({ metadata: { name } }) => ends[name] !== undefined)) {
      if (!isTerminal(stringAt(child, 'status', 'phase') ?? '')) twin.change(kind, metadata.name, { status: plain(ends[metadata.name]) });
    }
  }
  return {
    writes,
    trail,
    // A pass that died after it labelled its request decides anew on the newer version, and its first row stays beside the second: they count as one.
    rows: [...new Set(queues.sent.flatMap(({ queue, body }) => (queue === 'audit' ? [`${stringAt(body, 'type')} ${stringAt(body, 'phaseTo')}`] : [])))],
    kinds: twin.objects().map(({ kind, metadata, ...object }) => `${kind} ${kind === 'Event' ? String(object['reason']) : metadata.name}`),
    status: twin.read('RemediationRequest', 'rr-1')?.['status'],
  };
}

function plain(status: object | undefined): JsonObject {
  return JSON.parse(JSON.stringify(status ?? {})) as JsonObject;
}

describe('a function that dies', () => {
  it('before or after any of its writes leaves a remediation that ends the same', async () => {
    const calm = await remediate(null);
    expect(calm.trail).toEqual(['', 'processing', 'analyzing', 'executing', 'completed']);
    const deaths = Array.from({ length: calm.writes }, (_, index) => index + 1).flatMap((at) => [
      { at, when: 'before' } as const,
      { at, when: 'after' } as const,
    ]);
    for (const death of deaths) {
      const where = `death ${death.when} write ${death.at}`;
      expect({ where, ...comparable(await remediate(death)) }).toEqual({ where, ...comparable(calm) });
    }
  });
});

/** A Lease that was taken anew has another uid, and an Event is best effort. */
function comparable({ trail, rows, kinds, status }: Awaited<ReturnType<typeof remediate>>) {
  return {
    trail,
    rows: rows.toSorted(),
    kinds: kinds.filter((kind) => !kind.startsWith('Event')).toSorted(),
    status: JSON.parse(JSON.stringify(status, (key, value: unknown) => (key === 'uid' ? 'any' : value))) as unknown,
  };
}
