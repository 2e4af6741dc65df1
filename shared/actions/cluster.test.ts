import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { rbacFiles } from '../../infra/cluster/generate-rbac.ts';
import { aConfigMap, aController, aDeployment, aPod, aReplicaSetOwner, boundSample, samples } from '../../test/support/actions.ts';
import { aServiceAccountUser } from '../../test/support/rbac.ts';
import { aWorld } from '../../test/support/sandbox.ts';
import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { createCluster } from '../kubernetes/cluster.ts';
import type { PolicyRule } from '../kubernetes/ports.ts';
import type { ApiResponse, Transport } from '../kubernetes/request.ts';
import { collectionPath } from '../kubernetes/resource-path.ts';
import type { BoundAction } from './action.ts';
import { bindAction } from './index.ts';

const namespace = 'kubernaut-system';
const timeoutMilliseconds = 10_000;

/** A cluster with our RBAC as it is checked in, and the target of every sample in it. */
async function aCluster() {
  const { sandbox, transport } = aWorld();
  const manifests = [...rbacFiles().values()].flatMap((content) => parseAllDocuments(content).map((document) => document.toJS() as KubernetesObject));
  const production = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } };
  const workloads = ['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => aDeployment({ kind, ...(kind !== 'Deployment' && { spec: specOf(kind) }) }));
  for (const object of [production, ...manifests, ...workloads, aConfigMap()]) await create(transport, object);
  const replicaSet = await create(transport, aController({ spec: specOf('ReplicaSet') }));
  const ownerReferences = [{ ...aReplicaSetOwner, uid: replicaSet.metadata.uid ?? '' }];
  await create(transport, aPod({ metadata: { ownerReferences }, spec: { containers: [{ name: 'app', image: 'payment-api:1' }] } }));
  const asAccount = (name: string) => sandbox.transport(aServiceAccountUser(name));
  const functions = createCluster({ transport: asAccount('kubernaut-functions'), namespace, timeoutMilliseconds: () => timeoutMilliseconds });
  return { transport, functions, asAccount };
}

function specOf(kind: string): unknown {
  const { replicas, ...spec } = aDeployment()['spec'] as JsonObject;
  return { ...spec, ...(kind !== 'DaemonSet' && { replicas }), ...(kind === 'StatefulSet' && { serviceName: 'payment-api' }) };
}

/** As a person would make it: what the server sets is left to it. */
async function create(transport: Transport, object: KubernetesObject): Promise<KubernetesObject> {
  const { uid: _uid, resourceVersion: _version, generation: _generation, ...metadata } = object.metadata;
  const body = { ...object, metadata } as unknown as JsonObject;
  const answer = await transport.send({ method: 'POST', path: collectionPath(object, metadata.namespace), body }, timeoutMilliseconds);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body as unknown as KubernetesObject;
}

type TestCluster = Awaited<ReturnType<typeof aCluster>>;

async function targetOf({ functions }: TestCluster, action: BoundAction): Promise<KubernetesObject> {
  const target = await functions.get(action.target);
  if (target === null) throw new Error(`${action.target.name} is not there`);
  return target;
}

/** What the Job's kubectl sends, as the Job's identity; ends at the first refusal, as kubectl does. */
async function act({ asAccount }: TestCluster, action: BoundAction, target: KubernetesObject): Promise<ApiResponse> {
  const transport = asAccount(action.serviceAccount);
  let answer: ApiResponse = { status: 0, body: null };
  for (const request of action.requests(target)) {
    answer = await transport.send(request, timeoutMilliseconds);
    if (answer.status >= 300) return answer;
  }
  return answer;
}

/** What does not differ from one write to the next by itself. */
function lasting(object: unknown): unknown {
  const { metadata, ...rest } = object as KubernetesObject;
  const { resourceVersion: _version, generation: _generation, managedFields: _fields, ...kept } = metadata as JsonObject;
  return { ...rest, metadata: kept };
}

