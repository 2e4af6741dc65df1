import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ApiClient } from './api-client.ts';
import type { Controller, ControllerKey } from './controller.ts';
import { deploymentKind, deploymentSchema, type Deployment } from './deployment.ts';
import { allowanceOf, disruptionBudgetKind, disruptionBudgetSchema, type DisruptionBudget } from './disruption-budget.ts';
import { mergePatchBetween } from './merge-patch.ts';
import { isFinished, isReady, podKind, podSchema, type Pod } from './pod.ts';
import { replicaSetKind, replicaSetSchema, type ReplicaSet } from './replica-set.ts';
import { isControlledBy, keyOf, readObjects, selectorText } from './stored-object.ts';
import { withCondition } from './workload-condition.ts';
import type { Write } from './write.ts';

interface Guarded {
  readonly budget: DisruptionBudget;
  /** Those that it selects. */
  readonly pods: readonly Pod[];
}

export interface Observed {
  readonly guarded: readonly Guarded[];
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
}

/** Tells how many of a budget's pods may go now. One key is a namespace, since a pod does not say which budgets select it. */
export const disruptionController: Controller<Observed> = {
  name: 'disruption-controller',
  watched: [disruptionBudgetKind, podKind, deploymentKind].map((kind) => ({ kind, keysOf: namespaceKey })),

  async observe(client, { namespace }) {
    const budgets = readObjects(disruptionBudgetSchema, (await client.list(disruptionBudgetKind, { namespace })).items);
    if (budgets.length === 0) return null;
    const guarded: Guarded[] = [];
    for (const budget of budgets) guarded.push({ budget, pods: await podsOf(client, budget) });
    const deployments = readObjects(deploymentSchema, (await client.list(deploymentKind, { namespace })).items);
    const replicaSets = readObjects(replicaSetSchema, (await client.list(replicaSetKind, { namespace })).items);
    return { guarded, deployments, replicaSets };
  },

  decide: (observed, { now }) => ({ writes: observed.guarded.flatMap((guarded) => statusWrite(guarded, observed, now)) }),
};

async function podsOf(client: ApiClient, { metadata: { namespace }, spec: { selector } }: DisruptionBudget): Promise<readonly Pod[]> {
  if (selector === undefined) return [];
  const listed = await client.list(podKind, { namespace, labelSelector: selectorText(selector) });
  return readObjects(podSchema, listed.items).filter((pod) => !isFinished(pod));
}

function statusWrite({ budget, pods }: Guarded, observed: Observed, now: string): readonly Write[] {
  const healthy = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length;
  const allowance = allowanceOf(budget, { healthy, pods: pods.length, scale: scaleOf(pods, observed) });
  const enough = allowance.disruptionsAllowed > 0;
  const condition = {
    type: 'DisruptionAllowed',
    status: enough ? 'True' : 'False',
    reason: enough ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  } as const;
  const conditions = withCondition(budget.status.conditions ?? [], condition, now, 'none').map((each) => ({
    ...each,
    observedGeneration: budget.metadata.generation,
  }));
  const after = { ...budget.status, ...allowance, observedGeneration: budget.metadata.generation, conditions };
  const change = mergePatchBetween(budget.status as JsonObject, after as unknown as JsonObject);
  if (change === null) return [];
  return [{ kind: 'PatchObject', key: keyOf(budget), resourceVersion: budget.metadata.resourceVersion, subresource: 'status', patch: { status: change } }];
}

/** What the controllers of these pods want, each counted once; a pod of another kind of controller, or of none, counts as itself. */
function scaleOf(pods: readonly Pod[], { deployments, replicaSets }: Observed): number {
  const wanted = new Map<string, number>();
  for (const pod of pods) {
    const replicaSet = replicaSets.find((candidate) => isControlledBy(pod, candidate));
    const deployment = replicaSet && deployments.find((candidate) => isControlledBy(replicaSet, candidate));
    const owner = deployment ?? replicaSet;
    wanted.set(owner?.metadata.uid ?? pod.metadata.uid, owner?.spec.replicas ?? 1);
  }
  return [...wanted.values()].reduce((sum, count) => sum + count, 0);
}

function namespaceKey({ metadata: { namespace = '' } }: KubernetesObject): readonly ControllerKey[] {
  return [{ namespace, name: 'budgets' }];
}
