import * as z from 'zod';
import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { objectPath } from '../kubernetes/resource-path.ts';
import type { Action, TargetSnapshot, Verdict, Violation } from './action.ts';
import { memoryFactorLowRisk, memoryFactorMax } from './limits.ts';
import { memoryOf, type ContainerMemory } from './container-memory.ts';
import { containerSchema, memorySchema, nameSchema, namespaceSchema, restoreSchema, workloadKindSchema } from './parameters.ts';
import { formatMemory, parseQuantity, type Quantity } from './quantity.ts';
import { quotaIsExceeded, quotasIn, readQuotas } from './quota.ts';
import { stepParameters } from './recommendation.ts';
import { judgeRollout, rolloutIsHeld } from './rollout.ts';
import { containersOf, described, identityOf, lostTarget, wantedPods, workloadKey, workloadKindOf } from './workload.ts';

const paramsSchema = z.strictObject({
  namespace: namespaceSchema,
  kind: workloadKindSchema,
  name: nameSchema('workload'),
  container: containerSchema,
  memory: memorySchema.describe('The memory limit that the container shall have.'),
  restore: restoreSchema,
});
type Params = z.infer<typeof paramsSchema>;

export const increaseMemoryLimit: Action<Params> = {
  name: 'increase_memory_limit',
  aliases: [],
  summary: 'Raises the memory limit of one container of a Deployment, StatefulSet or DaemonSet; its pods are rolled out anew.',
  category: 'resources',
  scope: 'namespaced',
  params: paramsSchema,
  timeoutSeconds: { default: 300, max: 900 },
  rbac: [{ apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: ['get', 'patch'] }],
  reads: [{ apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: ['get'] }, readQuotas],

  risk(params, before) {
    const limit = before === null ? null : (memoryOf(before, params.container)?.limit ?? null);
    const wanted = amountOf(params);
    return limit !== null && wanted >= limit && wanted <= limit * BigInt(memoryFactorLowRisk) ? 'low' : 'moderate';
  },

  fromRecommendation,

  target: workloadKey,

  contextLists: ({ namespace }) => [quotasIn(namespace)],

  argv: ({ namespace, kind, name, container, memory }) => [
    'set',
    'resources',
    kind,
    name,
    `--namespace=${namespace}`,
    `--containers=${container}`,
    `--limits=memory=${memory}`,
  ],

  requests(params, target) {
    const path = objectPath(workloadKey(params));
    return [
      { method: 'GET', path },
      { method: 'PATCH', path, patchType: 'application/strategic-merge-patch+json', body: limitPatch(params, target) },
    ];
  },

  dryRunOutput: ({ kind, name }) => `${kind}.apps/${name} resource requirements updated (dry run)`,

  preconditions(params, target, context) {
    const held = rolloutIsHeld(target);
    const memory = memoryOf(target, params.container);
    if (memory === null) return [containerIsMissing(params, target)];
    const violations = [limitIsAbsent, shrinks, growsTooFast, fallsBelowRequest].flatMap((check) => check(params, memory) ?? []);
    return [...(held === null ? [] : [{ field: 'name', message: `name: ${held}` }]), ...violations, ...quotaHasNoRoom(params, target, context)];
  },

  alreadyDone(params, target) {
    const { container, memory } = params;
    return memoryOf(target, container)?.limit === amountOf(params)
      ? `container ${container} of ${described(target)} already has a memory limit of ${memory}: nothing to do`
      : null;
  },

  undo(params, before) {
    const limit = memoryOf(before, params.container)?.limitText ?? null;
    if (limit === null) return null; // preconditions let no such container through
    return { action: 'increase_memory_limit', parameters: { ...params, memory: limit, restore: true } };
  },

  remember(params, target) {
    const containers = containersOf(target).filter(({ name }) => name === params.container);
    const kept = containers.map(({ name, resources }) => ({ name, resources }));
    return { ...identityOf(target), spec: { template: { spec: { containers: kept } } } };
  },

  success: ({ kind, name, container, memory }) => `Successfully set the memory limit of container ${container} in ${kind} ${name} to ${memory}`,

  outcome: { deadlineSeconds: 600, reads: (params) => [workloadKey(params)], judge },
};

