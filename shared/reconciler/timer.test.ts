import { describe, expect, it } from 'vitest';
import { aChild, aResource, clusterName, interpreted, kernelWorld, namespace, now, type KernelWorld } from '../../test/support/kernel.ts';
import type { ReconcileMessage } from '../queue/messages.ts';
import type { CreateResource, Effect, PatchStatus } from './effect.ts';

const create: CreateResource = { kind: 'CreateResource', object: aChild('ke-1'), whenTaken: 'refused' };
const patch = (status: PatchStatus['status']): PatchStatus => ({ kind: 'PatchStatus', status });
const row: Effect = { kind: 'RecordAudit', type: 'processing.started', phaseFrom: '', phaseTo: 'enriching', reason: '', message: 'begun' };
const event: Effect = { kind: 'EmitEvent', type: 'Normal', reason: 'Started', message: 'it begins' };

describe('timers', () => {
  const timers = (world: KernelWorld) => world.queues.sent.filter(({ queue }) => queue === 'remediation-processings');

  it('leave after the audit and before the patches of the resource, the Event last', async () => {
    const world = kernelWorld(aResource());
    const effects: readonly Effect[] = [row, create, row, { kind: 'PatchMetadata', labels: { a: 'b' } }, patch({ phase: 'enriching' }), event];
    await interpreted(world, { effects, wakeAfterSeconds: [30] });
    expect(world.journal.map((entry) => entry.replace(/ rr-1-processing.*/, ''))).toEqual([
      'send audit',
      'create Job ke-1',
      'send audit',
      'send remediation-processings',
      'patchMetadata RemediationProcessing',
      'patchStatus RemediationProcessing',
      'create Event',
    ]);
  });

  it('are named after the phase that holds once it is written, with the version decided on', async () => {
    const world = kernelWorld(aResource({ status: { phase: 'enriching' } }));
    const { resourceVersion } = world.cluster.read('RemediationProcessing', 'rr-1-processing')?.metadata ?? {};
    await interpreted(world, { effects: [patch({ phase: 'classifying' })], wakeAfterSeconds: [30] });
    const body = {
      cluster: clusterName,
      kind: 'RemediationProcessing',
      namespace,
      name: 'rr-1-processing',
      cause: 'timer',
      phase: 'classifying',
      resourceVersion,
    };
    expect(timers(world)).toEqual([{ queue: 'remediation-processings', body, delaySeconds: 30 }]);
  });

  it('of a write within the phase keep its name', async () => {
    const world = kernelWorld(aResource({ status: { phase: 'enriching' } }));
    await interpreted(world, { effects: [patch({ until: now })], wakeAfterSeconds: [30] });
    expect(timers(world)).toMatchObject([{ body: { phase: 'enriching' } }]);
  });

  it('wait at least 5 and at most 900 seconds, one message for each', async () => {
    const world = kernelWorld(aResource());
    await interpreted(world, { effects: [patch({})], wakeAfterSeconds: [0, 4.2, 10.5, 5_000] });
    expect(timers(world).map(({ delaySeconds }) => delaySeconds)).toEqual([5, 5, 11, 900]);
    expect(world.queues.batches).toEqual([4]);
  });

  it.each<[cause: ReconcileMessage['cause'], effects: readonly Effect[], armed: number]>([
    ['timer', [], 1],
    ['watch', [], 0],
    ['sweep', [], 0],
    ['watch', [patch({ wait: 'new' })], 1],
    ['sweep', [patch({ wait: 'new' })], 1],
  ])("are armed by a timer's own pass and by whoever writes the wait (%s, %j: %i)", async (cause, effects, armed) => {
    const world = kernelWorld(aResource());
    await interpreted(world, { effects, wakeAfterSeconds: [30] }, cause);
    expect(timers(world)).toHaveLength(armed);
  });
});
