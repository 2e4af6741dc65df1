import { describe, expect, it } from 'vitest';
import { KindName, kinds } from '../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { LogFields, Logger } from '../../shared/telemetry/logger.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { clusterTwin, refusal, type ClusterTwin } from '../../test/support/cluster-twin.ts';
import { stillClock } from '../../test/support/kernel.ts';
import { queuesTwin } from '../../test/support/queues-twin.ts';
import { aHeldJob, aLock, ago, aSwept, now, ofRequest } from '../../test/support/sweeps.ts';
import { compose } from './handler.ts';

const expired = (name: string) => aSwept('RemediationRequest', name, 'completed', { status: { cleanupScheduledAt: ago(60) } });
const inconclusive = (name: string) =>
  aSwept('RemediationRequest', name, 'completed', {
    status: { completionTime: ago(900), workflowResults: { success: true }, alertStatus: { state: 'firing', occurrences: 1 }, cleanupScheduledAt: ago(-60) },
  });
const late = (name: string) => aSwept('RemediationRequest', name, 'processing', { status: { phaseStartTime: ago(120) } });

/** The function itself over a cluster with these objects. */
async function aSweeper(...objects: readonly KubernetesObject[]) {
  const clock = stillClock(now);
  const cluster = clusterTwin([], clock.now);
  for (const object of objects) cluster.put(object);
  // A twin dates what it is given: what is swept has an age.
  for (const { kind, metadata } of objects) cluster.change(kind, metadata.name, { metadata: { creationTimestamp: metadata.creationTimestamp ?? null } });
  const queues = queuesTwin();
  const calls: string[] = [];
  const warnings: LogFields[] = [];
  cluster.onCall = ({ verb, kind, name }) => void calls.push(`${verb} ${kind} ${name}`.trim());
  const logger: Logger = { ...silentLogger, warn: (message, fields) => void warnings.push({ message, ...fields }) };
  const run = await compose({ KUBERNAUT_QUEUE_URL_PREFIX: 'http://queues.invalid/' }, { cluster, queues, clock, logger });
  const sent = (queue: string) => queues.sent.filter((message) => message.queue === queue).map(({ body }) => body as Readonly<Record<string, unknown>>);
  return { run, clock, cluster, queues, calls, warnings, sent, rows: () => sent('audit').map((row) => `${String(row['type'])} ${String(row['name'])}`) };
}

const nothingDone = { resent: 0, deleted: 0, inconclusive: 0, leasesReleased: 0, finalizersRemoved: 0, left: 0, isComplete: true };
/** As somebody else would, between the sweeper's look and its write. */
function meanwhile(cluster: ClusterTwin, verb: string, change: () => void, times = 1): void {
  const { onCall } = cluster;
  let left = times;
  cluster.onCall = (call) => {
    onCall(call);
    if (call.verb !== verb || left === 0) return;
    left -= 1;
    change();
  };
}

describe('a run of the sweeper', () => {
  it('finds nothing to do in a cluster without anything of ours', async () => {
    const { run, queues, calls } = await aSweeper();
    expect(await run()).toEqual(nothingDone);
    expect(queues.sent).toEqual([]);
    expect(calls).toEqual(['list Lease', 'list Job', ...KindName.map((kind) => `list ${kind}`)]);
  });

  it('does everything at once, and tells it', async () => {
    const objects = [late('rr-late'), expired('rr-old'), inconclusive('rr-open'), aLock('target-1', 'rr-gone'), aHeldJob('job-1', 'ke-gone')];
    const { run, cluster, rows, sent } = await aSweeper(...objects);
    expect(await run()).toEqual({ ...nothingDone, resent: 1, deleted: 1, inconclusive: 1, leasesReleased: 1, finalizersRemoved: 1 });
    expect(sent('remediation-requests')).toMatchObject([{ name: 'rr-late', cause: 'sweep' }]);
    expect(cluster.read('RemediationRequest', 'rr-old')).toBeNull();
    expect(cluster.read('RemediationRequest', 'rr-open')?.['status']).toMatchObject({ outcome: 'inconclusive', phase: 'completed' });
    expect(cluster.read('Lease', 'target-1')).toBeNull();
    expect(cluster.read('Job', 'job-1')?.metadata.finalizers).toEqual([]);
    expect(rows()).toEqual(['sweep.resent rr-late', 'request.outcome rr-open', 'retention.deleted rr-old']);
    expect(await run()).toEqual({ ...nothingDone, resent: 1 });
  });

  it('writes the same row for the same state, however often it sends', async () => {
    const { run, sent } = await aSweeper(late('rr-late'));
    await run();
    await run();
    expect(sent('audit')).toHaveLength(2);
    expect(new Set(sent('audit').map((row) => row['id'])).size).toBe(1);
  });

  it('deletes the very request that it looked at, its children in the background', async () => {
    const { run, cluster } = await aSweeper(expired('rr-old'));
    const deletions: unknown[] = [];
    const { delete: remove } = cluster;
    cluster.delete = (key, options) => {
      deletions.push(options);
      return remove(key, options);
    };
    await run();
    expect(deletions).toEqual([{ uid: 'uid-rr-old', propagationPolicy: 'Background' }]);
  });

  it('leaves alone what was made anew under the same name', async () => {
    const { run, cluster } = await aSweeper(expired('rr-old'), aLock('target-1', 'rr-gone'));
    meanwhile(cluster, 'delete', () => {
      for (const [kind, name] of [
        ['RemediationRequest', 'rr-old'],
        ['Lease', 'target-1'],
      ] as const)
        cluster.change(kind, name, { metadata: { uid: 'of-another' } });
    });
    expect(await run()).toMatchObject({ left: 0 });
    expect(cluster.read('Lease', 'target-1')?.metadata.uid).toBe('of-another');
    expect(cluster.read('RemediationRequest', 'rr-old')?.metadata.uid).toBe('of-another');
  });

  it('audits before it deletes, and deletes nothing that it could not audit', async () => {
    const { run, cluster, queues, warnings } = await aSweeper(expired('rr-old'));
    queues.onSend = (queue) => {
      if (queue === 'audit') throw new Error('the audit queue is away');
    };
    expect(await run()).toMatchObject({ deleted: 0, left: 1 });
    expect(cluster.read('RemediationRequest', 'rr-old')).not.toBeNull();
    expect(warnings).toMatchObject([{ message: 'not tidied, the next run tries again', name: 'rr-old', error: 'the audit queue is away' }]);
  });
});

