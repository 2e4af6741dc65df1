import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aChild, aDelivery, aMessage, aPhase, aResource, kernelWorld, now, parsed, type KernelWorld } from '../../test/support/kernel.ts';
import { unrecordedFinalizer } from '../api/labels.ts';
import { refOf, type KubernetesObject } from '../api/object-ref.ts';
import { stringAt } from '../kubernetes/unstructured.ts';
import { created, type Effect } from './effect.ts';
import { runPass } from './pass.ts';
import type { Decision } from './phase.ts';
import type { Resource } from './room.ts';
import { audit, transition, update } from './transition.ts';

// A small kind that does what the real ones do: it audits an intent, makes a Job once, records it, takes its finalizer off, and ends by the Job's end.

interface Seen {
  readonly job: KubernetesObject | null;
}

const job: KubernetesObject = { ...aChild('ke-1'), metadata: { ...aChild('ke-1').metadata, finalizers: [unrecordedFinalizer] } };

function begin(resource: Resource): Decision {
  const effects = transition(
    resource,
    { to: 'executing', audit: { type: 'processing.started' }, event: { type: 'Normal', reason: 'Started', message: 'begun' } },
    now,
  );
  const label: Effect = { kind: 'PatchMetadata', labels: { 'kubernaut.io/target-hash': 'abc' } };
  const [row, ...rest] = effects;
  return { effects: row === undefined ? [] : [row, label, ...rest], wakeAfterSeconds: [120] };
}

function advance(resource: Resource, { job: found }: Seen): Decision {
  const recorded = stringAt(resource.status, 'jobRef', 'uid');
  if (recorded === null) return found === null ? makeJob(resource) : recordJob(resource, found);
  if (found === null) return end(resource, 'failed', 'job_missing');
  const { uid = '', resourceVersion = '', finalizers = [] } = found.metadata;
  const ref = { apiVersion: 'batch/v1', kind: 'Job', name: 'ke-1', namespace: 'kubernaut-system', uid, resourceVersion };
  if (finalizers.length > 0) return { effects: [{ kind: 'PatchMetadata', ref, finalizers: [] }] };
  return stringAt(found, 'status', 'succeeded') === null ? { effects: [] } : end(resource, 'completed');
}

function makeJob(resource: Resource): Decision {
  return {
    effects: [
      audit({ type: 'execution.intent', reason: '', message: 'makes a Job' }, 'executing', 'executing'),
      { kind: 'CreateResource', object: job, whenTaken: 'refused' },
      audit({ type: 'execution.job_created', reason: '', message: 'made it' }, 'executing', 'executing'),
      update(resource, { jobRef: created(1) }, [], now),
      { kind: 'EmitEvent', type: 'Normal', reason: 'JobCreated', message: 'ke-1' },
    ],
  };
}

function recordJob(resource: Resource, found: KubernetesObject): Decision {
  const row = audit({ type: 'execution.job_created', reason: '', message: 'found it' }, 'executing', 'executing');
  return { effects: [row, update(resource, { jobRef: { ...refOf(found) } }, [], now)] };
}

function end(resource: Resource, to: string, reason?: string): Decision {
  return {
    effects: transition(
      resource,
      {
        to,
        ...(reason !== undefined && { reason }),
        message: 'over',
        audit: { type: 'processing.ended' },
        event: { type: 'Normal', reason: 'Ended', message: 'over' },
      },
      now,
    ),
  };
}

const phases = (world: KernelWorld) => ({
  '': aPhase({ decide: begin }),
  executing: aPhase({
    observe: async (): Promise<Seen> => ({
      job: await world.cluster.get({ apiVersion: 'batch/v1', kind: 'Job', name: 'ke-1', namespace: 'kubernaut-system' }),
    }),
    decide: (resource, seen) => advance(resource, seen as Seen),
  }),
  completed: aPhase(),
  failed: aPhase(),
});

class Crash extends Error {}

/** One pass for a change, as the watcher would send it; a crash is what a dead function is: nothing after it happens, and the message comes back. */
async function onePass(world: KernelWorld): Promise<'passed' | 'crashed'> {
  try {
    await runPass(world.options(phases(world)), aDelivery({ body: aMessage() }));
    return 'passed';
  } catch (error) {
    if (!(error instanceof Crash) && !(error instanceof Error && /modified/.test(error.message))) throw error;
    return 'crashed';
  }
}

async function run(world: KernelWorld): Promise<void> {
  for (let passes = 0; passes < 30; passes += 1) {
    await onePass(world);
    finishJob(world);
    if (phaseOf(world) === 'completed') return;
  }
}

/** The Job ends by itself as soon as its finalizer is off. */
function finishJob(world: KernelWorld): void {
  const made = world.cluster.read('Job', 'ke-1');
  if (made !== null && (made.metadata.finalizers ?? []).length === 0 && made['status'] === undefined)
    world.cluster.change('Job', 'ke-1', { status: { succeeded: '1' } });
}

function phaseOf(world: KernelWorld): string | undefined {
  const read = world.cluster.read('RemediationProcessing', 'rr-1-processing');
  return read === null ? undefined : parsed(read).status?.phase;
}

