import { describe, expect, it } from 'vitest';
import { aBudget, aController, aPod, aReplicaSetOwner, boundSample } from '../../test/support/actions.ts';
import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { bindAction, fromRecommendation, parseAction, resolveAlias } from './index.ts';

const restart = boundSample('restart_pod');
const name = 'payment-api-7d9-x1';
const owned = (owner: object) => aPod({ metadata: { ownerReferences: [{ ...aReplicaSetOwner, ...owner }] } });
const bare = aPod({ metadata: { ownerReferences: [] } });

describe('restart_pod', () => {
  it.each<[sentence: string, changes: JsonObject, field: string, message: string]>([
    ['a grace period beyond the bound', { gracePeriodSeconds: 301 }, 'gracePeriodSeconds', 'gracePeriodSeconds: must be a whole number from 0 to 300'],
    ['a negative grace period', { gracePeriodSeconds: -1 }, 'gracePeriodSeconds', 'gracePeriodSeconds: must be a whole number from 0 to 300'],
    ['a path for a pod', { pod: '../secrets/x' }, 'pod', 'pod: must be the name of a Pod'],
    ['a path for a namespace', { namespace: 'a/pods/b' }, 'namespace', 'namespace: must be a namespace'],
    ['no pod', { pod: undefined }, 'pod', 'pod: is missing'],
    ['a strange parameter', { force: true }, 'force', 'force: is no parameter of restart_pod'],
  ])('refuses %s', (_sentence, changes, field, message) => {
    const parsed = parseAction('restart_pod', { namespace: 'production', pod: name, ...changes });
    expect(parsed).toEqual({ kind: 'invalid_parameters', field, message: expect.stringContaining(message) });
  });

  it('is also known as delete_pod, at the rim only', () => {
    expect(resolveAlias('delete_pod')).toBe('restart_pod');
    expect(parseAction('delete_pod', { namespace: 'production', pod: name })).toEqual({
      kind: 'unknown_action',
      field: 'action',
      message: 'delete_pod is another name of restart_pod: write restart_pod',
    });
  });

  it('reads a recommendation, and gives the API’s own grace period by default', () => {
    const recommended = { namespace: 'production', pod: name, container: 'app', restartCount: 12 };
    expect(fromRecommendation('restart_pod', recommended)).toEqual({ namespace: 'production', pod: name });
    expect(bindAction('restart_pod', { namespace: 'production', pod: name }).parameters).toEqual({
      namespace: 'production',
      pod: name,
      gracePeriodSeconds: 30,
    });
  });

  it('deletes by uid: the options are a file, and the request carries the same', () => {
    const path = `/api/v1/namespaces/production/pods/${name}`;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 17, preconditions: { uid: 'p1' } };
    expect(restart.argv(aPod())).toEqual(['delete', '--raw', path, '-f', '/etc/kubernaut/delete-options.json']);
    expect(JSON.parse(restart.files(aPod())['delete-options.json'] ?? '')).toEqual(body);
    expect(restart.requests(aPod())).toEqual([{ method: 'DELETE', path, body }]);
    expect(restart.dryRunOutput(aPod())).toBe(`pod/${name} deleted (dry run)`);
    expect(restart.success()).toBe(`Successfully restarted pod ${name}`);
  });

  it('is of moderate risk with a controller, and of high risk without one or unseen', () => {
    expect([aPod(), bare, null].map((before) => restart.risk(before))).toEqual(['moderate', 'high', 'high']);
  });

  it.each<[sentence: string, target: KubernetesObject, context: readonly KubernetesObject[], message: string]>([
    ['it has no controller', bare, [], `pod: ${name} has no controller, so nothing would bring it back`],
    ['its owner does not control it', owned({ controller: false }), [], 'has no controller'],
    ['it is a static pod', owned({ apiVersion: 'v1', kind: 'Node', name: 'node-1' }), [], 'is a static pod of node node-1'],
    ['a budget is spent', aPod(), [aBudget({ minAvailable: 3 }, { disruptionsAllowed: 0 })], 'PodDisruptionBudget payment-budget allows no disruption now'],
  ])('forbids when %s', (_sentence, target, context, message) => {
    expect(restart.preconditions(target, context)).toEqual([{ field: 'pod', message: expect.stringContaining(message) }]);
  });

  it.each<[sentence: string, target: KubernetesObject, context: readonly KubernetesObject[]]>([
    ['a budget has room', aPod(), [aBudget({ minAvailable: 1 }, { disruptionsAllowed: 2 })]],
    ['the pod is not ready, so it counts in no budget', aPod({ status: {} }), [aBudget({ minAvailable: 3 }, { disruptionsAllowed: 0 })]],
    ['the budget is that of others', aPod(), [aBudget({ selector: { matchLabels: { app: 'billing' } } }, { disruptionsAllowed: 0 })]],
    ['nobody has computed the budget yet', aPod(), [aBudget({ minAvailable: 3 })]],
    ['its controller is a custom one', owned({ apiVersion: 'kafka.example/v1', kind: 'PodSet' }), []],
  ])('allows when %s', (_sentence, target, context) => {
    expect(restart.preconditions(target, context)).toEqual([]);
  });

  it('always has something to do, and cannot be undone', () => {
    expect(restart.alreadyDone(aPod())).toBeNull();
    expect(restart.undo(aPod())).toBeNull();
  });

  it('remembers the pod and who controls it, and asks for both', () => {
    const before = restart.remember(aPod());
    expect(before).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'production', uid: 'p1', ownerReferences: [aReplicaSetOwner] } });
    const controller = { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'production', name: 'payment-api-7d9' };
    expect(restart.outcome.reads(before)).toEqual([restart.target, controller]);
    expect(restart.outcome.reads(restart.remember(owned({ apiVersion: 'kafka.example/v1', kind: 'PodSet' })))).toEqual([restart.target]);
    expect(restart.outcome.reads(restart.remember(bare))).toEqual([restart.target]);
  });

  const ending = aPod({ metadata: { deletionTimestamp: '2026-01-15T10:35:20Z' } });
  const successor = aPod({ metadata: { uid: 'p2' } });
  it.each<[sentence: string, pod: KubernetesObject | null, controller: KubernetesObject | null, kind: string, message: string]>([
    ['the pod still runs', aPod(), aController(), 'failed', `expected pod ${name} to be deleted, it still runs`],
    ['the pod is ending', ending, aController(), 'waiting', `pod ${name} has not ended yet`],
    ['a replica is missing', null, aController({ status: { readyReplicas: 2 } }), 'waiting', 'only 2 of 3 replicas of replicaset payment-api-7d9 ready'],
    ['all are ready again', null, aController(), 'ok', `Verified that the old pod ${name} is gone and replicaset payment-api-7d9 has 3 of 3 replicas ready`],
    [
      'another pod has the name',
      successor,
      aController(),
      'ok',
      `Verified that the old pod ${name} is gone and replicaset payment-api-7d9 has 3 of 3 replicas ready`,
    ],
    ['the controller is gone', null, null, 'failed', `replicaset payment-api-7d9 is gone: nothing replaces pod ${name}`],
    [
      'the controller is another',
      null,
      aController({ metadata: { uid: 'rs9' } }),
      'failed',
      `replicaset payment-api-7d9 is gone: nothing replaces pod ${name}`,
    ],
  ])('judges when %s', (...[, pod, controller, kind, message]) => {
    expect(restart.outcome.judge(restart.remember(aPod()), [pod, controller])).toEqual({ kind, message });
  });

  it.each<[sentence: string, owner: object, controller: KubernetesObject | null, kind: string, message: string]>([
    [
      'a StatefulSet',
      { kind: 'StatefulSet' },
      aController({ kind: 'StatefulSet', status: { readyReplicas: 1 } }),
      'waiting',
      'only 1 of 3 replicas of statefulset payment-api-7d9 ready',
    ],
    [
      'a DaemonSet',
      { kind: 'DaemonSet' },
      aController({ kind: 'DaemonSet', status: { desiredNumberScheduled: 4, numberReady: 4 } }),
      'ok',
      '4 of 4 replicas ready',
    ],
    [
      'a Job that goes on',
      { apiVersion: 'batch/v1', kind: 'Job' },
      aController({ apiVersion: 'batch/v1', kind: 'Job', status: { active: 1 } }),
      'ok',
      'job payment-api-7d9 goes on',
    ],
    [
      'a Job between two pods',
      { apiVersion: 'batch/v1', kind: 'Job' },
      aController({ apiVersion: 'batch/v1', kind: 'Job', status: {} }),
      'waiting',
      'has not started another pod yet',
    ],
    [
      'a Job that gave up',
      { apiVersion: 'batch/v1', kind: 'Job' },
      aController({ apiVersion: 'batch/v1', kind: 'Job', status: { conditions: [{ type: 'Failed', status: 'True' }] } }),
      'failed',
      'job payment-api-7d9 failed',
    ],
    ['a custom controller', { apiVersion: 'kafka.example/v1', kind: 'PodSet' }, null, 'ok', 'PodSet payment-api-7d9 replaces it'],
  ])('judges the pods of %s', (...[, owner, controller, kind, message]) => {
    const before = restart.remember(owned(owner));
    expect(restart.outcome.judge(before, [null, controller])).toEqual({ kind, message: expect.stringContaining(message) });
  });

  it('calls nothing a success when it does not know which pod was meant', () => {
    const verdict = restart.outcome.judge({ apiVersion: 'v1', kind: 'Pod', metadata: { name } }, [null]);
    expect(verdict).toEqual({ kind: 'failed', message: `the uid of the old pod ${name} was not kept, so its end cannot be told` });
  });

  it('judges a pod without a controller by its end alone', () => {
    expect(restart.outcome.judge(restart.remember(bare), [null])).toEqual({ kind: 'ok', message: `Verified that the old pod ${name} is gone` });
  });

  it.each([
    [0, 120],
    [30, 120],
    [300, 390],
  ])('waits for a grace period of %d s at most %d s', (gracePeriodSeconds, deadlineSeconds) => {
    expect(boundSample('restart_pod', { gracePeriodSeconds }).outcome.deadlineSeconds).toBe(deadlineSeconds);
  });
});