describe('the outcome of a request', () => {
  it('is written on what it is by now, where another write was faster', async () => {
    const { run, cluster, rows } = await aSweeper(inconclusive('rr-open'));
    meanwhile(cluster, 'patchStatus', () => cluster.change('RemediationRequest', 'rr-open', { status: { alertStatus: { occurrences: 2 } } }));
    expect(await run()).toMatchObject({ inconclusive: 1, left: 0 });
    expect(cluster.read('RemediationRequest', 'rr-open')?.['status']).toMatchObject({ outcome: 'inconclusive', alertStatus: { occurrences: 2 } });
    expect(rows()).toEqual(['request.outcome rr-open', 'request.outcome rr-open']);
  });

  it('is the intake’s, where the alert resolved at this very moment', async () => {
    const { run, cluster } = await aSweeper(inconclusive('rr-open'));
    const remediated = { outcome: 'remediated', alertStatus: { state: 'resolved' } };
    meanwhile(cluster, 'patchStatus', () => cluster.change('RemediationRequest', 'rr-open', { status: remediated }));
    await run();
    expect(cluster.read('RemediationRequest', 'rr-open')?.['status']).toMatchObject(remediated);
  });

  it('is left to the next run after five tries', async () => {
    const { run, cluster, calls, warnings } = await aSweeper(inconclusive('rr-open'));
    let occurrences = 2;
    meanwhile(
      cluster,
      'patchStatus',
      () => cluster.change('RemediationRequest', 'rr-open', { status: { alertStatus: { occurrences: (occurrences += 1) } } }),
      Infinity,
    );
    expect(await run()).toMatchObject({ inconclusive: 0, left: 1 });
    expect(calls.filter((call) => call.startsWith('patchStatus'))).toHaveLength(5);
    expect(warnings).toHaveLength(1);
  });

  it('is nobody’s, where the request is gone meanwhile', async () => {
    const { run, cluster } = await aSweeper(inconclusive('rr-open'));
    meanwhile(cluster, 'patchStatus', () => cluster.change('RemediationRequest', 'rr-open', { metadata: { uid: 'of-another' } }));
    expect(await run()).toMatchObject({ left: 0 });
    expect(cluster.read('RemediationRequest', 'rr-open')?.['status']).not.toHaveProperty('outcome');
  });
});

