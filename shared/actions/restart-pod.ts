import * as z from 'zod';
import { controllerOf, type KubernetesObject, type OwnerReference } from '../api/object-ref.ts';
import type { ObjectKey } from '../kubernetes/ports.ts';
import { objectPath } from '../kubernetes/resource-path.ts';
import type { Action, TargetSnapshot, Violation } from './action.ts';
import { budgetsIn, budgetThatForbids, readBudgets } from './disruption-budget.ts';
import { filesMountPath } from './files.ts';
import { gracePeriodSecondsMax } from './limits.ts';
import { nameSchema, namespaceSchema, wholeNumberSchema } from './parameters.ts';
import { isReadable, judgeRestart } from './pod-controller.ts';
import { stepParameters } from './recommendation.ts';
import { identityOf } from './workload.ts';

const gracePeriodSeconds = 30; // the API's own default

const paramsSchema = z.strictObject({
  namespace: namespaceSchema,
  pod: nameSchema('Pod'),
  gracePeriodSeconds: wholeNumberSchema(0, gracePeriodSecondsMax)
    .default(gracePeriodSeconds)
    .describe('Seconds that its containers have to end by themselves.'),
});
type Params = z.infer<typeof paramsSchema>;

const optionsFile = 'delete-options.json';

/** Deletes the pod, bound to its uid: one that was made anew under the same name is never touched. Its controller makes the next. */
export const restartPod: Action<Params> = {
  name: 'restart_pod',
  aliases: ['delete_pod'],
  summary: 'Deletes a pod so that its controller makes a new one.',
  category: 'restart',
  scope: 'namespaced',
  params: paramsSchema,
  timeoutSeconds: { default: 300, max: 900 },
  rbac: [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }],
  reads: [
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    { apiGroups: ['apps'], resources: ['replicasets', 'statefulsets', 'daemonsets'], verbs: ['get'] },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] },
    readBudgets,
  ],

  risk: (_params, before) => (before !== null && controllerOf(before) !== null ? 'moderate' : 'high'),

  fromRecommendation: (parameters) => stepParameters(parameters, { dropped: ['container', 'restartCount'] }),

  target: podKey,

  contextLists: ({ namespace }) => [budgetsIn(namespace)],

  argv: (params) => ['delete', '--raw', objectPath(podKey(params)), '-f', `${filesMountPath}/${optionsFile}`],

  files: (params, target) => ({ [optionsFile]: JSON.stringify(deleteOptions(params, target)) }),

  requests: (params, target) => [{ method: 'DELETE', path: objectPath(podKey(params)), body: deleteOptions(params, target) }],

  dryRunOutput: ({ pod }) => `pod/${pod} deleted (dry run)`,

  preconditions(params, target, context) {
    return [nothingWouldBringItBack, budgetIsSpent].flatMap((check) => check(params, target, context) ?? []);
  },

  alreadyDone: () => null,

  undo: () => null,

  remember(_params, target) {
    const controller = controllerOf(target);
    const identity = identityOf(target);
    return { ...identity, metadata: { ...identity.metadata, ...(controller !== null && { ownerReferences: [identityOfOwner(controller)] }) } };
  },

  success: ({ pod }) => `Successfully restarted pod ${pod}`,

  outcome: {
    // Two minutes for the new pod, and what the old one may take to end beyond the default.
    deadlineSeconds: (params) => 120 + Math.max(0, params.gracePeriodSeconds - gracePeriodSeconds),
    reads: (params, before) => [podKey(params), ...controllerKeys(params, before)],
    judge: (params, before, [pod = null, controller = null]) => judgeRestart(params.pod, before, { pod, controller }),
  },
};

function podKey({ namespace, pod }: Pick<Params, 'namespace' | 'pod'>): ObjectKey {
  return { apiVersion: 'v1', kind: 'Pod', namespace, name: pod };
}

function deleteOptions(params: Params, { metadata: { uid = '' } }: TargetSnapshot) {
  return { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: params.gracePeriodSeconds, preconditions: { uid } };
}

function controllerKeys({ namespace }: Params, before: TargetSnapshot): readonly ObjectKey[] {
  const controller = controllerOf(before);
  if (controller === null || !isReadable(controller)) return [];
  return [{ apiVersion: controller.apiVersion, kind: controller.kind, namespace, name: controller.name }];
}

function identityOfOwner({ apiVersion, kind, name, uid }: OwnerReference): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true };
}

type Check = (params: Params, target: TargetSnapshot, context: readonly (KubernetesObject | null)[]) => Violation | null;

/** A static pod is listed with its node as owner: deleting what the API shows of it restarts nothing. */
const nothingWouldBringItBack: Check = ({ pod }, target) => {
  const controller = controllerOf(target);
  if (controller?.kind === 'Node') return { field: 'pod', message: `pod: ${pod} is a static pod of node ${controller.name}: restart it there` };
  if (controller !== null) return null;
  return { field: 'pod', message: `pod: ${pod} has no controller, so nothing would bring it back: make it part of a Deployment first` };
};

const budgetIsSpent: Check = ({ pod }, target, context) => {
  const budget = budgetThatForbids(target, context);
  if (budget === null) return null;
  return { field: 'pod', message: `pod: PodDisruptionBudget ${budget} allows no disruption now: wait until more of the pods beside ${pod} are ready` };
};
