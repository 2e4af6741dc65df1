import { describe, expect, it } from 'vitest';
import { metadataOf, objectAt, type Subject } from '../subject.ts';
import { allRun, fails, jobs, phaseOf, started, succeeds, task, trueConditions } from './living-job.ts';

const unrecorded = 'kubernaut.io/unrecorded';

export function jobSemantics(subject: () => Subject): void {
  describe('a Job that succeeds', () => {
    it('says so in two conditions, with its times and its count', async () => {
      const job = await started(subject(), task('succeeding', {}, succeeds));
      const done = await job.until('Complete');
      expect(trueConditions(done)).toEqual(['SuccessCriteriaMet=CompletionsReached', 'Complete=CompletionsReached']);
      expect(done).toMatchObject({
        status: { succeeded: 1, ready: 0, terminating: 0, startTime: expect.any(String) as string, completionTime: expect.any(String) as string },
      });
      expect(objectAt(done, 'status')).not.toHaveProperty('failed');
      expect(objectAt(done, 'status')).not.toHaveProperty('active');
      expect(metadataOf({ status: 200, body: done })).toMatchObject({ generation: 1 });
    });

    it('keeps its pod, which belongs to it and is let go', async () => {
      const job = await started(subject(), task('keeping', {}, succeeds));
      await job.until('Complete');
      const { uid } = metadataOf(await job.get());
      const [pod, ...others] = await job.untilPods((pods) => pods.every((each) => objectAt(each, 'metadata')['finalizers'] === undefined));
      expect(others).toEqual([]);
      expect(pod).toMatchObject({
        metadata: {
          name: expect.stringMatching(/^keeping-[a-z0-9]{5}$/) as string,
          labels: { 'job-name': 'keeping', 'batch.kubernetes.io/job-name': 'keeping', 'controller-uid': uid, 'batch.kubernetes.io/controller-uid': uid },
          ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'keeping', uid, controller: true, blockOwnerDeletion: true }],
        },
        status: { phase: 'Succeeded' },
      });
    });

    it('tells of it in Events', async () => {
      const job = await started(subject(), task('telling', {}, succeeds));
      await job.until('Complete');
      await subject().eventually(job.get, () => true);
      expect(await job.told()).toEqual(expect.arrayContaining(['SuccessfulCreate', 'Completed']));
    });
  });

  describe('a Job that may not try again', () => {
    it('fails with its first pod, and makes no second', async () => {
      const job = await started(subject(), task('once', {}, fails));
      const done = await job.until('Failed');
      expect(trueConditions(done)).toEqual(['FailureTarget=BackoffLimitExceeded', 'Failed=BackoffLimitExceeded']);
      expect(done).toMatchObject({ status: { failed: 1, ready: 0, terminating: 0 } });
      expect(objectAt(done, 'status')).not.toHaveProperty('completionTime');
      expect(objectAt(done, 'status')).not.toHaveProperty('succeeded');
      await subject().elapse(3);
      const pods = await job.pods();
      expect(pods.map(phaseOf)).toEqual(['Failed']);
      expect(pods[0]).toMatchObject({ status: { containerStatuses: [{ state: { terminated: { exitCode: 3, reason: 'Error' } } }] } });
      expect(await job.told()).toContain('BackoffLimitExceeded');
    });

    it('fails when its running pod is deleted by somebody', async () => {
      const { send, path } = subject();
      const job = await started(subject(), task('robbed'));
      const [pod] = await job.untilPods(allRun);
      expect(await job.status()).toMatchObject({ active: 1 });
      await send('DELETE', path(`pods/${String(objectAt(pod, 'metadata')['name'] as string)}`));
      const done = await job.until('Failed');
      expect(done).toMatchObject({ status: { failed: 1 } });
      expect(trueConditions(done)).toContain('Failed=BackoffLimitExceeded');
      expect(await job.pods()).toEqual([]);
    });

    it('ends its other pods when one fails', async () => {
      const { patch, path } = subject();
      const job = await started(subject(), task('several', { parallelism: 2, completions: 2 }));
      const [one] = await job.untilPods((pods) => pods.length === 2 && allRun(pods));
      const name = String(objectAt(one, 'metadata')['name'] as string);
      await patch('merge', path(`pods/${name}`), {
        metadata: { annotations: { 'sandbox.kubernaut.io/exit-code': '1', 'sandbox.kubernaut.io/runs-for-seconds': '0' } },
      });
      const done = await job.until('Failed');
      expect(done).toMatchObject({ status: { failed: 2 } });
      await job.untilPods((pods) => pods.every((pod) => phaseOf(pod) !== 'Running'));
    });
  });

  it('a Job that may try again waits before it does', async () => {
    const job = await started(subject(), task('twice', { backoffLimit: 1 }, fails));
    await subject().eventually(job.get, ({ body }) => objectAt(body, 'status')['failed'] === 1);
    await subject().elapse(2);
    expect(await job.conditions()).toEqual([]);
    expect(await job.pods()).toHaveLength(1);
    const done = await job.until('Failed');
    expect(done).toMatchObject({ status: { failed: 2 } });
    expect(await job.pods()).toHaveLength(2);
  });

  describe('a deadline', () => {
    it('ends the running pod, and the Job with it', async () => {
      const job = await started(subject(), task('late', { activeDeadlineSeconds: 2 }));
      const done = await job.until('Failed');
      expect(trueConditions(done)).toEqual(['FailureTarget=DeadlineExceeded', 'Failed=DeadlineExceeded']);
      expect(done).toMatchObject({ status: { failed: 1 } });
      expect((await job.pods()).filter((pod) => phaseOf(pod) === 'Running')).toEqual([]);
      expect(await job.told()).toContain('DeadlineExceeded');
    });

    it('does not touch a Job that was in time', async () => {
      const job = await started(subject(), task('timely', { activeDeadlineSeconds: 3 }, succeeds));
      await job.until('Complete');
      await subject().elapse(4);
      expect(await job.conditions()).toEqual(['SuccessCriteriaMet=CompletionsReached', 'Complete=CompletionsReached']);
    });
  });

  describe('a suspended Job', () => {
    it('makes no pod and has not begun', async () => {
      const job = await started(subject(), task('asleep', { suspend: true, activeDeadlineSeconds: 1 }));
      const sleeping = await job.until('Suspended');
      expect(trueConditions(sleeping)).toEqual(['Suspended=JobSuspended']);
      await subject().elapse(3);
      expect(await job.pods()).toEqual([]);
      expect(await job.status()).not.toHaveProperty('startTime');
      expect(await job.conditions()).toEqual(['Suspended=JobSuspended']);
    });

    it('begins when it is woken', async () => {
      const { patch } = subject();
      const job = await started(subject(), task('woken', { suspend: true }, succeeds));
      await job.until('Suspended');
      await patch('merge', job.at, { spec: { suspend: false } });
      const done = await job.until('Complete');
      expect(done).toMatchObject({ status: { succeeded: 1, startTime: expect.any(String) as string } });
      expect(trueConditions(done)).not.toContain('Suspended=JobSuspended');
    });

    it('that ran before ends its pod, and counts no failure', async () => {
      const { patch } = subject();
      const job = await started(subject(), task('interrupted'));
      await job.untilPods(allRun);
      await patch('merge', job.at, { spec: { suspend: true } });
      await job.until('Suspended');
      await job.untilPods((pods) => pods.length === 0);
      const status = await job.status();
      expect(status).not.toHaveProperty('failed');
      expect(status).not.toHaveProperty('startTime');
      expect(await job.conditions()).toEqual(['Suspended=JobSuspended']);
    });
  });

  describe('a deletion', () => {
    it('in the foreground waits for the pod, and for a finalizer of ours', async () => {
      const { send, patch, eventually } = subject();
      const job = await started(subject(), task('recorded', {}, { metadata: { finalizers: [unrecorded] } }));
      await job.untilPods(allRun);
      const answer = await send('DELETE', job.at, { propagationPolicy: 'Foreground' });
      expect(metadataOf(answer)).toMatchObject({ finalizers: expect.arrayContaining([unrecorded, 'foregroundDeletion']) as unknown });
      await job.untilPods((pods) => pods.length === 0);
      const held = await eventually(job.get, (each) => JSON.stringify(metadataOf(each)['finalizers']) === JSON.stringify([unrecorded]));
      expect(metadataOf(held)).toHaveProperty('deletionTimestamp');
      await patch('merge', job.at, { metadata: { finalizers: null } });
      expect((await job.get()).status).toBe(404);
    });

    it('makes no new pod', async () => {
      const { send, patch, eventually } = subject();
      const job = await started(subject(), task('ending', { suspend: true }, { metadata: { finalizers: [unrecorded] } }));
      await send('DELETE', job.at, { propagationPolicy: 'Background' });
      await patch('merge', job.at, { spec: { suspend: false } });
      await subject().elapse(2);
      expect(await job.pods()).toEqual([]);
      await patch('merge', job.at, { metadata: { finalizers: null } });
      expect((await eventually(job.get, ({ status }) => status === 404)).status).toBe(404);
    });

    it('in the background takes the pod along', async () => {
      const { send } = subject();
      const job = await started(subject(), task('dropped'));
      await job.untilPods(allRun);
      await send('DELETE', job.at, { propagationPolicy: 'Background' });
      expect((await job.get()).status).toBe(404);
      expect(await job.untilPods((pods) => pods.length === 0)).toEqual([]);
    });

    it('without a policy leaves the pod running, held by nothing', async () => {
      const { send, eventually, path } = subject();
      const job = await started(subject(), task('careless'));
      const [pod] = await job.untilPods(allRun);
      await send('DELETE', job.at);
      await eventually(job.get, ({ status }) => status === 404);
      const at = path(`pods/${String(objectAt(pod, 'metadata')['name'] as string)}`);
      const left = await eventually(
        () => send('GET', at),
        (each) => metadataOf(each)['finalizers'] === undefined,
      );
      expect(left).toMatchObject({ status: 200, body: { status: { phase: 'Running' } } });
      expect(metadataOf(left)).not.toHaveProperty('ownerReferences');
      await send('DELETE', at, { gracePeriodSeconds: 0 });
    });
  });

  it('a Job of a name that was used before is another Job', async () => {
    const { send, eventually } = subject();
    const first = await started(subject(), task('again', {}, fails));
    await first.until('Failed');
    await send('DELETE', first.at, { propagationPolicy: 'Foreground' });
    await eventually(first.get, ({ status }) => status === 404);
    const second = await started(subject(), task('again', {}, succeeds));
    const done = await second.until('Complete');
    expect(objectAt(done, 'status')).not.toHaveProperty('failed');
    expect(await second.pods()).toHaveLength(1);
  });

  it('a Job whose pod is refused waits, tells why, and goes on when it is not any more', async () => {
    const { send, path } = subject();
    const base = task('refused', {}, succeeds);
    const podSpec = { ...base.spec.template.spec, serviceAccountName: 'comes-later' };
    const job = await started(subject(), { ...base, spec: { ...base.spec, template: { ...base.spec.template, spec: podSpec } } });
    await subject().eventually(
      () => send('GET', path('events'), undefined, { fieldSelector: 'involvedObject.name=refused,reason=FailedCreate' }),
      ({ body }) => JSON.stringify(body).includes('serviceaccount \\"comes-later\\" not found'),
    );
    expect(await job.conditions()).toEqual([]);
    await send('POST', path('serviceaccounts'), { metadata: { name: 'comes-later' } });
    expect(await job.until('Complete')).toMatchObject({ status: { succeeded: 1 } });
  });

  it('two Jobs do not take each other’s pods', async () => {
    const [one, other] = [await started(subject(), task('left-hand', {}, succeeds)), await started(subject(), task('right-hand', {}, fails))];
    expect(await one.until('Complete')).toMatchObject({ status: { succeeded: 1 } });
    expect(await other.until('Failed')).toMatchObject({ status: { failed: 1 } });
    expect(
      await subject().send('GET', subject().path('jobs', jobs), undefined, { fieldSelector: 'metadata.name=left-hand,status.successful=1' }),
    ).toMatchObject({
      body: { items: [{ metadata: { name: 'left-hand' } }] },
    });
  });
}
