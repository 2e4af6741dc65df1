import * as z from 'zod';
import type { KubernetesObject } from '../api/object-ref.ts';
import { objectPath } from '../kubernetes/resource-path.ts';
import type { Action, TargetSnapshot, Verdict, Violation } from './action.ts';
import { autoscalerOf, autoscalersIn, readAutoscalers } from './autoscaler.ts';
import { budgetsIn, floorOf, readBudgets } from './disruption-budget.ts';
import { replicasMax, scaleFactorMax, scaleStepMax } from './limits.ts';
import { nameSchema, namespaceSchema, restoreSchema, wholeNumberSchema } from './parameters.ts';
import { stepParameters } from './recommendation.ts';
import { identityOf, lostTarget, readyPods, statusIsStale, wantedPods, workloadKey } from './workload.ts';

const paramsSchema = z.strictObject({
  namespace: namespaceSchema,
  deployment: nameSchema('Deployment'),
  replicas: wholeNumberSchema(0, replicasMax).describe('How many pods it shall have.'),
  restore: restoreSchema,
});
type Params = z.infer<typeof paramsSchema>;

export const scaleDeployment: Action<Params> = {
  name: 'scale_deployment',
  aliases: [],
  summary: 'Sets the number of replicas of a Deployment.',
  category: 'scaling',
  scope: 'namespaced',
  params: paramsSchema,
  timeoutSeconds: { default: 300, max: 900 },
  rbac: [
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] },
    { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] },
  ],
  reads: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] }, readAutoscalers, readBudgets],

  risk({ replicas }, before) {
    if (replicas === 0) return 'high';
    return before !== null && replicas >= wantedPods(before) ? 'low' : 'moderate';
  },

  fromRecommendation: (parameters) => stepParameters(parameters, { renamed: { targetReplicas: 'replicas' }, dropped: ['currentReplicas'] }),

  target: deploymentKey,

  // A budget matters only to pods that would go.
  contextLists: ({ namespace, replicas }, target) => [autoscalersIn(namespace), ...(replicas < wantedPods(target) ? [budgetsIn(namespace)] : [])],

  argv: ({ namespace, deployment, replicas }) => ['scale', 'deployment', deployment, `--namespace=${namespace}`, `--replicas=${replicas}`],

  requests(params) {
    const key = deploymentKey(params);
    return [
      { method: 'GET', path: objectPath(key) },
      { method: 'PATCH', path: objectPath(key, 'scale'), patchType: 'application/merge-patch+json', body: { spec: { replicas: params.replicas } } },
    ];
  },

  dryRunOutput: ({ deployment }) => `deployment.apps/${deployment} scaled (dry run)`,

  preconditions(params, target, context) {
    return [autoscalerWouldTakeItBack, growsTooFast, fallsBelowBudget].flatMap((check) => check(params, target, context) ?? []);
  },

  alreadyDone({ deployment, replicas }, target) {
    return wantedPods(target) === replicas ? `${deployment} already has ${replicas} replicas: nothing to do` : null;
  },

  undo({ namespace, deployment }, before) {
    return { action: 'scale_deployment', parameters: { namespace, deployment, replicas: wantedPods(before), restore: true } };
  },

  remember: (_params, target) => ({ ...identityOf(target), spec: { replicas: wantedPods(target) } }),

  success: ({ deployment, replicas }) => `Successfully scaled ${deployment} to ${replicas} replicas`,

  outcome: { deadlineSeconds: 120, reads: (params) => [deploymentKey(params)], judge },
};

function deploymentKey({ namespace, deployment }: Pick<Params, 'namespace' | 'deployment'>) {
  return workloadKey({ kind: 'deployment', namespace, name: deployment });
}

function judge({ replicas }: Params, before: TargetSnapshot, [deployment = null]: readonly (KubernetesObject | null)[]): Verdict {
  const lost = lostTarget(before, deployment);
  if (deployment === null || lost !== null) return { kind: 'failed', message: lost ?? '' };
  const wanted = wantedPods(deployment);
  if (wanted !== replicas) return { kind: 'failed', message: `expected ${replicas} replicas, got ${wanted}` };
  const ready = readyPods(deployment);
  if (ready < replicas) return { kind: 'waiting', message: `only ${ready} of ${replicas} replicas ready` };
  if (ready > replicas) return { kind: 'waiting', message: `still ${ready} replicas ready, ${replicas} wanted` };
  if (statusIsStale(deployment)) return { kind: 'waiting', message: `${ready} replicas ready, but the controller has not observed the change yet` };
  return { kind: 'ok', message: `Verified ${replicas} replicas running and ready` };
}

type Check = (params: Params, target: TargetSnapshot, context: readonly (KubernetesObject | null)[]) => Violation | null;

const autoscalerWouldTakeItBack: Check = ({ deployment }, target, context) => {
  const autoscaler = autoscalerOf(target, context);
  if (autoscaler === null) return null;
  const { name, minReplicas, maxReplicas } = autoscaler;
  const message = `replicas: HorizontalPodAutoscaler ${name} sets them (${minReplicas} to ${maxReplicas}) and would take ${deployment} back: change its bounds instead`;
  return { field: 'replicas', message };
};

/** One more is always allowed: three times nothing is nothing. */
const growsTooFast: Check = ({ deployment, replicas, restore }, target) => {
  const current = wantedPods(target);
  const most = Math.max(current + 1, Math.min(current * scaleFactorMax, current + scaleStepMax));
  if (restore === true || replicas <= most) return null;
  const why = `${deployment} has ${current}, and one step goes to ${scaleFactorMax} times that or ${scaleStepMax} more, whichever is less`;
  return { field: 'replicas', message: `replicas: must be at most ${most}: ${why}` };
};

const fallsBelowBudget: Check = ({ deployment, replicas }, target, context) => {
  if (replicas >= wantedPods(target)) return null;
  const floor = floorOf(target, context);
  if (floor === null || replicas >= floor.pods) return null;
  return { field: 'replicas', message: `replicas: must be at least ${floor.pods}: PodDisruptionBudget ${floor.budget} wants that many pods of ${deployment}` };
};
