import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { aPodView, type PodFixture } from '../../../test/support/pods.ts';
import { stepPod, type PodWorld } from './pod-life.ts';

const tenOClock = Date.parse('2026-01-15T10:00:00Z');

/** A pod that was admitted at ten, looked at `seconds` later. */
function step(fixture: PodFixture, seconds: number, world: Partial<PodWorld> = {}) {
  return stepPod({
    pod: aPodView({ ...fixture, status: { phase: 'Running', startTime: '2026-01-15T10:00:00Z', ...fixture.status } }),
    node: { address: '10.0.0.10', ready: true, executorFault: null },
    configValue: undefined,
    run: undefined,
    nowMilliseconds: tenOClock + seconds * 1_000,
    ...world,
  });
}

const running = (more: JsonObject = {}) => ({
  containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: { startedAt: '2026-01-15T10:00:00Z' } }, ...more }],
});
const kubectl: PodFixture = { spec: { restartPolicy: 'Never' }, container: { command: ['kubectl', 'get', 'pods'] } };
const deleting = (graceSeconds: number, atSeconds: number) => ({
  deletionGracePeriodSeconds: graceSeconds,
  deletionTimestamp: new Date(tenOClock + (atSeconds + graceSeconds) * 1_000).toISOString().replace('.000Z', 'Z'),
});

describe('an executor pod', () => {
  it('is started after its status says that it runs', () => {
    const next = step(
      { ...kubectl, status: { phase: 'Pending', containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } }] } },
      1,
    );
    expect(next).toMatchObject({
      action: 'start',
      status: { phase: 'Running', containerStatuses: [{ state: { running: { startedAt: '2026-01-15T10:00:01Z' } } }] },
    });
  });

  it('whose image its node cannot pull never begins, as any other pod', () => {
    const waiting = (reason: string) => ({ phase: 'Pending', containerStatuses: [{ name: 'app', state: { waiting: { reason } } }] });
    const node = { address: '10.0.0.10', ready: true, executorFault: 'image-pull-fails' } as const;
    const first = step({ ...kubectl, status: waiting('ContainerCreating') }, 1, { node });
    expect(first).toMatchObject({ action: 'none', status: { phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull' } } }] } });
    expect(first.told).toMatchObject([{ type: 'Warning', reason: 'Failed' }, { message: 'Error: ErrImagePull' }]);
    const second = step({ ...kubectl, status: waiting('ErrImagePull') }, 2, { node });
    expect(second).toMatchObject({ action: 'none', status: { containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] } });
  });

  it('runs on while its process does', () => {
    const next = step({ ...kubectl, status: running() }, 60, { run: { kind: 'running' } });
    expect(next).toMatchObject({ action: 'none', status: { phase: 'Running' } });
    expect(next.dueMilliseconds).toBeUndefined();
  });

  it.each<[exitCode: number, message: string | undefined, phase: string, reason: string]>([
    [0, undefined, 'Succeeded', 'Completed'],
    [1, undefined, 'Failed', 'Error'],
    [126, 'refused by the node: --token', 'Failed', 'StartError'],
  ])('that exited with %i (%s) has %s', (exitCode, message, phase, reason) => {
    const next = step({ ...kubectl, status: running() }, 5, { run: { kind: 'ended', exitCode, message } });
    expect(next.status).toMatchObject({
      phase,
      containerStatuses: [{ ready: false, state: { terminated: { exitCode, reason, finishedAt: '2026-01-15T10:00:05Z' } } }],
    });
  });

  it('that a node started anew knows nothing of is lost, and is never run twice', () => {
    const next = step({ ...kubectl, status: running() }, 5);
    expect(next).toMatchObject({
      action: 'none',
      status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } } }] },
    });
  });

  it('that is deleted is asked to end, and is removed when it has', () => {
    const marked = { ...kubectl, metadata: deleting(5, 10), status: running() };
    expect(step(marked, 10, { run: { kind: 'running' } })).toMatchObject({ action: 'stop', status: { phase: 'Running' } });
    const after = step(marked, 12, { run: { kind: 'ended', exitCode: 143, message: undefined } });
    expect(after).toMatchObject({ action: 'remove', status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 143 } } }] } });
  });

  it('past its own activeDeadlineSeconds is asked to end, and then has failed for that', () => {
    const late: PodFixture = { ...kubectl, spec: { restartPolicy: 'Never', activeDeadlineSeconds: 30 }, status: running() };
    expect(step(late, 29, { run: { kind: 'running' } })).toMatchObject({ action: 'none', dueMilliseconds: tenOClock + 30_000 });
    expect(step(late, 30, { run: { kind: 'running' } })).toMatchObject({ action: 'stop' });
    expect(step(late, 31, { run: { kind: 'ended', exitCode: 143, message: undefined } })).toMatchObject({
      status: { phase: 'Failed', reason: 'DeadlineExceeded' },
    });
  });

  it.each<[sentence: string, fixture: PodFixture]>([
    ['a path to kubectl', { container: { command: ['/usr/bin/kubectl'] } }],
    ['a shell', { container: { command: ['/bin/sh', '-c', 'kubectl get pods'] } }],
    ['kubectl as an argument', { container: { args: ['kubectl'] } }],
    ['a second container', { spec: { containers: [{ name: 'app', command: ['kubectl'] }, { name: 'b' }] } }],
  ])('is none with %s: then it is simulated', (_sentence, fixture) => {
    const { action } = step(
      { ...fixture, status: { phase: 'Pending', containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } }] } },
      1,
    );
    expect(action).toBe('none');
  });
});

