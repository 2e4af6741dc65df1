import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/support/cluster-twin.ts';
import { aChild, aResource, clusterName, interpreted, kernelWorld, namespace, now, type KernelWorld } from '../../test/support/kernel.ts';
import { voidAnnotation } from '../api/labels.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { ReconcileMessage } from '../queue/messages.ts';
import { created, type CreateResource, type Effect, type PatchStatus } from './effect.ts';

const key = { apiVersion: 'batch/v1', kind: 'Job', name: 'ke-1', namespace };
const create = (object: KubernetesObject, whenTaken: CreateResource['whenTaken'] = 'refused'): CreateResource => ({
  kind: 'CreateResource',
  object,
  whenTaken,
});
const patch = (status: PatchStatus['status']): PatchStatus => ({ kind: 'PatchStatus', status });
const row: Effect = { kind: 'RecordAudit', type: 'processing.started', phaseFrom: '', phaseTo: 'enriching', reason: '', message: 'begun' };
const event: Effect = { kind: 'EmitEvent', type: 'Normal', reason: 'Started', message: 'it begins' };

function statusOf(world: KernelWorld) {
  return world.cluster.read('RemediationProcessing', 'rr-1-processing')?.['status'];
}

describe('a create', () => {
  it('gives its reference, uid included, to a later status patch', async () => {
    const world = kernelWorld(aResource());
    await interpreted(world, [row, create(aChild('ke-1')), patch({ jobRef: created(1), jobs: [{ uid: created(1, ['uid']) }] })]);
    const uid = world.cluster.read('Job', 'ke-1')?.metadata.uid;
    expect(uid).toMatch(/^uid-/);
    expect(statusOf(world)).toEqual({ jobRef: { ...key, uid }, jobs: [{ uid: { uid } }] });
  });

  it('takes the object under its name when our uid owns it: a repeat, or a pass that lost after it created', async () => {
    const world = kernelWorld(aResource(), { ...aChild('ke-1'), metadata: { ...aChild('ke-1').metadata, uid: 'found' } });
    await interpreted(world, [create(aChild('ke-1')), patch({ uid: created(0, ['uid']) })]);
    expect(statusOf(world)).toEqual({ uid: { uid: 'found' } });
  });

  it('is refused when a stranger holds the name, and nothing after it happens', async () => {
    const world = kernelWorld(aResource(), aChild('ke-1', { ownerUid: 'stranger' }));
    const came = await interpreted(world, [create(aChild('ke-1')), patch({ phase: 'enriching' })]);
    expect(came).toMatchObject({ kind: 'refused', content: false, refusal: { status: 409, message: 'Job ke-1 exists already and belongs to another owner' } });
    expect(world.journal).toEqual([]);
  });

  it('runs the pass anew when a stranger holds the name of a lock', async () => {
    const world = kernelWorld(aResource(), aChild('target-1', { kind: 'Lease', ownerUid: 'stranger' }));
    expect(await interpreted(world, [create(aChild('target-1', { kind: 'Lease' }), 'again')])).toMatchObject({ kind: 'again' });
  });

  it.each([
    ['takes a lock that was made on the same state of its owner', '41', 'done'],
    ['runs the pass anew for one that was made on an older state', '40', 'again'],
  ])('%s', async (_sentence, takenOn, kind) => {
    const lock = (version: string) => aChild('target-1', { kind: 'Lease', annotations: { 'kubernaut.io/taken-on': version } });
    expect(await interpreted(kernelWorld(aResource(), lock(takenOn)), [create(lock('41'), 'again')])).toMatchObject({ kind });
  });

  it('runs the pass anew when what held the name is gone again', async () => {
    const world = kernelWorld(aResource());
    world.cluster.onCall = ({ verb }) => {
      if (verb === 'create') throw refusal(409, 'AlreadyExists', 'taken');
    };
    expect(await interpreted(world, [create(aChild('ke-1'))])).toMatchObject({ kind: 'again' });
  });

  const voided = { annotations: { [voidAnnotation]: 'cancelled' } };
  it.each<[sentence: string, wanted: KubernetesObject, found: KubernetesObject, kind: string]>([
    ['a void create meets a real Job: again', aChild('ke-1', voided), aChild('ke-1'), 'again'],
    ['a real create meets a void Job: again', aChild('ke-1'), aChild('ke-1', voided), 'again'],
    ['a void create meets a void Job: a repeat', aChild('ke-1', voided), aChild('ke-1', voided), 'done'],
    ['a real create meets a real Job: a repeat', aChild('ke-1'), aChild('ke-1'), 'done'],
  ])('%s', async (_sentence, wanted, found, kind) => {
    expect(await interpreted(kernelWorld(aResource(), found), [create(wanted)])).toMatchObject({ kind });
  });

  it.each([400, 403, 413, 422])('is refused for good by %i', async (status) => {
    const world = kernelWorld(aResource());
    world.cluster.onCall = ({ verb }) => {
      if (verb === 'create') throw refusal(status, 'Forbidden', 'denied by policy');
    };
    const effect = create(aChild('ke-1'));
    expect(await interpreted(world, [effect])).toMatchObject({ kind: 'refused', content: false, refusal: { effect, status, message: 'denied by policy' } });
  });

  it.each([404, 429, 500, 503])('throws what may pass (%i), for the queue to bring back', async (status) => {
    const world = kernelWorld(aResource());
    world.cluster.onCall = ({ verb }) => {
      if (verb === 'create') throw refusal(status, 'Trouble', 'not now', 3_600);
    };
    await expect(interpreted(world, [create(aChild('ke-1'))])).rejects.toThrow('not now');
  });

  it('labels what we make, and hands the trace on to Jobs', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const world = kernelWorld(aResource({ metadata: { annotations: { 'kubernaut.io/traceparent': traceparent } } }));
    await interpreted(world, [row, create(aChild('ke-1')), create(aChild('c', { kind: 'ConfigMap' }))]);
    const labels = { 'app.kubernetes.io/managed-by': 'kubernaut', 'kubernaut.io/remediation-request': 'rr-1' };
    expect(world.cluster.read('Job', 'ke-1')?.metadata).toMatchObject({ labels, annotations: { 'kubernaut.io/traceparent': traceparent } });
    expect(world.cluster.read('ConfigMap', 'c')?.metadata.annotations).toBeUndefined();
    expect(world.queues.sent).toMatchObject([{ queue: 'audit', attributes: { traceparent }, body: { traceparent } }]);
  });

  it('tells children who asked for the remediation by hand', async () => {
    const world = kernelWorld(aResource({ metadata: { annotations: { 'kubernaut.io/requested-by': 'alice' } } }));
    await interpreted(world, [create(aChild('c', { kind: 'AIAnalysis' })), create(aChild('ke-1'))]);
    expect(world.cluster.read('AIAnalysis', 'c')?.metadata.annotations).toEqual({ 'kubernaut.io/requested-by': 'alice' });
    expect(world.cluster.read('Job', 'ke-1')?.metadata.annotations).toBeUndefined();
  });
});