/** A recommendation may name the workload as the rest of the analysis does: `deployment`, or a kind in UpperCamelCase. */
function fromRecommendation(parameters: JsonObject): JsonObject {
  const { deployment, ...rest } = parameters;
  const named = typeof deployment === 'string' && rest['name'] === undefined ? { ...rest, kind: 'deployment', name: deployment } : parameters;
  const step = stepParameters(named, { renamed: { targetMemory: 'memory' }, dropped: ['currentMemory', 'currentLimit'] });
  return typeof step['kind'] === 'string' ? { ...step, kind: workloadKindOf(step['kind']) } : step;
}

/** What `kubectl set resources` sends: the container by its name, and the order of all, so that a merge cannot shuffle them. */
function limitPatch({ container, memory }: Params, target: TargetSnapshot): JsonObject {
  const order = containersOf(target).map(({ name }) => ({ name: String(name) }));
  const containers = [{ name: container, resources: { limits: { memory } } }];
  return { spec: { template: { spec: { '$setElementOrder/containers': order, containers } } } };
}

function judge(params: Params, before: TargetSnapshot, [workload = null]: readonly (KubernetesObject | null)[]): Verdict {
  const lost = lostTarget(before, workload);
  if (workload === null || lost !== null) return { kind: 'failed', message: lost ?? '' };
  const { container, memory } = params;
  const found = memoryOf(workload, container);
  if (found?.limit !== amountOf(params)) {
    return { kind: 'failed', message: `expected a memory limit of ${memory} for container ${container}, got ${found?.limitText ?? 'none'}` };
  }
  const { complete, progress } = judgeRollout(workload);
  if (!complete) return { kind: 'waiting', message: `memory limit set, but the rollout is not complete: ${progress}` };
  return { kind: 'ok', message: `Verified a memory limit of ${memory} for container ${container}, ${progress}` };
}

function containerIsMissing({ container }: Params, target: TargetSnapshot): Violation {
  const names = containersOf(target).map(({ name }) => String(name));
  const message = `container: must be ${names.length === 1 ? '' : 'one of '}${names.join(', ')}: ${described(target)} has no container ${container}`;
  return { field: 'container', message };
}

type Check = (params: Params, memory: ContainerMemory) => Violation | null;

const limitIsAbsent: Check = ({ container }, { limit }) =>
  limit === null ? { field: 'container', message: `container: ${container} has no memory limit, so there is none to raise` } : null;

const shrinks: Check = (params, { limit, limitText }) => {
  if (limit === null || params.restore === true || amountOf(params) >= limit) return null;
  return { field: 'memory', message: `memory: must be more than the present limit of ${limitText ?? ''}` };
};

const growsTooFast: Check = (params, { limit, limitText }) => {
  if (limit === null || params.restore === true) return null;
  const most = limit * BigInt(memoryFactorMax);
  if (amountOf(params) <= most) return null;
  return { field: 'memory', message: `memory: must be at most ${formatMemory(most)}, ${memoryFactorMax} times the present limit of ${limitText ?? ''}` };
};

/** Only an undo can meet it, and only after somebody raised the request meanwhile. */
const fallsBelowRequest: Check = (params, { request, requestText }) =>
  request !== null && amountOf(params) < request
    ? { field: 'memory', message: `memory: must not be below the container's request of ${requestText ?? ''}` }
    : null;

function quotaHasNoRoom(params: Params, target: TargetSnapshot, context: readonly (KubernetesObject | null)[]): readonly Violation[] {
  const limit = memoryOf(target, params.container)?.limit ?? null;
  if (limit === null || amountOf(params) <= limit) return [];
  const exceeded = quotaIsExceeded((amountOf(params) - limit) * BigInt(wantedPods(target)), context);
  return exceeded === null ? [] : [{ field: 'memory', message: `memory: ${exceeded}: ask for less, or raise the quota` }];
}

function amountOf({ memory }: Params): Quantity {
  return parseQuantity(memory) ?? 0n; // the schema took it, so it parses
}