describe('trouble', () => {
  it('with one object keeps no other', async () => {
    const { run, cluster, warnings } = await aSweeper(expired('rr-a'), expired('rr-b'), expired('rr-c'));
    const { onCall } = cluster;
    cluster.onCall = (call) => {
      onCall(call);
      if (call.verb === 'delete' && call.name === 'rr-a') throw refusal(403, 'Forbidden', 'a webhook says no');
    };
    expect(await run()).toMatchObject({ deleted: 2, left: 1 });
    expect(warnings).toMatchObject([{ kind: 'RemediationRequest', name: 'rr-a', error: 'a webhook says no' }]);
  });

  it('with hundreds of objects keeps no other either', async () => {
    const objects = Array.from({ length: 300 }, (_, index) => expired(`rr-${String(index).padStart(3, '0')}`));
    const { run, cluster } = await aSweeper(...objects);
    const { onCall } = cluster;
    cluster.onCall = (call) => {
      onCall(call);
      if (call.verb === 'delete' && call.name < 'rr-250') throw refusal(403, 'Forbidden', 'a webhook says no');
    };
    expect(await run()).toMatchObject({ deleted: 50, left: 250 });
  });

  it('with one queue keeps no other from its keys', async () => {
    const { run, queues, sent } = await aSweeper(late('rr-late'), aSwept('AIAnalysis', 'a-late', 'analyzing', { status: { phaseStartTime: ago(90) } }));
    queues.onSend = (queue) => {
      if (queue === 'remediation-requests') throw new Error('AccessDenied');
    };
    expect(await run()).toMatchObject({ resent: 1 });
    expect(sent('ai-analyses')).toMatchObject([{ name: 'a-late' }]);
  });

  it('with the depth of one queue keeps no other from its keys', async () => {
    const { run, queues, sent } = await aSweeper(late('rr-late'), aSwept('AIAnalysis', 'a-late', 'analyzing', { status: { phaseStartTime: ago(90) } }));
    const { depth } = queues;
    queues.depth = (queue) => (queue === kinds.AIAnalysis.queue ? Promise.reject(new Error('throttled')) : depth(queue));
    expect(await run()).toMatchObject({ resent: 1 });
    expect(sent('remediation-requests')).toMatchObject([{ name: 'rr-late' }]);
  });

  it('with the API ends the run: the next one looks anew', async () => {
    const { run, cluster, queues } = await aSweeper(expired('rr-old'));
    cluster.onCall = () => {
      throw refusal(503, 'ServiceUnavailable', 'etcd is away');
    };
    await expect(run()).rejects.toThrow('etcd is away');
    expect(queues.sent).toEqual([]);
  });

  it('with a resource that nobody can read keeps no other', async () => {
    const broken: KubernetesObject = { ...late('rr-broken'), spec: null, status: { phase: 7, phaseStartTime: {}, conditions: { a: 1 }, blockedBy: [] } };
    const { run, sent } = await aSweeper(broken, late('rr-late'));
    expect(await run()).toMatchObject({ resent: 2 });
    expect(sent('remediation-requests').map((message) => message['name'])).toEqual(['rr-broken', 'rr-late']);
  });
});

describe('the bounds of a run', () => {
  it('are two hundred of each work, and the rest is left to the next', async () => {
    const objects = Array.from({ length: 230 }, (_, index) => expired(`rr-${index}`));
    const { run } = await aSweeper(...objects);
    expect(await run()).toMatchObject({ deleted: 200, left: 30 });
    expect(await run()).toMatchObject({ deleted: 30, left: 0 });
  });

  it('are the time of its function: nothing is begun that would be cut in the middle', async () => {
    const { run, clock, cluster } = await aSweeper(...Array.from({ length: 20 }, (_, index) => expired(`rr-${index}`)));
    meanwhile(cluster, 'delete', () => clock.advance(6), Infinity);
    // 30 seconds without the margin, until less than three are left: 0, 6, 12, 18, 24.
    expect(await run(undefined, { getRemainingTimeInMillis: () => 30_000 })).toMatchObject({ deleted: 5, left: 15 });
  });

  it('are the minute until the next run, where nobody says how long it may take', async () => {
    const { run, clock, cluster } = await aSweeper(...Array.from({ length: 20 }, (_, index) => expired(`rr-${index}`)));
    meanwhile(cluster, 'delete', () => clock.advance(6), Infinity);
    await run();
    expect(clock.milliseconds()).toBeLessThan(Date.parse(now) + 55_000);
  });

  it('are ten thousand of a kind; a lock whose holder may be beyond stays', async () => {
    const { run, cluster, warnings } = await aSweeper(aLock('target-1', 'rr-gone'), aHeldJob('job-1', 'ke-gone'));
    const { listPage } = cluster;
    const endless = aSwept('RemediationProcessing', 'rp', 'completed');
    cluster.listPage = async (kind, options) =>
      kind.kind === 'RemediationProcessing' ? { items: Array.from({ length: options.limit }, () => endless), next: 'more' } : listPage(kind, options);
    expect(await run()).toMatchObject({ leasesReleased: 0, finalizersRemoved: 0, isComplete: false });
    expect(cluster.read('Lease', 'target-1')).not.toBeNull();
    expect(warnings).toMatchObject([{ message: 'more than one run can look at: locks and finalizers stay', resources: 10_000 }]);
  });

  it('read every page', async () => {
    const { run, calls } = await aSweeper(...Array.from({ length: 120 }, (_, index) => late(`rr-${index}`)));
    expect(await run()).toMatchObject({ resent: 120, isComplete: true });
    expect(calls.filter((call) => call === 'list RemediationRequest')).toHaveLength(3);
  });
});

it('sees the holder of every lock that it sees: locks are read before anything that may hold them', async () => {
  const { run, cluster } = await aSweeper();
  const { listPage } = cluster;
  cluster.listPage = async (kind, options) => {
    if (kind.kind === 'Lease') {
      await new Promise((resolve) => setImmediate(resolve));
      // A remediation began since the run did, and has its lock before this answer.
      cluster.put(aSwept('RemediationRequest', 'rr-new', 'executing', { metadata: ofRequest('rr-new') }));
      cluster.put(aLock('target-1', 'rr-new'));
    }
    return listPage(kind, options);
  };
  expect(await run()).toMatchObject({ leasesReleased: 0 });
  expect(cluster.read('Lease', 'target-1')).not.toBeNull();
});