describe('a status patch', () => {
  it('is bound to the version it was decided on: another pass won, so the rest is dropped and nothing has failed', async () => {
    const world = kernelWorld(aResource());
    world.cluster.onCall = ({ verb }) => {
      if (verb === 'patchStatus') world.cluster.change('RemediationProcessing', 'rr-1-processing', { status: { phase: 'classifying' } });
    };
    expect(await interpreted(world, [patch({ phase: 'enriching' }), event])).toMatchObject({ kind: 'lost' });
    expect(statusOf(world)).toEqual({ phase: 'classifying' });
    expect(world.journal).toEqual([]);
  });

  it('of a resource that is gone meanwhile drops the rest', async () => {
    const world = kernelWorld();
    expect(await interpreted(world, [patch({ phase: 'enriching' }), event])).toMatchObject({ kind: 'lost', why: 'the resource is gone' });
  });

  it.each([400, 413, 422])('that the API will not store (%i) is told apart from other refusals', async (status) => {
    const world = kernelWorld(aResource());
    world.cluster.onCall = ({ verb }) => {
      if (verb === 'patchStatus') throw refusal(status, 'Invalid', 'status.message: too long');
    };
    expect(await interpreted(world, [patch({})])).toMatchObject({ kind: 'refused', content: true, refusal: { status, message: 'status.message: too long' } });
  });

  it('that is forbidden is thrown: no other patch would be allowed either', async () => {
    const world = kernelWorld(aResource());
    world.cluster.onCall = ({ verb }) => {
      if (verb === 'patchStatus') throw refusal(403, 'Forbidden', 'no patch on status');
    };
    await expect(interpreted(world, [patch({})])).rejects.toThrow('no patch on status');
  });

  it('leaves out what is undefined and removes what is null', async () => {
    const world = kernelWorld(aResource({ status: { phase: 'enriching', reason: 'old' } }));
    await interpreted(world, [patch({ reason: null, message: undefined, nested: { a: 1, b: undefined } })]);
    expect(statusOf(world)).toEqual({ phase: 'enriching', nested: { a: 1 } });
  });

  it('that names an effect which created nothing is a bug, and thrown', async () => {
    await expect(interpreted(kernelWorld(aResource()), [patch({ ref: created(3) })])).rejects.toThrow('created(3)');
  });

  it('is not taken in by data that looks like a reference', async () => {
    const world = kernelWorld(aResource());
    const parameters = { $created: 0, fields: ['uid'] };
    await interpreted(world, [create(aChild('ke-1')), patch({ parameters, uid: created(0, ['uid']) })]);
    expect(statusOf(world)).toEqual({ parameters, uid: { uid: 'uid-ke-1-1' } });
  });
});

