import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobKind, requestKind, workflowKind, type Followed } from '../../../infra/local/story/observe.ts';
import { kinds, KindName } from '../../../shared/api/kinds.ts';
import { fieldManager, managedByLabel } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { addSeconds } from '../../../shared/api/time.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { aRealStack, storyOf, type RealStack } from '../../support/real-stack.ts';
import { expire } from '../../support/retention.ts';

let stack: RealStack;
beforeAll(async () => {
  stack = await aRealStack({ variables: { KUBERNAUT_MONITORING_SECONDS: '15' } });
});
afterAll(() => stack.stop());

/** Everything that a remediation makes in the cluster, the pods of its Jobs too. */
const made: readonly Followed[] = [
  ...KindName.map((kind) => ({ apiVersion: kinds[kind].apiVersion, kind })),
  jobKind,
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', labelSelector: `${managedByLabel}=${fieldManager}` },
];

/** `Job`, `Pod`, … of each object that is there and was not there before. */
async function standing(before: ReadonlySet<string> = new Set()): Promise<readonly KubernetesObject[]> {
  const lists = await Promise.all(made.map((kind) => stack.all(kind)));
  return lists.flat().filter(({ metadata }) => !before.has(metadata.uid ?? ''));
}
const uidsOf = (objects: readonly KubernetesObject[]) => new Set(objects.map(({ metadata }) => metadata.uid ?? ''));
const kindsOf = (objects: readonly KubernetesObject[]) => objects.map(({ kind }) => kind).toSorted();
const auditOf = (uid: string) => stack.database.selectFrom('audit_event').select('id').where('correlation_id', '=', uid).execute();
const typesOf = async ({ metadata: { uid = '' } }: KubernetesObject) =>
  (await stack.database.selectFrom('audit_event').select('type').where('uid', '=', uid).execute()).map(({ type }) => type);
const pathOf = ({ metadata: { name } }: KubernetesObject) => `/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests/${name}`;

async function theNewRequest(before: ReadonlySet<string>): Promise<KubernetesObject> {
  const [request, ...others] = (await stack.all(requestKind)).filter(({ metadata }) => !before.has(metadata.uid ?? ''));
  if (request === undefined || others.length > 0) throw new Error(`${others.length + 1} new requests`);
  return request;
}

async function remove(request: KubernetesObject, propagationPolicy: 'Background' | 'Foreground'): Promise<void> {
  const body = { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions', propagationPolicy };
  expect((await stack.admin.send({ method: 'DELETE', path: pathOf(request), body }, 10_000)).status).toBe(200);
}

describe('on a real control plane, deleting a RemediationRequest', () => {
  it('removes all that it made, and leaves its audit', async () => {
    const before = uidsOf(await standing());
    await stack.play(storyOf('payment-api-memory'));
    const request = await theNewRequest(before);
    expect(kindsOf(await standing(before))).toEqual(
      ['AIAnalysis', 'Job', 'KubernetesExecution', 'Pod', 'RemediationProcessing', 'RemediationRequest', 'WorkflowExecution'].toSorted(),
    );
    const rows = await auditOf(request.metadata.uid ?? '');
    expect(rows.length).toBeGreaterThan(10);
    await remove(request, 'Background');
    await stack.eventually('nothing of it is left', async () => (await standing(before)).length === 0);
    expect(await auditOf(request.metadata.uid ?? '')).toEqual(rows);
    expect(stack.complaints).toEqual([]);
  });

  it('removes what is under way as well, lock included, when its owner waits for its children', async () => {
    const before = uidsOf(await standing());
    const ending = new AbortController();
    const playing = stack.play(storyOf('crash-looping-pod'), ending.signal).catch((error: unknown) => error);
    const isWatched = async () =>
      (await stack.all(workflowKind)).some((workflow) => !before.has(workflow.metadata.uid ?? '') && stringAt(workflow, 'status', 'phase') === 'monitoring');
    await stack.eventually('the workflow watches what it did', isWatched);
    expect(kindsOf(await standing(before))).toContain('Lease');
    await remove(await theNewRequest(before), 'Foreground');
    await stack.eventually('nothing of it is left', async () => (await standing(before)).length === 0);
    ending.abort(new Error('told to its middle'));
    expect(await playing).toEqual(new Error('told to its middle'));
  });
});

describe('on a real control plane, retention', () => {
  it('deletes what is past its time with all that it made, and nothing else', async () => {
    const before = uidsOf(await standing());
    await stack.play(storyOf('bad-config-value'));
    const old = await theNewRequest(before);
    const between = uidsOf(await standing());
    await stack.play(storyOf('same-alert-five-times'));
    const young = await theNewRequest(between);
    expect(stringAt(young, 'status', 'cleanupScheduledAt')).toBe(addSeconds(stringAt(young, 'status', 'completionTime') ?? '', 86_400));

    await expire(stack, old);
    const ofOld = async () => (await standing(before)).filter(({ metadata }) => between.has(metadata.uid ?? ''));
    expect(kindsOf(await ofOld())).toContain('Job');
    await stack.eventually('the sweeper has deleted the old request with its children', async () => (await ofOld()).length === 0);
    expect(kindsOf(await standing(between))).toContain('RemediationRequest');
    const isAudited = async () => (await typesOf(old)).includes('retention.deleted');
    await stack.eventually('the deletion is audited', isAudited);
  });
});
