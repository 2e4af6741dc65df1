import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseName } from '../../shared/api/names.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { runPass } from '../../shared/reconciler/pass.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { clusterTwin, type ClusterTwin } from '../../test/support/cluster-twin.ts';
import { aDelivery, aMessage, clusterName, stillClock } from '../../test/support/kernel.ts';
import { queuesTwin } from '../../test/support/queues-twin.ts';
import { anAnalysis, aRecommendation, aRequestIn, settings, targetHashOf } from '../../test/support/requests.ts';
import { requestRoom } from './room.ts';

// Passes of three requests run at once, each call of each of them at any moment, while people and other functions change the world between them.

const pod = 'payment-api-7d4b';
const names = ['rr-1', 'rr-2', 'rr-3'] as const;
type Name = (typeof names)[number];
/** rr-1 and rr-2 restart the pod of the deployment, rr-3 scales it: all want its lock, two want another one besides. */
const locks: Readonly<Record<Name, readonly string[]>> = {
  'rr-1': [leaseName(targetHashOf()), leaseName(targetHashOf({ kind: 'Pod', name: pod }))],
  'rr-2': [leaseName(targetHashOf()), leaseName(targetHashOf({ kind: 'Pod', name: pod }))],
  'rr-3': [leaseName(targetHashOf())],
};

const noCooldown = { ...settings, cooldownSeconds: 0 };
const metadataOf = (name: Name) => ({ name, uid: `uid-of-${name}`, labels: { 'kubernaut.io/target-hash': targetHashOf() } });

function seedsOf(name: Name): readonly KubernetesObject[] {
  const restart = aRecommendation({ action: 'restart_pod', parameters: { namespace: 'production', pod } });
  const analysis = anAnalysis(name === 'rr-3' ? {} : { recommendation: restart });
  const aiAnalysisRef = {
    apiVersion: analysis.apiVersion,
    kind: analysis.kind,
    name: `${name}-analysis`,
    namespace: 'kubernaut-system',
    uid: `uid-of-${name}-analysis`,
  };
  return [
    { ...aRequestIn('analyzing', { metadata: metadataOf(name), status: { aiAnalysisRef } }) },
    { ...analysis, metadata: { ...analysis.metadata, name: aiAnalysisRef.name, uid: aiAnalysisRef.uid } },
  ];
}

const phaseOf = (twin: ClusterTwin, name: Name) => stringAt(twin.read('RemediationRequest', name), 'status', 'phase');

/** A request that executes holds every lock that its workflow needs, at every moment; so two of them never act on one object. */
function unlocked(twin: ClusterTwin): readonly string[] {
  const acting = names.filter((name) => phaseOf(twin, name) === 'executing');
  return acting.flatMap((name) =>
    locks[name].flatMap((lock) => (stringAt(twin.read('Lease', lock), 'spec', 'holderIdentity') === `uid-of-${name}` ? [] : [`${name} acts without ${lock}`])),
  );
}

type Pass = { readonly kind: 'pass'; readonly name: Name };
type Change = { readonly kind: 'intake' | 'finish' | 'cancel'; readonly name: Name } | { readonly kind: 'pause' | 'unpause' };
type Happening = Pass | Change;
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('pass' as const), name: fc.constantFrom(...names) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('intake' as const, 'finish' as const, 'cancel' as const), name: fc.constantFrom(...names) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'unpause' as const) }) },
);

function aWorld() {
  const namespaces = ['production', 'kubernaut-system'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, annotations: {} } }));
  const twin = clusterTwin([...namespaces, ...names.flatMap(seedsOf)]);
  const faults: string[] = [];
  twin.onWritten = () => void faults.push(...unlocked(twin));
  const pass = async (name: Name, cluster: Cluster) => {
    const ports = { queues: queuesTwin(), clock: stillClock(), logger: silentLogger, metrics: silentMetrics };
    const options = { room: requestRoom(noCooldown), ports: { cluster }, cluster, clusterName, ...ports };
    await runPass(options, aDelivery({ body: aMessage({ kind: 'RemediationRequest', name }) }));
  };
  return { twin, faults, pass };
}