describe('a metadata patch', () => {
  it('of the same object lets the status patch go on with the version that came back', async () => {
    const world = kernelWorld(aResource());
    const label: Effect = { kind: 'PatchMetadata', labels: { 'kubernaut.io/target-hash': 'abc' } };
    expect(await interpreted(world, [label, patch({ phase: 'enriching' })])).toMatchObject({ kind: 'done' });
    expect(statusOf(world)).toEqual({ phase: 'enriching' });
  });

  it('that changes nothing is harmless', async () => {
    const world = kernelWorld(aResource({ metadata: { labels: { a: 'b' } } }));
    const before = world.cluster.read('RemediationProcessing', 'rr-1-processing');
    await interpreted(world, [{ kind: 'PatchMetadata', labels: { a: 'b' } }]);
    expect(world.cluster.read('RemediationProcessing', 'rr-1-processing')).toEqual(before);
  });

  it('in conflict has the pass look anew, its own object and another alike', async () => {
    const world = kernelWorld(aResource(), aChild('ke-1'));
    const stale = { ...key, uid: 'uid-ke-1-1', resourceVersion: '1' };
    expect(await interpreted(world, [{ kind: 'PatchMetadata', ref: stale, annotations: { a: 'b' } }])).toMatchObject({
      kind: 'again',
      why: 'Job ke-1 has changed since it was read',
    });
    world.cluster.onCall = ({ verb }) => {
      if (verb === 'patchMetadata') world.cluster.change('RemediationProcessing', 'rr-1-processing', { metadata: { labels: { other: 'pass' } } });
    };
    expect(await interpreted(world, [{ kind: 'PatchMetadata', labels: { a: 'b' } }])).toMatchObject({ kind: 'again' });
  });

  it('of another object never reaches one that was deleted and made again', async () => {
    const world = kernelWorld(aResource(), aChild('ke-1'));
    const { uid = '', resourceVersion = '' } = world.cluster.read('Job', 'ke-1')?.metadata ?? {};
    await world.cluster.delete(key, { uid, propagationPolicy: 'Foreground' });
    world.cluster.put(aChild('ke-1'));
    expect(await interpreted(world, [{ kind: 'PatchMetadata', ref: { ...key, uid, resourceVersion }, finalizers: [] }])).toMatchObject({ kind: 'again' });
  });

  it('takes a finalizer off by naming the list that shall remain', async () => {
    const job = aChild('ke-1');
    const world = kernelWorld(aResource(), { ...job, metadata: { ...job.metadata, uid: 'j1', finalizers: ['kubernaut.io/unrecorded', 'other/one'] } });
    const { resourceVersion = '' } = world.cluster.read('Job', 'ke-1')?.metadata ?? {};
    await interpreted(world, [{ kind: 'PatchMetadata', ref: { ...key, uid: 'j1', resourceVersion }, finalizers: ['other/one'] }]);
    expect(world.cluster.read('Job', 'ke-1')?.metadata.finalizers).toEqual(['other/one']);
  });
});

