import { describe, expect, it } from 'vitest';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { aScaledDeployment } from '../../test/support/actions.ts';
import { aCondition, aJob, anExecutorPod, aRecorded, aWarning, complete, failed, now, settings } from '../../test/support/executions.ts';
import { observeRecorded } from './observe-recorded.ts';

interface World {
  readonly job?: KubernetesObject;
  readonly pods?: readonly KubernetesObject[];
  readonly execution?: KubernetesExecution;
}

const event = aWarning('FailedCreate', 'exceeded quota');

/** What is seen, and what was asked for it. */
async function look({ job, pods = [], execution = aRecorded() }: World, at = now) {
  const asked: string[] = [];
  const say = async <T>(what: string, answer: T): Promise<T> => {
    asked.push(what);
    return answer;
  };
  const ports: Pick<ClusterReader, 'get' | 'list' | 'podLog'> = {
    get: ({ kind }) => say(kind, kind === 'Job' ? (job ?? null) : aScaledDeployment(5, 5)),
    list: ({ kind }, { labelSelector, fieldSelector }) => say(`${kind}s ${labelSelector ?? fieldSelector ?? ''}`, kind === 'Pod' ? pods : [event]),
    podLog: (_namespace, pod, { container, tailBytes }) => say(`log of ${pod} ${container} ${tailBytes}`, 'the end'),
  };
  return { seen: await observeRecorded(execution, ports, settings, at), asked };
}

const pods = 'Pods kubernaut.io/execution=rr-1-workflow-scale';
const events = 'Events type=Warning';
const ended = anExecutorPod({ terminated: { exitCode: 1 } });
const log = `log of ${ended.metadata.name} kubectl-executor 32768`;
const knownToBeOver = aRecorded({ status: { conditions: [aCondition('JobFinished', 'True', { reason: 'completed' })] } });

describe('what is asked once the status names a Job', () => {
  it.each<[sentence: string, world: World, asked: readonly string[]]>([
    ['the Job alone while it runs', { job: aJob() }, ['Job']],
    ['its pod and log when it failed', { job: aJob({ status: failed }), pods: [ended] }, ['Job', pods, log]],
    [
      'Events when its pod does not say how it ended',
      { job: aJob({ status: failed }), pods: [anExecutorPod({ waiting: { reason: 'ImagePullBackOff' } })] },
      ['Job', pods, events],
    ],
    ['Events when it has no pod', { job: aJob({ status: failed }) }, ['Job', pods, events]],
    ['the target when it succeeded', { job: aJob({ status: complete }) }, ['Job', 'Deployment']],
    ['the target alone at each tick after that', { execution: knownToBeOver }, ['Deployment']],
    ['its pods and the target when it is gone', {}, ['Job', pods, 'Deployment']],
    ['no target while a pod of a Job that is gone may act', { pods: [anExecutorPod({ running: {} }, { phase: 'Running' })] }, ['Job', pods]],
    ['the same for a Job that took its name', { job: aJob({ metadata: { uid: 'later' } }) }, ['Job', pods, 'Deployment']],
    [
      'nothing of the target for an action that nobody knows',
      { job: aJob({ status: complete }), execution: aRecorded({ spec: { actionType: 'forgotten' } }) },
      ['Job'],
    ],
  ])('is %s', async (_sentence, world, asked) => {
    expect((await look(world)).asked).toEqual(asked);
  });

  it('is the target in the end, although a pod that nobody can stop still runs', async () => {
    const { seen } = await look({ pods: [anExecutorPod({ running: {} }, { phase: 'Running' })] }, '2026-01-15T10:41:45Z');
    expect(seen.world).toEqual([aScaledDeployment(5, 5)]);
  });

  describe('when the cluster cannot be asked', () => {
    const late = '2026-01-15T10:41:45Z';
    const blind = (job: KubernetesObject | null) => {
      const away = () => Promise.reject(new Error('timeout'));
      const get: ClusterReader['get'] = ({ kind }) => (kind === 'Job' ? Promise.resolve(job) : away());
      return { get, list: away, podLog: async () => null };
    };
    const look = (job: KubernetesObject | null, at: string, execution = aRecorded()) => observeRecorded(execution, blind(job), settings, at);

    it('is no target just as the end of the Job is seen, and trouble after that until the phase is over', async () => {
      expect(await look(aJob({ status: complete }), now)).toMatchObject({ job: aJob({ status: complete }), world: null });
      await expect(look(null, now, knownToBeOver)).rejects.toThrow('timeout');
      expect(await look(null, late, knownToBeOver)).toMatchObject({ world: null });
    });

    it.each([
      ['the pod of a Job that failed', aJob({ status: failed })],
      ['the pods of a Job that is gone', null],
    ])('is trouble for %s until the phase is over, and then nothing', async (_sentence, job) => {
      await expect(look(job, now)).rejects.toThrow('timeout');
      expect(await look(job, late)).toEqual({ job, evidence: { pods: [], log: null, events: [] }, world: null });
    });
  });

  it('is seen as it is', async () => {
    expect((await look({ job: aJob({ status: failed }), pods: [ended] })).seen).toEqual({
      job: aJob({ status: failed }),
      evidence: { pods: [ended], log: 'the end', events: [] },
      world: null,
    });
    expect((await look({ job: aJob({ metadata: { uid: 'later' } }) })).seen).toMatchObject({ job: null, world: [aScaledDeployment(5, 5)] });
  });
});
