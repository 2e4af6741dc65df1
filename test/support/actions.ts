import { bindAction } from '../../shared/actions/index.ts';
import type { BoundAction } from '../../shared/actions/action.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject, ObjectMeta } from '../../shared/api/object-ref.ts';

type Fields = Readonly<Record<string, unknown>> & { readonly metadata?: Partial<ObjectMeta> };

/** payment-api in production with uid u1: 3 replicas, all updated, ready and available; container app has 256Mi of request and 512Mi of limit. */
export function aDeployment({ metadata, ...fields }: Fields = {}): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'payment-api', namespace: 'production', uid: 'u1', resourceVersion: '7', generation: 2, ...metadata },
    spec: { replicas: 3, selector: { matchLabels: { app: 'payment-api' } }, template: aTemplate() },
    status: aRollout(3),
    ...fields,
  };
}

/** The same Deployment after somebody asked for `replicas`, `ready` of which are ready. */
export function aScaledDeployment(replicas: number, ready: number): KubernetesObject {
  return aDeployment({ spec: { replicas, template: aTemplate() }, status: { ...aRollout(replicas), readyReplicas: ready } });
}

/** Status of a Deployment whose every replica is current, and that its controller has observed. */
export function aRollout(replicas: number) {
  return { observedGeneration: 2, replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
}

export function aTemplate(memory: string | null = '512Mi') {
  const resources = { requests: { memory: '256Mi' }, ...(memory !== null && { limits: { cpu: '1', memory } }) };
  const containers = [
    { name: 'app', image: 'payment-api:1', resources, envFrom: [{ configMapRef: { name: 'app-config' } }] },
    { name: 'proxy', image: 'proxy:1' },
  ];
  return { metadata: { labels: { app: 'payment-api' } }, spec: { containers } };
}

export const aReplicaSetOwner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'payment-api-7d9', uid: 'rs1', controller: true };

/** A ready pod of payment-api, uid p1, controlled by the ReplicaSet payment-api-7d9. */
export function aPod({ metadata, ...fields }: Fields = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'payment-api-7d9-x1',
      namespace: 'production',
      uid: 'p1',
      labels: { app: 'payment-api' },
      ownerReferences: [aReplicaSetOwner],
      ...metadata,
    },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
    ...fields,
  };
}

/** Any controller of pods; the default is the ReplicaSet of `aPod`, 3 of 3 ready. */
export function aController({ metadata, ...fields }: Fields = {}): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'payment-api-7d9', namespace: 'production', uid: 'rs1', ...metadata },
    spec: { replicas: 3 },
    status: { replicas: 3, readyReplicas: 3 },
    ...fields,
  };
}

export function aConfigMap({ metadata, ...fields }: Fields = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'app-config', namespace: 'production', uid: 'c1', resourceVersion: '7', ...metadata },
    data: { LOG_LEVEL: 'info', POOL: '10' },
    ...fields,
  };
}

export function aBudget(spec: Readonly<Record<string, unknown>>, status: Readonly<Record<string, unknown>> = {}): KubernetesObject {
  const selector = { matchLabels: { app: 'payment-api' } };
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'payment-budget', namespace: 'production' },
    spec: { selector, ...spec },
    status,
  };
}

export function anAutoscaler(target: string, kind = 'Deployment'): KubernetesObject {
  const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind, name: target }, minReplicas: 2, maxReplicas: 10 };
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'payment-hpa', namespace: 'production' }, spec };
}

export function aQuota(hard: string, used: string, spec: Readonly<Record<string, unknown>> = {}): KubernetesObject {
  const status = { hard: { 'limits.memory': hard }, used: { 'limits.memory': used } };
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team-quota', namespace: 'production' }, spec, status };
}

export interface Sample {
  readonly name: string;
  readonly parameters: JsonObject;
  readonly target: KubernetesObject;
}

/** One healthy case of each action of the catalogue. */
export const samples: readonly Sample[] = [
  { name: 'scale_deployment', parameters: { namespace: 'production', deployment: 'payment-api', replicas: 5 }, target: aDeployment() },
  { name: 'restart_pod', parameters: { namespace: 'production', pod: 'payment-api-7d9-x1', gracePeriodSeconds: 17 }, target: aPod() },
  {
    name: 'patch_configmap',
    parameters: {
      namespace: 'production',
      configmap: 'app-config',
      data: { LOG_LEVEL: 'debug', CACHE: 'on' },
      restart: { kind: 'deployment', name: 'payment-api' },
    },
    target: aConfigMap(),
  },
  {
    name: 'increase_memory_limit',
    parameters: { namespace: 'production', kind: 'deployment', name: 'payment-api', container: 'app', memory: '1Gi' },
    target: aDeployment(),
  },
];

/** The sample of an action with some of its parameters changed; undefined takes one out. */
export function boundSample(name: string, changes: JsonObject = {}): BoundAction {
  const sample = samples.find((candidate) => candidate.name === name);
  if (sample === undefined) throw new RangeError(`no sample of ${name}`);
  const parameters = Object.entries({ ...sample.parameters, ...changes }).filter(([, value]) => value !== undefined);
  return bindAction(name, Object.fromEntries(parameters));
}
