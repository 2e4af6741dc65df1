import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { aJob, anExecutorPod, aWarning, jobRef } from '../../test/support/executions.ts';
import { podHasEnded, podIsAlive, podOf, reportOf } from './pod-report.ts';

const ended = (exitCode: number, more = {}) => anExecutorPod({ terminated: { exitCode, reason: 'Error', ...more } });
const waiting = (reason: string, message: string) => anExecutorPod({ waiting: { reason, message } });
const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' };
const quota = 'pods "ke-x" is forbidden: exceeded quota: team-quota';

describe('what a failed Job tells by its pod', () => {
  it.each<[sentence: string, pod: KubernetesObject | null, exitCode: number | null, cause: string | null]>([
    ['an exit code, and no more where kubectl itself failed', ended(1), 1, null],
    ['out of memory', ended(137, { reason: 'OOMKilled' }), 137, 'OOMKilled'],
    ['a container that could not start', ended(128, { reason: 'StartError', message: 'kubectl: not found' }), 128, 'StartError: kubectl: not found'],
    ['an image that cannot be pulled', waiting('ImagePullBackOff', 'Back-off pulling image'), null, 'ImagePullBackOff: Back-off pulling image'],
    ['nothing yet from a container that is being made', waiting('ContainerCreating', ''), null, null],
    ['an eviction', anExecutorPod({}, { status: { reason: 'Evicted', message: 'low on memory' } }), null, 'Evicted: low on memory'],
    ['a pod that no node takes', anExecutorPod({}, { status: { conditions: [unscheduled] } }), null, 'Unschedulable: 0/3 nodes'],
    ['nothing from nonsense', anExecutorPod({ terminated: 'yes' }, { status: { conditions: 7 } }), null, null],
    ['nothing when nothing is left', null, null, null],
  ])('is %s', (_sentence, pod, exitCode, cause) => {
    expect(reportOf(aJob(), pod, [])).toEqual({ exitCode, cause });
  });
});

describe('what a failed Job tells by Events, when it has no pod', () => {
  const ofPod = { name: `${jobRef.name}-x1` };

  it.each<[sentence: string, events: readonly KubernetesObject[], cause: string | null]>([
    ['a quota that let none be made', [aWarning('FailedCreate', quota)], `FailedCreate: ${quota}`],
    [
      'the first warning about the pod that is gone',
      [aWarning('BackOff', 'later', ofPod, '2026-01-15T10:36:00Z'), aWarning('Failed', 'Failed to pull image', ofPod)],
      'Failed: Failed to pull image',
    ],
    [
      'the one that says more, of two in a second',
      [aWarning('Failed', 'Error: ErrImagePull', ofPod), aWarning('Failed', 'Failed to pull image "kubectl": not found', ofPod)],
      'Failed: Failed to pull image "kubectl": not found',
    ],
    ['nothing new from those that repeat its verdict', [aWarning('DeadlineExceeded', 'Job was active longer than specified deadline')], null],
    ['nothing from warnings about others', [aWarning('FailedCreate', quota, { uid: 'other', name: 'ke-other' })], null],
  ])('is %s', (_sentence, events, cause) => {
    expect(reportOf(aJob(), null, events)).toEqual({ exitCode: null, cause });
  });
});

describe('the pod of a Job', () => {
  const older = anExecutorPod({}, { metadata: { name: 'older', creationTimestamp: '2026-01-15T10:30:00Z' } });
  const strange = anExecutorPod({}, { metadata: { name: 'strange', ownerReferences: [], creationTimestamp: '2026-01-15T11:00:00Z' } });

  it('is the youngest of its own', () => {
    expect(podOf(aJob(), [older, anExecutorPod({}), strange])?.metadata.name).toBe(`${jobRef.name}-x1`);
    expect(podOf(aJob(), [strange])).toBeNull();
  });

  it('lives until its phase is final', () => {
    expect(['Pending', 'Running', 'Unknown', 'Succeeded', 'Failed'].map((phase) => podIsAlive(anExecutorPod({}, { phase })))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('has ended when its container says how', () => {
    expect([ended(1), anExecutorPod({ running: {} }), null].map(podHasEnded)).toEqual([true, false, false]);
  });
});
