import type { ContainerContext, WorkloadContext } from '../../shared/api/kubernetes-context.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';

const containersMax = 10;
const configMapsMax = 20;

/** Names, images, limits and counters of the target itself. */
export function workloadContext(target: KubernetesObject): WorkloadContext {
  const spec = (target['spec'] ?? {}) as WorkloadSpec;
  const pod = target.kind === 'Pod' ? (spec as PodSpec) : spec.template?.spec;
  const { apiVersion, kind, metadata } = target;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    ...(spec.replicas !== undefined && { replicas: spec.replicas, ...counters(target) }),
    ...(pod !== undefined && { containers: (pod.containers ?? []).slice(0, containersMax).map(containerContext), configMaps: configMapsOf(pod) }),
  };
}

function counters(target: KubernetesObject): Partial<WorkloadContext> {
  const { readyReplicas = 0, updatedReplicas = 0, availableReplicas = 0 } = (target['status'] ?? {}) as Readonly<Record<string, number | undefined>>;
  return { readyReplicas, updatedReplicas, availableReplicas };
}

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly resources?: { readonly limits?: Readonly<Record<string, string>>; readonly requests?: Readonly<Record<string, string>> };
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name?: string } }[];
  readonly env?: readonly { readonly valueFrom?: { readonly configMapKeyRef?: { readonly name?: string } } }[];
}

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly volumes?: readonly { readonly configMap?: { readonly name?: string } }[];
}

interface WorkloadSpec {
  readonly replicas?: number;
  readonly template?: { readonly spec?: PodSpec };
}

function containerContext({ name, image = '', resources }: Container): ContainerContext {
  const { limits = {}, requests = {} } = resources ?? {};
  const figures = { memoryLimit: limits['memory'], memoryRequest: requests['memory'], cpuLimit: limits['cpu'], cpuRequest: requests['cpu'] };
  return { name, image, ...Object.fromEntries(Object.entries(figures).filter(([, quantity]) => quantity !== undefined)) };
}

function configMapsOf({ containers = [], volumes = [] }: PodSpec): readonly string[] {
  const named = [
    ...volumes.map(({ configMap }) => configMap?.name),
    ...containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef?.name)),
    ...containers.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name)),
  ];
  return [...new Set(named.filter((name) => name !== undefined))].slice(0, configMapsMax);
}
