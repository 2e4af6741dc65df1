import { afterEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { listAt, numberAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { aJob, aLivingWorld, type JobFixture, type LivingWorld } from '../../../test/support/nodes.ts';
import { jobKind } from './job.ts';
import { podKind } from './pod.ts';

const notYetAllowed = /serviceaccount "late" not found/;
let world: LivingWorld;
afterEach(() => world.stop(notYetAllowed));

async function create(fixture: JobFixture = {}): Promise<void> {
  world = await aLivingWorld();
  await world.client.create(aJob(fixture));
}

const path = '/apis/batch/v1/namespaces/production/jobs/backup';
const job = () => world.get(jobKind, 'backup');
const pods = async () => (await world.client.list(podKind, { namespace: 'production' })).items;

function conditions(object: KubernetesObject | null): readonly string[] {
  return listAt(object, 'status', 'conditions')
    .filter((condition) => stringAt(condition, 'status') === 'True')
    .map((condition) => `${stringAt(condition, 'type')}: ${stringAt(condition, 'reason')}`);
}

const ended = async (): Promise<boolean> => conditions(await job()).some((text) => /^(Complete|Failed):/.test(text));

/** The Job's conditions as they came, without repeats. */
async function trailUntilEnded(): Promise<readonly string[]> {
  const trail: string[] = [];
  await world.until(async () => {
    const text = conditions(await job()).join(', ');
    if (trail.at(-1) !== text) trail.push(text);
    return ended();
  });
  return trail;
}

describe('a Job', () => {
  it('runs one pod to its success', async () => {
    await create();
    expect((await trailUntilEnded()).at(-1)).toBe('SuccessCriteriaMet: CompletionsReached, Complete: CompletionsReached');
    const status = (await job())?.['status'];
    expect(status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {}, startTime: '2026-01-15T10:30:00Z' });
    expect(stringAt(status, 'completionTime')).not.toBeNull();
    expect(numberAt(status, 'active')).toBeNull();
    const [pod] = await pods();
    const uid = (await job())?.metadata.uid;
    expect(pod?.metadata).toMatchObject({
      labels: { 'batch.kubernetes.io/job-name': 'backup', 'batch.kubernetes.io/controller-uid': uid, 'job-name': 'backup', 'controller-uid': uid },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'backup', uid, controller: true, blockOwnerDeletion: true }],
    });
    expect(pod?.metadata.finalizers ?? []).toEqual([]);
  });

  it('with backoffLimit 0 fails with its first pod, and makes no other', async () => {
    await create({ scenario: { 'exit-code': '3' } });
    expect((await trailUntilEnded()).at(-1)).toBe('FailureTarget: BackoffLimitExceeded, Failed: BackoffLimitExceeded');
    expect((await job())?.['status']).toMatchObject({ failed: 1 });
    expect(stringAt((await job())?.['status'], 'completionTime')).toBeNull();
    expect(await pods()).toHaveLength(1);
  });

  it('tries again after a pause that doubles, as often as backoffLimit says', async () => {
    await create({ spec: { backoffLimit: 2 }, scenario: { 'exit-code': '1' } });
    await trailUntilEnded();
    expect(await pods()).toHaveLength(3);
    expect(world.clock.milliseconds() - Date.parse('2026-01-15T10:30:00Z')).toBeGreaterThanOrEqual(30_000);
  });

  it('deletes its pod at its deadline and only then is failed', async () => {
    await create({ spec: { activeDeadlineSeconds: 30 }, scenario: { 'runs-for-seconds': '3600' } });
    expect(await trailUntilEnded()).toEqual(['', 'FailureTarget: DeadlineExceeded', 'FailureTarget: DeadlineExceeded, Failed: DeadlineExceeded']);
    expect(world.clock.now() >= '2026-01-15T10:30:30Z').toBe(true);
    expect(await pods()).toEqual([]);
    expect((await job())?.['status']).toMatchObject({ failed: 1, terminating: 0 });
  });

  it('makes no pod while it is suspended, and runs when it is resumed', async () => {
    await create({ spec: { suspend: true } });
    await world.until(async () => conditions(await job()).includes('Suspended: JobSuspended'));
    expect(await pods()).toEqual([]);
    expect(stringAt((await job())?.['status'], 'startTime')).toBeNull();
    await world.client.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { spec: { suspend: false } } });
    await world.until(ended);
    expect(conditions(await job())).toContain('Complete: CompletionsReached');
  });

  it('ends its pod when it is suspended, and does not count that as a failure', async () => {
    await create({ scenario: { 'runs-for-seconds': '60' } });
    await world.until(async () => (await pods()).some((pod) => stringAt(pod, 'status', 'phase') === 'Running'));
    await world.client.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { spec: { suspend: true } } });
    await world.until(async () => (await pods()).length === 0);
    expect(numberAt(await job(), 'status', 'failed')).toBeNull();
  });

  it('counts a pod that somebody deletes as failed, and starts none in its place', async () => {
    await create({ scenario: { 'runs-for-seconds': '60' } });
    await world.until(async () => (await pods()).some((pod) => stringAt(pod, 'status', 'phase') === 'Running'));
    const [pod] = await pods();
    await world.client.send({ method: 'DELETE', path: `/api/v1/namespaces/production/pods/${pod?.metadata.name ?? ''}` });
    await world.until(ended);
    expect(conditions(await job())).toContain('Failed: BackoffLimitExceeded');
    expect(await pods()).toEqual([]);
  });

  it('that is being deleted makes no pods', async () => {
    world = await aLivingWorld();
    const held = aJob({ spec: { suspend: true } });
    await world.client.create({ ...held, metadata: { ...held.metadata, finalizers: ['kubernaut.io/unrecorded'] } });
    await world.until(async () => conditions(await job()).length === 1);
    await world.client.send({ method: 'DELETE', path, body: { propagationPolicy: 'Foreground' } });
    await world.client.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { spec: { suspend: false } } });
    const end = world.clock.milliseconds() + 30_000;
    await world.until(async () => world.clock.milliseconds() >= end, 60);
    expect(await pods()).toEqual([]);
  });

  it.each(['Foreground', 'Background'])('takes its pod along when it is deleted in the %s while it runs', async (propagationPolicy) => {
    await create({ scenario: { 'runs-for-seconds': '600' } });
    await world.until(async () => (await pods()).some((pod) => stringAt(pod, 'status', 'phase') === 'Running'));
    await world.client.send({ method: 'DELETE', path, body: { propagationPolicy } });
    await world.until(async () => (await pods()).length === 0);
    expect(await job()).toBeNull();
  });

  it('tells why it may make no pod, and goes on once it may', async () => {
    world = await aLivingWorld();
    await world.client.create(aJob({ pod: { serviceAccountName: 'late' } }));
    const events = async () => (await world.client.list({ apiVersion: 'v1', kind: 'Event' }, {})).items.filter((event) => event['reason'] === 'FailedCreate');
    await world.until(async () => (await events()).length > 0);
    expect(stringAt((await events())[0], 'message')).toContain('serviceaccount "late" not found');
    await world.client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'late', namespace: 'production' } });
    await world.until(ended);
  });
});