/** Everything that writes counts as one step; `crashes` says which of them die, before they are taken or after. */
function crashing(world: KernelWorld, crashes: ReadonlyMap<number, 'before' | 'after'>): { readonly broken: readonly unknown[] } {
  const broken: unknown[] = []; // kept here: what is thrown while an Event is made is best effort to the interpreter
  const judge = () => {
    try {
      holdsOrder(world);
    } catch (error) {
      broken.push(error);
    }
  };
  let step = 0;
  const { onWritten } = world.cluster;
  const { onSent } = world.queues;
  const dieIf = (when: 'before' | 'after') => {
    if (crashes.get(step) === when) throw new Crash(`${when} step ${step}`);
  };
  const before = () => {
    step += 1;
    dieIf('before');
  };
  world.cluster.onCall = ({ verb }) => void (verb !== 'get' && before());
  world.queues.onSend = before;
  world.cluster.onWritten = (call) => {
    onWritten(call);
    judge();
    if (call.kind !== 'Event') dieIf('after');
  };
  world.queues.onSent = (queue) => {
    onSent(queue);
    judge();
    dieIf('after');
  };
  return { broken };
}

/** What must be true after every single write, whoever dies next. */
function holdsOrder(world: KernelWorld): void {
  const resource = world.cluster.read('RemediationProcessing', 'rr-1-processing');
  const made = world.cluster.read('Job', 'ke-1');
  const rows = world.queues.sent.filter(({ queue }) => queue === 'audit').map(({ body }) => stringAt(body, 'type'));
  const recorded = stringAt(resource, 'status', 'jobRef', 'uid');
  const phase = stringAt(resource, 'status', 'phase') ?? '';
  const events = world.cluster
    .objects()
    .filter(({ kind }) => kind === 'Event')
    .map((event) => stringAt(event, 'reason'));
  if (made !== null) expect(rows, 'the intent is on the audit queue before the Job exists').toContain('execution.intent');
  if (recorded !== null) expect(made?.metadata.uid, 'a reference names a Job that exists').toBe(recorded);
  if (made !== null && recorded === null) expect(made.metadata.finalizers, 'a Job that nobody recorded cannot vanish').toContain(unrecordedFinalizer);
  if (phase !== '') expect(rows, 'a transition is audited before it happens').toContain('processing.started');
  if (phase !== '')
    expect(
      world.queues.sent.some(({ queue, delaySeconds }) => queue === 'remediation-processings' && delaySeconds === 120),
      'its timer is armed before',
    ).toBe(true);
  if (phase === 'completed') expect(rows).toContain('processing.ended');
  if (events.includes('Ended')) expect(phase, 'an Event tells what has happened').toBe('completed');
}

/** The end as anybody can see it: without versions, which count the writes. */
function endOf(world: KernelWorld): unknown {
  const objects = world.cluster
    .objects()
    .map(({ metadata, ...object }) => ({ ...object, name: metadata.name, labels: metadata.labels, finalizers: metadata.finalizers, involvedObject: null }));
  const types = new Set(world.queues.sent.filter(({ queue }) => queue === 'audit').map(({ body }) => stringAt(body, 'type')));
  return { objects: objects.filter(({ kind }) => kind !== 'Event'), types };
}

async function calmEnd(): Promise<unknown> {
  const world = kernelWorld(aResource());
  await run(world);
  return endOf(world);
}

describe('a function that dies', () => {
  const steps = Array.from({ length: 20 }, (_, index) => index + 1);

  it('leaves a full story when it does not', async () => {
    const world = kernelWorld(aResource());
    const { broken } = crashing(world, new Map());
    await run(world);
    expect(broken).toEqual([]);
    expect(world.journal.map((entry) => entry.replace(/ rr-1-processing.*/, ''))).toEqual([
      'send audit',
      'send remediation-processings',
      'patchMetadata RemediationProcessing',
      'patchStatus RemediationProcessing',
      'create Event',
      'send audit',
      'create Job ke-1',
      'send audit',
      'patchStatus RemediationProcessing',
      'create Event',
      'patchMetadata Job ke-1',
      'send audit',
      'patchStatus RemediationProcessing',
      'create Event',
    ]);
  });

  it.each(steps.flatMap((step) => (['before', 'after'] as const).map((when) => ({ step, when }))))(
    '$when write $step comes to the same end',
    async ({ step, when }) => {
      const world = kernelWorld(aResource());
      const { broken } = crashing(world, new Map([[step, when]]));
      await run(world);
      expect(broken).toEqual([]);
      expect(endOf(world)).toEqual(await calmEnd());
    },
  );

  it('as often as you like, anywhere, comes to the same end', async () => {
    const calm = await calmEnd();
    const crashes = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom('before' as const, 'after' as const)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(crashes, async (points) => {
        const world = kernelWorld(aResource());
        const { broken } = crashing(world, new Map(points));
        await run(world);
        expect(broken).toEqual([]);
        expect(endOf(world)).toEqual(calm);
      }),
    );
  });
});

describe('two passes at once', () => {
  it('of one message come to the same end, with one Job and one of each Event', async () => {
    const world = kernelWorld(aResource());
    const { broken } = crashing(world, new Map());
    for (let turn = 0; turn < 20 && phaseOf(world) !== 'completed'; turn += 1) {
      await Promise.all([onePass(world), onePass(world)]);
      finishJob(world);
    }
    expect(broken).toEqual([]);
    expect(endOf(world)).toEqual(await calmEnd());
    const reasons = world.cluster
      .objects()
      .filter(({ kind }) => kind === 'Event')
      .map((event) => stringAt(event, 'reason'));
    expect(reasons).toEqual(['Started', 'JobCreated', 'Ended']);
  });
});