function happen(twin: ClusterTwin, what: Change): void {
  switch (what.kind) {
    case 'intake':
      twin.change('RemediationRequest', what.name, {
        status: { alertStatus: { state: 'firing', occurrences: Number(twin.objects().length) + 1, lastSeen: '2026-01-15T10:36:00Z' } },
      });
      break;
    case 'cancel':
      twin.change('RemediationRequest', what.name, { spec: { cancel: true } });
      break;
    case 'finish':
      finish(twin, what.name);
      break;
    case 'pause':
    case 'unpause':
      twin.change('Namespace', 'production', { metadata: { annotations: { 'kubernaut.io/paused': what.kind === 'pause' ? 'true' : null } } });
  }
}

/** As the workflow itself would: only one that its request names has acted, and ends well; another ends as an orphan, or with its request. */
function finish(twin: ClusterTwin, name: Name): void {
  const workflow = twin.read('WorkflowExecution', `${name}-workflow`);
  if (workflow === null || isTerminal(stringAt(workflow, 'status', 'phase') ?? '')) return;
  const request = twin.read('RemediationRequest', name);
  const isNamed = stringAt(request, 'status', 'workflowRef', 'uid') === workflow.metadata.uid && !isTerminal(phaseOf(twin, name) ?? '');
  twin.change('WorkflowExecution', `${name}-workflow`, {
    status: isNamed ? { phase: 'completed', overallSuccess: true } : { phase: 'failed', reason: 'orphaned' },
  });
}

function isAtRest(twin: ClusterTwin): boolean {
  return names.every((name) => isTerminal(phaseOf(twin, name) ?? '')) && !twin.objects().some(({ kind }) => kind === 'Lease');
}

describe('passes that run beside one another', () => {
  it('never let a workflow act without its locks, and all requests end with every lock released', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(happening, { minLength: 4, maxLength: 24 }), async (scheduler, happenings) => {
        const { twin, faults, pass } = aWorld();
        const slow: Cluster = {
          ...twin,
          get: scheduler.scheduleFunction(twin.get),
          list: scheduler.scheduleFunction(twin.list),
          create: scheduler.scheduleFunction(twin.create),
          patchStatus: scheduler.scheduleFunction(twin.patchStatus),
          patchMetadata: scheduler.scheduleFunction(twin.patchMetadata),
          delete: scheduler.scheduleFunction(twin.delete),
        };
        const running = happenings.map(async (what) => {
          if (what.kind === 'pass') return pass(what.name, slow);
          return scheduler.schedule(Promise.resolve()).then(() => happen(twin, what));
        });
        // A pass that lost its race is thrown, and the queue would bring its message back.
        await scheduler.waitFor(Promise.allSettled(running));
        expect(faults).toEqual([]);

        happen(twin, { kind: 'unpause' });
        for (let round = 0; round < 12 && !isAtRest(twin); round += 1) {
          for (const name of names) {
            finish(twin, name);
            for (let passes = 0; passes < 3; passes += 1) await pass(name, twin);
          }
        }
        expect(faults).toEqual([]);
        expect(isAtRest(twin)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('lets a slow delete of the pass that blocked the request do no harm to the one that resumed it', async () => {
    const { twin, faults, pass } = aWorld();
    const [deployment = '', podLock = ''] = locks['rr-1'];
    await pass('rr-3', twin);
    const podLease = leaseHeldBy('rr-1', podLock);
    twin.put(podLease);
    const gate = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<undefined>();
    const slow: Cluster = {
      ...twin,
      async delete(key, options) {
        reached.resolve(undefined);
        await gate.promise;
        return twin.delete(key, options);
      },
    };
    const blocking = pass('rr-1', slow);
    await reached.promise;
    expect(phaseOf(twin, 'rr-1')).toBe('blocked');

    finish(twin, 'rr-3');
    for (let passes = 0; passes < 2; passes += 1) await pass('rr-3', twin);
    expect(twin.read('Lease', deployment)).toBeNull();
    await pass('rr-1', twin);
    expect(phaseOf(twin, 'rr-1')).toBe('executing');
    gate.resolve(undefined);
    await blocking;
    expect([unlocked(twin), faults]).toEqual([[], []]);
  });
});

function leaseHeldBy(name: Name, lock: string): KubernetesObject {
  const labels = { 'kubernaut.io/remediation-request': name };
  const owner = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name, uid: `uid-of-${name}`, controller: true };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: lock, namespace: 'kubernaut-system', labels, annotations: { 'kubernaut.io/taken-on': '1' }, ownerReferences: [owner] },
    spec: { holderIdentity: `uid-of-${name}` },
  };
}
