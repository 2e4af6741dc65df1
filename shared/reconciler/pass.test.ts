import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/support/cluster-twin.ts';
import { aChild, aDelivery, aMessage, aPhase, aResource, kernelWorld, now, type KernelWorld, type TestPhase } from '../../test/support/kernel.ts';
import { mergeConditions } from '../api/condition.ts';
import { addSeconds } from '../api/time.ts';
import type { ReconcileMessage } from '../queue/messages.ts';
import type { Effect } from './effect.ts';
import { runPass } from './pass.ts';
import type { Decision, Refusal } from './phase.ts';
import { NotYet } from './retry.ts';
import { markStalled } from './stalled.ts';
import { endingBy } from '../time-left.ts';

const patch = (status: object): Effect => ({ kind: 'PatchStatus', status: { ...status } });
const enter: Effect = patch({ phase: 'enriching' });

function statusOf(world: KernelWorld) {
  return world.cluster.read('RemediationProcessing', 'rr-1-processing')?.['status'];
}

function pass(world: KernelWorld, phase: TestPhase | readonly Effect[] | Decision, message: Partial<ReconcileMessage> = {}, receiveCount = 1) {
  const phases = { '': aPhase(phase), enriching: aPhase(phase), completed: aPhase(phase) };
  return runPass(world.options(phases), aDelivery({ body: aMessage(message), receiveCount }));
}

describe('a pass', () => {
  it('of a resource that is gone is done', async () => {
    expect(await pass(kernelWorld(), [enter])).toMatchObject({ outcome: 'gone' });
  });

  it('looks, decides and writes one step', async () => {
    const world = kernelWorld(aResource());
    const seen: unknown[] = [];
    const report = await pass(world, {
      observe: async () => 'the world',
      decide: (resource, observed, at) => {
        seen.push([resource.metadata.uid, observed, at]);
        return { effects: [enter] };
      },
    });
    expect(seen).toEqual([['rp1', 'the world', now]]);
    expect(report).toMatchObject({ outcome: 'done', phaseFrom: '', phaseTo: 'enriching', effects: { PatchStatus: 1 } });
    expect(statusOf(world)).toEqual({ phase: 'enriching' });
  });

  it('that decides nothing writes nothing', async () => {
    const world = kernelWorld(aResource({ status: { phase: 'completed' } }));
    expect(await pass(world, [])).toMatchObject({ outcome: 'done', effects: {} });
    expect(world.journal).toEqual([]);
  });

  it('in a phase that nobody knows says what to do', async () => {
    const world = kernelWorld(aResource({ status: { phase: 'dreaming' } }));
    await expect(pass(world, [])).rejects.toThrow('is in phase "dreaming": deploy the version of the functions that writes it');
  });

  it('that lost the race has not failed', async () => {
    const world = kernelWorld(aResource());
    const decide = () => {
      world.cluster.change('RemediationProcessing', 'rr-1-processing', { status: { phase: 'classifying' } });
      return { effects: [enter] };
    };
    expect(await pass(world, { decide })).toMatchObject({ outcome: 'lost', phaseTo: '' });
  });

  it('makes nothing for a resource that is being deleted, but still brings it to its end', async () => {
    const world = kernelWorld(aResource({ metadata: { deletionTimestamp: now, finalizers: ['foregroundDeletion'] } }));
    expect(await pass(world, [{ kind: 'CreateResource', object: aChild('ke-1'), whenTaken: 'refused' }, enter])).toMatchObject({ outcome: 'deleting' });
    expect(world.journal).toEqual([]);
    expect(await pass(world, [enter])).toMatchObject({ outcome: 'done', phaseTo: 'enriching' });
  });
});

describe('a timer', () => {
  const here = { cause: 'timer', phase: 'enriching' } as const;
  const world = () => kernelWorld(aResource({ status: { phase: 'enriching' } }));
  const versionOf = ({ cluster }: KernelWorld) => cluster.read('RemediationProcessing', 'rr-1-processing')?.metadata.resourceVersion ?? '';

  it.each(['1', undefined])('of the present phase is a pass, whatever the version (%s)', async (resourceVersion) => {
    const at = world();
    expect(await pass(at, [patch({ phase: 'completed' })], { ...here, ...(resourceVersion !== undefined && { resourceVersion }) })).toMatchObject({
      outcome: 'done',
    });
  });

  it('of another phase and exactly this version is early: its patch may yet land', async () => {
    const at = world();
    await expect(pass(at, [enter], { cause: 'timer', phase: 'classifying', resourceVersion: versionOf(at) })).rejects.toThrow(NotYet);
  });

  it('of another phase and another version is dropped', async () => {
    const at = world();
    expect(await pass(at, [patch({ phase: 'completed' })], { cause: 'timer', phase: 'classifying', resourceVersion: '1' })).toMatchObject({ outcome: 'stale' });
    expect(at.journal).toEqual([]);
  });

  it('of the phase "" is one like any other', async () => {
    expect(await pass(world(), [enter], { cause: 'timer', phase: '', resourceVersion: '1' })).toMatchObject({ outcome: 'stale' });
    expect(await pass(kernelWorld(aResource()), [enter], { cause: 'timer', phase: '', resourceVersion: '1' })).toMatchObject({ outcome: 'done' });
  });

  it.each(['watch', 'sweep'] as const)('is what only a timer is: %s is always a pass', async (cause) => {
    expect(await pass(world(), [enter], { cause, phase: 'classifying', resourceVersion: '1' })).toMatchObject({ outcome: 'done' });
  });
});

