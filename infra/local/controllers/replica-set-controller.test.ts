import { describe, expect, it } from 'vitest';
import { aPodView } from '../../../test/support/pods.ts';
import { aReplicaSetView } from '../../../test/support/replica-sets.ts';
import { replicaSetController } from './replica-set-controller.ts';

const now = '2026-01-15T10:30:00Z';
const moment = { now, milliseconds: Date.parse(now), random: () => 0 };
const replicaSet = aReplicaSetView({ replicas: 1, available: 0 });
const statusPatches = (message: string, view = replicaSet) =>
  (replicaSetController.refused?.({ replicaSet: view, pods: [], released: [] }, message, moment) ?? []).filter(({ kind }) => kind === 'PatchObject');

describe('a ReplicaSet', () => {
  it('lets go of a pod that it would not select, for whoever took its labels', () => {
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: 'u9' };
    const own = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet.metadata.name, uid: replicaSet.metadata.uid, controller: true };
    const pod = aPodView({ name: 'taken', metadata: { ownerReferences: [own, other] } });
    const { writes } = replicaSetController.decide({ replicaSet, pods: [], released: [pod] }, moment);
    expect(writes[0]).toMatchObject({ kind: 'PatchObject', key: { name: 'taken' }, patch: { metadata: { ownerReferences: [other] } } });
    expect(writes.filter(({ kind }) => kind === 'CreateObject')).toHaveLength(1);
  });

  it('says once that its pods are refused, though each refusal names another pod', () => {
    expect(statusPatches('pods "a" is forbidden')).toHaveLength(1);
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "a" is forbidden' } as const;
    const told = { ...replicaSet, status: { ...replicaSet.status, conditions: [failure] } };
    const again = statusPatches('pods "b" is forbidden', told);
    expect(JSON.stringify(again)).not.toContain('ReplicaFailure');
  });
});
