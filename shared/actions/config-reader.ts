import type { KubernetesObject } from '../api/object-ref.ts';
import { listAt, mapAt, stringAt } from '../kubernetes/unstructured.ts';

/** Whether the pods of a workload take settings from the ConfigMap: as a volume, or as environment. */
export function readsConfigMap(workload: KubernetesObject, configmap: string): boolean {
  const pod = mapAt(workload, 'spec', 'template', 'spec');
  const containers = [...listAt(pod, 'initContainers'), ...listAt(pod, 'containers')];
  return listAt(pod, 'volumes').some((volume) => mounts(volume, configmap)) || containers.some((container) => hasEnvironmentFrom(container, configmap));
}

function mounts(volume: unknown, configmap: string): boolean {
  const projected = listAt(volume, 'projected', 'sources');
  return stringAt(volume, 'configMap', 'name') === configmap || projected.some((source) => stringAt(source, 'configMap', 'name') === configmap);
}

function hasEnvironmentFrom(container: unknown, configmap: string): boolean {
  const whole = listAt(container, 'envFrom').some((source) => stringAt(source, 'configMapRef', 'name') === configmap);
  return whole || listAt(container, 'env').some((variable) => stringAt(variable, 'valueFrom', 'configMapKeyRef', 'name') === configmap);
}
