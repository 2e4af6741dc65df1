import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { ObjectKey } from '../kubernetes/ports.ts';
import { objectPath } from '../kubernetes/resource-path.ts';
import { mapAt, stringAt, valueAt } from '../kubernetes/unstructured.ts';
import type { Action, InverseAction, TargetSnapshot, Verdict, Violation } from './action.ts';
import { configBytesOf, configParamsSchema, touchedKeys, type ConfigParams } from './config-parameters.ts';
import { configPatch } from './config-patch.ts';
import { readsConfigMap } from './config-reader.ts';
import { configBytesMax } from './limits.ts';
import { stepParameters } from './recommendation.ts';
import { identityOf, lostTarget, workloadKey } from './workload.ts';

/**
 * `restart` names the workload that reads the ConfigMap. This Job's identity may touch ConfigMaps only, so it never restarts anything: the
 * name is checked before the patch (it exists, and reads this ConfigMap), and the success says that the change waits for its restart,
 * which is a step of its own that whoever plans the workflow adds.
 */
export const patchConfigmap: Action<ConfigParams> = {
  name: 'patch_configmap',
  aliases: ['update_configmap'],
  summary: 'Sets or takes out keys of a ConfigMap.',
  category: 'config',
  scope: 'namespaced',
  params: configParamsSchema,
  timeoutSeconds: { default: 300, max: 900 },
  rbac: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'patch'] }],
  reads: [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
    { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: ['get'] },
  ],

  risk: () => 'moderate',

  fromRecommendation: (parameters) => stepParameters(parameters, { dropped: ['currentData'] }),

  target: configMapKey,

  context: ({ namespace, restart }) => (restart === undefined ? [] : [workloadKey({ ...restart, namespace })]),

  argv: (params, target) => [
    'patch',
    'configmap',
    params.configmap,
    `--namespace=${params.namespace}`,
    '--type=json',
    `--patch=${JSON.stringify(configPatch(params, target))}`,
  ],

  requests(params, target) {
    const path = objectPath(configMapKey(params));
    return [
      { method: 'GET', path },
      { method: 'PATCH', path, patchType: 'application/json-patch+json', body: configPatch(params, target) },
    ];
  },

  dryRunOutput: ({ configmap }) => `configmap/${configmap} patched (dry run)`,

  preconditions(params, target, [workload = null]) {
    const violations = [isImmutable, isTooLargeToKeep].flatMap((check) => check(params, target) ?? []);
    return [...violations, ...binaryKeys(params, target), ...workloadDoesNotRead(params, workload)];
  },

  alreadyDone(params, target) {
    const done = unmetKeys(params, target).length === 0;
    return done ? `configmap ${params.configmap} already is as wanted (${counted(touchedKeys(params).length)}): nothing to do` : null;
  },

  undo,

  /** Old values are in the undo, which may be larger than what is remembered; the outcome check does not ask for them. */
  remember: (_params, target) => identityOf(target),

  success({ configmap, restart, ...changes }) {
    const patched = `Successfully patched configmap ${configmap} (${counted(touchedKeys(changes).length)})`;
    return restart === undefined ? patched : `${patched}; pods of ${restart.kind} ${restart.name} that read it as environment see it after their restart`;
  },

  outcome: { deadlineSeconds: 30, reads: (params) => [configMapKey(params)], judge },
};

function configMapKey({ namespace, configmap }: Pick<ConfigParams, 'namespace' | 'configmap'>): ObjectKey {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: configmap };
}

function undo(params: ConfigParams, before: TargetSnapshot): InverseAction {
  const { namespace, configmap, restart } = params;
  const values = touchedKeys(params).map((key) => [key, stringAt(before, 'data', key)] as const);
  const old = values.filter(([, value]) => value !== null);
  const added = values.filter(([, value]) => value === null).map(([key]) => key);
  const parameters: JsonObject = {
    namespace,
    configmap,
    ...(old.length > 0 && { data: Object.fromEntries(old) }),
    ...(added.length > 0 && { remove: added }),
    ...(restart !== undefined && { restart }),
    restore: true,
  };
  return { action: 'patch_configmap', parameters };
}

function judge(params: ConfigParams, before: TargetSnapshot, [configMap = null]: readonly (KubernetesObject | null)[]): Verdict {
  const lost = lostTarget(before, configMap);
  if (configMap === null || lost !== null) return { kind: 'failed', message: lost ?? '' };
  const [first, ...more] = unmetKeys(params, configMap);
  const total = touchedKeys(params).length;
  if (first === undefined) return { kind: 'ok', message: `Verified ${counted(total)} of configmap ${params.configmap}` };
  // Values stay out of the sentence: a ConfigMap may hold what nobody should read in an Event.
  return { kind: 'failed', message: `expected ${counted(total)} as wanted, ${first}${more.length === 0 ? ' is' : ` and ${more.length} more are`} not` };
}

function unmetKeys(params: ConfigParams, configMap: KubernetesObject): readonly string[] {
  return touchedKeys(params).filter((key) => stringAt(configMap, 'data', key) !== stringAt(params, 'data', key));
}

type Check = (params: ConfigParams, target: TargetSnapshot) => Violation | null;

const isImmutable: Check = ({ configmap }, target) => {
  if (valueAt(target, 'immutable') !== true) return null;
  return { field: 'configmap', message: `configmap: ${configmap} is immutable: make a new one and point its readers there` };
};

/** What stands there may be larger than anything that we would write, and the undo must hold it. */
const isTooLargeToKeep: Check = (params, target) => {
  const undoBytes = configBytesOf(undo(params, target).parameters);
  if (undoBytes <= configBytesMax) return null;
  return {
    field: 'data',
    message: `data: the values in place take ${undoBytes} bytes, more than the ${configBytesMax} that an undo can keep: touch fewer keys`,
  };
};

function binaryKeys(params: ConfigParams, target: TargetSnapshot): readonly Violation[] {
  const binary = mapAt(target, 'binaryData');
  const keys = touchedKeys(params).filter((key) => Object.hasOwn(binary, key));
  return keys.map((key) => ({ field: `data.${key}`, message: `data.${key}: is binary in ${params.configmap} and can be patched by hand only` }));
}

function workloadDoesNotRead({ restart, configmap }: ConfigParams, workload: KubernetesObject | null): readonly Violation[] {
  if (restart === undefined) return [];
  const { kind, name } = restart;
  if (workload === null) return [{ field: 'restart', message: `restart: must be a workload that exists: there is no ${kind} ${name}` }];
  if (readsConfigMap(workload, configmap)) return [];
  return [{ field: 'restart', message: `restart: must be a workload that reads ${configmap}: ${kind} ${name} does not` }];
}

function counted(keys: number): string {
  return `${keys} ${keys === 1 ? 'key' : 'keys'}`;
}
