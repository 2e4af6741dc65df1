import { describe, expect, it } from 'vitest';
import { aDeployment } from '../../test/support/actions.ts';
import { judgeRollout, rolloutIsHeld } from './rollout.ts';

const of = (kind: string, spec: object, status: object) => aDeployment({ kind, spec, status: { observedGeneration: 2, ...status } });

describe('judgeRollout', () => {
  it.each<[sentence: string, kind: string, spec: object, status: object, complete: boolean, progress: string]>([
    ['a Deployment of none', 'Deployment', { replicas: 0 }, {}, true, '0 of 0 replicas updated and available'],
    ['a Deployment without a number wants one', 'Deployment', {}, {}, false, '0 of 1 replicas updated'],
    [
      'a Deployment with two old replicas',
      'Deployment',
      { replicas: 1 },
      { updatedReplicas: 1, replicas: 3, availableReplicas: 1 },
      false,
      '2 old replicas still to end',
    ],
    ['a StatefulSet under way', 'StatefulSet', { replicas: 3 }, { updatedReplicas: 1, readyReplicas: 3 }, false, '1 of 3 replicas updated'],
    ['a StatefulSet with one not ready', 'StatefulSet', { replicas: 3 }, { updatedReplicas: 3, readyReplicas: 2 }, false, '2 of 3 replicas available'],
    ['a StatefulSet', 'StatefulSet', { replicas: 3 }, { updatedReplicas: 3, readyReplicas: 3 }, true, '3 of 3 replicas updated and available'],
    [
      'a StatefulSet that keeps old replicas below its partition',
      'StatefulSet',
      { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
      { updatedReplicas: 1, readyReplicas: 3 },
      true,
      '3 of 3 replicas updated and available',
    ],
    ['a DaemonSet under way', 'DaemonSet', {}, { desiredNumberScheduled: 4, updatedNumberScheduled: 3, numberAvailable: 4 }, false, '3 of 4 replicas updated'],
    [
      'a DaemonSet',
      'DaemonSet',
      {},
      { desiredNumberScheduled: 4, updatedNumberScheduled: 4, numberAvailable: 4 },
      true,
      '4 of 4 replicas updated and available',
    ],
    ['a status of before', 'DaemonSet', {}, { observedGeneration: 1 }, false, 'the controller of daemonset payment-api has not observed the change yet'],
    ['nonsense for numbers', 'Deployment', { replicas: 'many' }, { updatedReplicas: null }, false, '0 of 1 replicas updated'],
  ])('%s', (...[, kind, spec, status, complete, progress]) => {
    expect(judgeRollout(of(kind, spec, status))).toEqual({ complete, progress });
  });

  it('takes a status that no controller ever wrote for what it says: nothing is there', () => {
    expect(judgeRollout(aDeployment({ status: undefined })).complete).toBe(false);
  });
});

describe('rolloutIsHeld', () => {
  it.each<[sentence: string, spec: object, reason: unknown]>([
    ['runs', { updateStrategy: { type: 'RollingUpdate' } }, null],
    ['is paused', { paused: true }, 'deployment payment-api is paused: resume its rollout first'],
    ['waits for hands', { updateStrategy: { type: 'OnDelete' } }, expect.stringContaining('has update strategy OnDelete')],
  ])('%s', (_sentence, spec, reason) => {
    expect(rolloutIsHeld(aDeployment({ spec }))).toEqual(reason);
  });
});