describe('a simulated pod', () => {
  it('is admitted first, with its address and its containers being created', () => {
    const { status, dueMilliseconds } = stepPod({
      pod: aPodView(),
      node: { address: '10.0.0.10', ready: true, executorFault: null },
      configValue: undefined,
      run: undefined,
      nowMilliseconds: tenOClock,
    });
    expect(status).toMatchObject({
      phase: 'Pending',
      startTime: '2026-01-15T10:00:00Z',
      hostIP: '10.0.0.10',
      containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } }],
    });
    expect(dueMilliseconds).toBe(tenOClock + 1_000);
  });

  it.each<[policy: string, exitCode: string, phase: string]>([
    ['Never', '0', 'Succeeded'],
    ['Never', '1', 'Failed'],
    ['OnFailure', '0', 'Succeeded'],
    ['OnFailure', '1', 'Running'],
    ['Always', '0', 'Running'],
    ['Always', '1', 'Running'],
  ])('with restartPolicy %s and exit code %s is %s', (restartPolicy, exitCode, phase) => {
    const fixture = { spec: { restartPolicy }, annotations: { 'sandbox.kubernaut.io/exit-code': exitCode }, status: running() };
    expect(step(fixture, 2).status.phase).toBe(phase);
  });

  it('waits longer before each restart, at most five minutes', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7].map((restartCount) => {
      const { status, dueMilliseconds = 0 } = step({ annotations: { 'sandbox.kubernaut.io/crash-loop': 'true' }, status: running({ restartCount }) }, 2);
      expect(status.containerStatuses[0]?.state.waiting?.reason).toBe('CrashLoopBackOff');
      return (dueMilliseconds - tenOClock) / 1_000 - 2;
    });
    expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });

  it('crashes as often as until-restarts says, and then runs on', () => {
    const annotations = { 'sandbox.kubernaut.io/crash-loop': 'true', 'sandbox.kubernaut.io/until-restarts': '2' };
    const isRunning = [0, 1, 2, 3].map(
      (restartCount) => step({ annotations, status: running({ restartCount }) }, 5).status.containerStatuses[0]?.state.running !== undefined,
    );
    expect(isRunning).toEqual([false, false, true, true]);
  });

  it('is not ready while one of its containers is not, and names it', () => {
    const two: PodFixture = {
      spec: { containers: [{ name: 'app' }, { name: 'proxy' }] },
      annotations: { 'sandbox.kubernaut.io/never-ready': 'true', 'sandbox.kubernaut.io/container': 'proxy' },
      status: { containerStatuses: ['app', 'proxy'].map((name) => ({ name, ready: false, state: { running: { startedAt: '2026-01-15T10:00:00Z' } } })) },
    };
    const { status } = step(two, 5);
    expect(status.containerStatuses.map(({ ready }) => ready)).toEqual([true, false]);
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False', message: 'containers with unready status: [proxy]' }));
  });

  it('dies at once of a ConfigMap that turns bad, however long it has run', () => {
    const fixture = { annotations: { 'sandbox.kubernaut.io/fails-if-configmap': 'c/k=v', 'sandbox.kubernaut.io/runs-for-seconds': '3600' }, status: running() };
    expect(step(fixture, 600, { configValue: 'good' }).status.containerStatuses[0]?.state).toHaveProperty('running');
    expect(step(fixture, 600, { configValue: 'v' }).status.containerStatuses[0]?.state).toMatchObject({ terminated: { exitCode: 1 } });
  });

  it.each([
    [0, 10],
    [30, 11],
  ])('that is deleted with a grace of %i s is gone at second %i', (grace, goneAt) => {
    const fixture = { metadata: deleting(grace, 10), status: running() };
    const { action, dueMilliseconds } = step(fixture, 10);
    expect([action, dueMilliseconds]).toEqual(goneAt === 10 ? ['remove', undefined] : ['none', tenOClock + goneAt * 1_000]);
    expect(step(fixture, goneAt).action).toBe('remove');
  });

  it('that is finished stays as it is, and goes when it is deleted', () => {
    expect(step({ status: { phase: 'Succeeded' } }, 60)).toMatchObject({ action: 'none', told: [] });
    expect(step({ metadata: deleting(0, 0), status: { phase: 'Succeeded' } }, 60)).toMatchObject({ action: 'remove' });
  });

  it('says the same when nothing changes: the second look at a steady pod writes nothing', () => {
    const first = step({ status: running() }, 5).status;
    expect(step({ status: first as unknown as JsonObject }, 60)).toMatchObject({ status: first, told: [] });
  });
});