describe('a delete', () => {
  const deletion = (uid: string): Effect => ({ kind: 'DeleteResource', ref: { ...key, uid }, propagationPolicy: 'Foreground' });

  it('of what is gone is success', async () => {
    expect(await interpreted(kernelWorld(aResource()), [deletion('j1')])).toMatchObject({ kind: 'done' });
  });

  it('carries the uid: an object that took the name stays', async () => {
    const world = kernelWorld(aResource(), aChild('ke-1'));
    expect(await interpreted(world, [deletion('an earlier one')])).toMatchObject({ kind: 'done' });
    expect(world.cluster.read('Job', 'ke-1')).not.toBeNull();
  });

  it('takes away the very object', async () => {
    const world = kernelWorld(aResource(), aChild('ke-1'));
    await interpreted(world, [deletion(world.cluster.read('Job', 'ke-1')?.metadata.uid ?? '')]);
    expect(world.cluster.read('Job', 'ke-1')).toBeNull();
  });
});

describe('an Event', () => {
  it('is a core/v1 Event about the very resource, by a derived name', async () => {
    const world = kernelWorld(aResource());
    await interpreted(world, [event]);
    const [made] = world.cluster.objects().filter(({ kind }) => kind === 'Event');
    const { resourceVersion } = world.cluster.read('RemediationProcessing', 'rr-1-processing')?.metadata ?? {};
    expect(made).toMatchObject({
      apiVersion: 'v1',
      metadata: { name: expect.stringMatching(/^rr-1-processing\.[0-9a-f]{16}$/), namespace },
      involvedObject: {
        apiVersion: 'remediation.kubernaut.io/v1',
        kind: 'RemediationProcessing',
        name: 'rr-1-processing',
        namespace,
        uid: 'rp1',
        resourceVersion,
      },
      type: 'Normal',
      reason: 'Started',
      message: 'it begins',
      reportingComponent: 'kubernaut.io/remediation-processing',
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  });

  it('twice is one, and another step of the same reason is another', async () => {
    const world = kernelWorld(aResource());
    await interpreted(world, [event, event, { ...event, discriminator: 'step-2' }]);
    expect(world.cluster.objects().filter(({ kind }) => kind === 'Event')).toHaveLength(2);
    expect(world.lines).toEqual([]);
  });

  it('of the same reason in another phase is another', async () => {
    const world = kernelWorld(aResource());
    await interpreted(world, [event, patch({ phase: 'enriching' })]);
    await interpreted(world, [event]);
    expect(world.cluster.objects().filter(({ kind }) => kind === 'Event')).toHaveLength(2);
  });

  it('is best effort: what goes wrong is logged, and the rest goes on', async () => {
    const world = kernelWorld(aResource());
    world.cluster.onCall = ({ kind }) => {
      if (kind === 'Event') throw refusal(403, 'Forbidden', 'no events here');
    };
    expect(await interpreted(world, [event, patch({ phase: 'enriching' })])).toMatchObject({ kind: 'done' });
    expect(world.lines).toMatchObject([{ level: 'warn', message: 'event not emitted', fields: { reason: 'Started', error: 'no events here' } }]);
  });

  it('has a message of at most 1,024 bytes, masked', async () => {
    const world = kernelWorld(aResource());
    await interpreted(world, [{ ...event, message: `password=hunter2 ${'x'.repeat(2_000)}` }]);
    const message = String(world.cluster.objects().find(({ kind }) => kind === 'Event')?.['message']);
    expect(message).not.toContain('hunter2');
    expect(message).toHaveLength(1_024);
    expect(message.endsWith(' [cut]')).toBe(true);
  });
});

describe('an audit row', () => {
  it('says whose it is, what was decided, on which version, and for which remediation', async () => {
    const world = kernelWorld(aResource());
    const { resourceVersion } = world.cluster.read('RemediationProcessing', 'rr-1-processing')?.metadata ?? {};
    await interpreted(world, [row]);
    expect(world.queues.sent).toMatchObject([
      {
        queue: 'audit',
        body: {
          time: now,
          cluster: clusterName,
          correlationId: 'rr1',
          requestName: 'rr-1',
          kind: 'RemediationProcessing',
          namespace,
          name: 'rr-1-processing',
          uid: 'rp1',
          type: 'processing.started',
          actor: { kind: 'system', name: 'remediation-processing' },
          phaseFrom: '',
          phaseTo: 'enriching',
          message: 'begun',
          resourceVersion,
        },
      },
    ]);
  });

  it('has the same id when its pass is repeated, another on another version or step', async () => {
    const world = kernelWorld(aResource());
    await interpreted(world, [row]);
    await interpreted(world, [row]);
    await interpreted(world, [{ ...row, discriminator: 'step-2' }]);
    world.cluster.change('RemediationProcessing', 'rr-1-processing', { metadata: { labels: { a: 'b' } } });
    await interpreted(world, [row]);
    const [first, repeat, ...others] = world.queues.sent.map(({ body }) => (body as { readonly id: string }).id);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(repeat).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
  });

  it('keeps the version decided on even after a metadata patch of the same pass', async () => {
    const world = kernelWorld(aResource());
    const { resourceVersion } = world.cluster.read('RemediationProcessing', 'rr-1-processing')?.metadata ?? {};
    await interpreted(world, [{ kind: 'PatchMetadata', labels: { a: 'b' } }, row]);
    expect(world.queues.sent).toMatchObject([{ body: { resourceVersion } }]);
  });

  it('travels in one batch with those next to it', async () => {
    const world = kernelWorld(aResource());
    await interpreted(world, [row, { ...row, discriminator: '2' }, patch({ phase: 'enriching' }), { ...row, discriminator: '3' }]);
    expect(world.queues.batches).toEqual([2, 1]);
  });

  it('that cannot be sent stops everything after it: no act without its intent', async () => {
    const world = kernelWorld(aResource());
    world.queues.onSend = () => {
      throw new Error('queue away');
    };
    await expect(interpreted(world, [row, create(aChild('ke-1'))])).rejects.toThrow('queue away');
    expect(world.cluster.read('Job', 'ke-1')).toBeNull();
  });
});

describe('a wake-up for another resource', () => {
  it('is sent to its queue with its delay', async () => {
    const world = kernelWorld(aResource());
    const message: ReconcileMessage = { cluster: clusterName, kind: 'RemediationRequest', namespace, name: 'rr-2', cause: 'watch' };
    await interpreted(world, [{ kind: 'Enqueue', queue: 'remediation-requests', message, delaySeconds: 0 }]);
    expect(world.queues.sent).toEqual([{ queue: 'remediation-requests', body: message, delaySeconds: 0 }]);
  });
});