describe('a world that differs from what was observed', () => {
  const lock: Effect = { kind: 'CreateResource', object: aChild('target-1', { kind: 'Lease' }), whenTaken: 'again' };

  it('is looked at anew, within the same pass', async () => {
    const world = kernelWorld(aResource(), aChild('target-1', { kind: 'Lease', ownerUid: 'stranger' }));
    let looks = 0;
    const phase: TestPhase = {
      observe: async () => {
        looks += 1;
        return looks;
      },
      decide: (_resource, observed) => ({ effects: observed === 1 ? [lock] : [patch({ phase: 'blocked' })] }),
    };
    expect(await pass(world, phase)).toMatchObject({ outcome: 'done', phaseTo: 'blocked' });
  });

  it('for five rounds is left to the backoff', async () => {
    const world = kernelWorld(aResource(), aChild('target-1', { kind: 'Lease', ownerUid: 'stranger' }));
    await expect(pass(world, [lock])).rejects.toThrow('after 5 rounds: Lease target-1 belongs to another owner');
  });
});

describe('a refusal for good', () => {
  const create: Effect = { kind: 'CreateResource', object: aChild('ke-1'), whenTaken: 'refused' };
  const denied = (world: KernelWorld) => {
    world.cluster.onCall = ({ verb, kind }) => {
      if (verb === 'create' && kind === 'Job') throw refusal(403, 'Forbidden', 'denied by policy');
    };
  };

  it('is what the phase decides on', async () => {
    const world = kernelWorld(aResource());
    denied(world);
    const refused = (_resource: unknown, { effect, status, message }: Refusal) => ({
      effects: [patch({ phase: 'failed', reason: 'child_refused', message: `${effect.kind} ${status}: ${message}` })],
    });
    expect(await pass(world, { decide: () => ({ effects: [create, enter] }), refused })).toMatchObject({
      outcome: 'done',
      phaseTo: 'failed',
      reason: 'child_refused',
    });
    expect(statusOf(world)).toEqual({ phase: 'failed', reason: 'child_refused', message: 'CreateResource 403: denied by policy' });
  });

  it('without an answer is thrown', async () => {
    const world = kernelWorld(aResource());
    denied(world);
    await expect(pass(world, [create])).rejects.toThrow('denied by policy');
    await expect(pass(world, { decide: () => ({ effects: [create] }), refused: () => null })).rejects.toThrow('denied by policy');
  });

  it('of every answer is thrown at last', async () => {
    const world = kernelWorld(aResource());
    denied(world);
    let answers = 0;
    const refused = () => {
      answers += 1;
      return { effects: [create] };
    };
    await expect(pass(world, { decide: () => ({ effects: [create] }), refused })).rejects.toThrow('denied by policy');
    expect(answers).toBeLessThan(5);
  });

  it('after a metadata patch is answered on the version that patch left', async () => {
    const world = kernelWorld(aResource());
    denied(world);
    const effects: readonly Effect[] = [{ kind: 'PatchMetadata', labels: { a: 'b' } }, create];
    await pass(world, { decide: () => ({ effects }), refused: () => ({ effects: [patch({ phase: 'failed' })] }) });
    expect(statusOf(world)).toEqual({ phase: 'failed' });
  });
});

describe('a status that the API will not store', () => {
  const refuse = (world: KernelWorld, refuses: (status: object) => boolean) => {
    world.cluster.onCall = ({ verb, body }) => {
      if (verb === 'patchStatus' && body !== undefined && refuses(body)) throw refusal(422, 'Invalid', 'status.targetBefore: Too long');
    };
  };

  it('is followed by the smallest one: failed, status_refused, with what the kind must say besides', async () => {
    const world = kernelWorld(aResource());
    refuse(world, (status) => !('reason' in status));
    const options = world.options({ '': aPhase([enter]) }, { whenFailed: () => ({ outcome: 'failed' }) });
    expect(await runPass(options, aDelivery())).toMatchObject({ outcome: 'done', phaseTo: 'failed', reason: 'status_refused' });
    expect(statusOf(world)).toMatchObject({
      phase: 'failed',
      reason: 'status_refused',
      message: 'status.targetBefore: Too long',
      completionTime: now,
      outcome: 'failed',
    });
    expect(world.queues.sent).toMatchObject([{ queue: 'audit', body: { type: 'processing.failed', reason: 'status_refused' } }]);
    expect(world.cluster.objects().find(({ kind }) => kind === 'Event')).toMatchObject({ type: 'Warning', reason: 'ProcessingFailed' });
  });

  it('and refuses the smallest one too is thrown', async () => {
    const world = kernelWorld(aResource());
    refuse(world, () => true);
    await expect(pass(world, [enter])).rejects.toThrow('Too long');
  });
});