describe('the catalogue in a cluster', () => {
  it.each(samples)('$name: the functions may rehearse it and the Job may do it, with the same result', async ({ name, parameters }) => {
    const cluster = await aCluster();
    const action = bindAction(name, parameters);
    const before = await targetOf(cluster, action);
    const rehearsal = await cluster.functions.dryRun(action.serviceAccount, action.requests(before));
    expect(await targetOf(cluster, action)).toEqual(before);
    const answer = await act(cluster, action, before);
    expect(answer.status).toBe(200);
    const predicted = rehearsal.kind === 'accepted' ? rehearsal.objects.at(-1) : rehearsal;
    expect(lasting(predicted)).toEqual(lasting(answer.body));
  });

  const reversible = samples.filter(({ name }) => name !== 'restart_pod');
  it.each(reversible)('$name: is as wanted, then as it was, then as wanted again', async ({ name, parameters }) => {
    const cluster = await aCluster();
    const before = await targetOf(cluster, bindAction(name, parameters));
    let next: { readonly action: string; readonly parameters: JsonObject } | null = { action: name, parameters };
    for (const expected of ['changed', 'as it was', 'changed']) {
      const action: BoundAction = bindAction(next?.action ?? '', next?.parameters ?? {});
      const target = await targetOf(cluster, action);
      expect(action.preconditions(target, []).filter(({ field }) => field !== 'restart')).toEqual([]);
      expect((await act(cluster, action, target)).status).toBe(200);
      const after = await targetOf(cluster, action);
      expect(action.alreadyDone(after)).not.toBeNull();
      expect(JSON.stringify([after['spec'], after['data']]) === JSON.stringify([before['spec'], before['data']])).toBe(expected === 'as it was');
      next = action.undo(target);
    }
  });

  it.each(samples)('$name: repeated with what it was bound to, it does no harm', async ({ name, parameters }) => {
    const cluster = await aCluster();
    const action = bindAction(name, parameters);
    const bound = await targetOf(cluster, action);
    await act(cluster, action, bound);
    const once = await cluster.functions.get(action.target);
    const again = await act(cluster, action, bound);
    expect([200, 404, 409, 422]).toContain(again.status);
    expect(once === null ? null : lasting(await cluster.functions.get(action.target))).toEqual(once === null ? null : lasting(once));
  });

  it.each([
    ['restart_pod', 409],
    ['patch_configmap', 422],
  ])('%s: never touches another object of the same name', async (name, status) => {
    const cluster = await aCluster();
    const action = boundSample(name);
    const target = await targetOf(cluster, action);
    const stranger = { ...target, metadata: { ...target.metadata, uid: 'another' } };
    expect(await act(cluster, action, stranger)).toMatchObject({ status });
    expect(await targetOf(cluster, action)).toEqual(target);
  });

  it.each(samples)('$name: fails without any single verb of its role', async ({ name, parameters }) => {
    const kinds = Object.hasOwn(parameters, 'kind') ? ['deployment', 'statefulset', 'daemonset'] : [null];
    const actions = kinds.map((kind) => bindAction(name, kind === null ? parameters : { ...parameters, kind }));
    for (const rules of withoutEachVerb(actions[0]?.rbac ?? [])) {
      const cluster = await aCluster();
      const path = `/apis/rbac.authorization.k8s.io/v1/clusterroles/kubernaut-action-${name.replaceAll('_', '-')}`;
      await cluster.transport.send(
        { method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { rules } as unknown as JsonObject },
        timeoutMilliseconds,
      );
      const answers = await Promise.all(actions.map(async (action) => act(cluster, action, await targetOf(cluster, action))));
      expect(answers.map(({ status }) => status)).toContain(403);
    }
  });

  it('lets an action touch nothing of another', async () => {
    const cluster = await aCluster();
    const scale = boundSample('scale_deployment');
    const asScale = (action: BoundAction): BoundAction => ({ ...action, serviceAccount: scale.serviceAccount });
    for (const { name } of samples.filter((sample) => sample.name !== 'scale_deployment')) {
      const action = asScale(boundSample(name));
      expect(await act(cluster, action, await targetOf(cluster, action))).toMatchObject({ status: 403 });
    }
  });
});

/** The same rules, once for each verb on each resource, without it. */
function withoutEachVerb(rules: readonly PolicyRule[]): readonly (readonly PolicyRule[])[] {
  const single = rules.flatMap(({ apiGroups, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => ({ apiGroups, resources: [resource], verbs: [verb] }))),
  );
  return single.map((_, removed) => single.filter((_rule, index) => index !== removed));
}