describe('a deadline that nobody can look past', () => {
  const deadline = addSeconds(now, -60);
  const blind: TestPhase = { observe: () => Promise.reject(new Error('reading pods: 503')), deadline: () => deadline };
  const blindWorld = () => kernelWorld(aResource({ status: { phase: 'enriching' } }));

  it('fails the resource a minute after it, with the error in the message', async () => {
    const world = blindWorld();
    expect(await pass(world, blind, {}, 2)).toMatchObject({ phaseTo: 'failed', reason: 'deadline_exceeded' });
    expect(statusOf(world)).toMatchObject({ message: `phase "enriching" had until ${deadline}, and what it waits for cannot be read: reading pods: 503` });
  });

  it.each<[sentence: string, phase: TestPhase, receiveCount: number]>([
    ['it is the first failure of this message', blind, 1],
    ['the minute is not over', { ...blind, deadline: () => addSeconds(deadline, 1) }, 5],
    ['the phase has none, or its work may still act', { ...blind, deadline: () => null }, 5],
    ['the phase never says', { observe: () => Promise.reject(new Error('reading pods: 503')) }, 5],
  ])('waits for the queue to bring it back while %s', async (_sentence, phase, receiveCount) => {
    await expect(pass(blindWorld(), phase, {}, receiveCount)).rejects.toThrow('reading pods: 503');
  });

  it('hides no bug: what decide throws is thrown', async () => {
    const decide = () => {
      throw new TypeError('a bug');
    };
    await expect(pass(blindWorld(), { decide, deadline: () => deadline }, {}, 5)).rejects.toThrow('a bug');
  });
});

describe('a throttled look', () => {
  it('is repeated after the Retry-After', async () => {
    const world = kernelWorld(aResource());
    let looks = 0;
    const observe = async () => {
      looks += 1;
      if (looks === 1) throw refusal(429, 'TooManyRequests', 'slow down', 2);
      return null;
    };
    expect(await pass(world, { observe, decide: () => ({ effects: [enter] }) })).toMatchObject({ outcome: 'done' });
    expect(world.clock.slept).toEqual([2_000]);
  });

  it('that outlasts the invocation is thrown at once', async () => {
    const world = kernelWorld(aResource());
    const observe = () => Promise.reject(refusal(429, 'TooManyRequests', 'slow down', 20));
    await expect(endingBy(world.clock, world.clock.milliseconds() + 20_000, () => pass(world, { observe }))).rejects.toThrow('slow down');
    expect(world.clock.slept).toEqual([]);
  });
});

describe('a stalled resource', () => {
  const stalledWorld = async () => {
    const world = kernelWorld(aResource({ status: { phase: 'enriching' } }));
    const read = world.cluster.read('RemediationProcessing', 'rr-1-processing');
    if (read !== null) await markStalled(read, refusal(503, 'ServiceUnavailable', 'request 4711 at 10:35'), now, world.cluster);
    return world;
  };

  it('says the class of the error, and neither ids nor times', async () => {
    const world = await stalledWorld();
    expect(statusOf(world)).toMatchObject({
      phase: 'enriching',
      conditions: [{ type: 'Stalled', status: 'True', reason: 'RetriesExhausted', message: 'ApiError 503 ServiceUnavailable', lastTransitionTime: now }],
    });
  });

  it('has recovered after a pass that works, whether that pass writes or not', async () => {
    const idle = await stalledWorld();
    await pass(idle, []);
    expect(statusOf(idle)).toMatchObject({ phase: 'enriching', conditions: [{ type: 'Stalled', status: 'False', reason: 'Recovered' }] });
    const busy = await stalledWorld();
    await pass(busy, {
      decide: ({ status }) => ({
        effects: [
          patch({ phase: 'completed', conditions: mergeConditions(status?.conditions, [{ type: 'Ready', status: 'True', reason: 'Completed' }], { now }) }),
        ],
      }),
    });
    expect(statusOf(busy)).toMatchObject({
      phase: 'completed',
      conditions: [
        { type: 'Stalled', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
    });
  });

  it('that is well is not written to', async () => {
    const world = kernelWorld(aResource({ status: { phase: 'enriching' } }));
    await pass(world, []);
    expect(world.journal).toEqual([]);
  });

  it('has not recovered by a pass that lost', async () => {
    const world = await stalledWorld();
    await pass(world, {
      decide: () => {
        world.cluster.change('RemediationProcessing', 'rr-1-processing', { metadata: { labels: { other: 'pass' } } });
        return { effects: [enter] };
      },
    });
    expect(statusOf(world)).toMatchObject({ conditions: [{ type: 'Stalled', status: 'True' }] });
  });
});

describe('a resource that cannot be parsed', () => {
  it('is thrown by its field, for the operator and the queue', async () => {
    const world = kernelWorld(aResource());
    const parse = () => {
      throw new Error('reading RemediationProcessing: spec.alert: is absent');
    };
    await expect(runPass(world.options({ '': aPhase([]) }, { parse }), aDelivery())).rejects.toThrow('spec.alert: is absent');
  });
});
