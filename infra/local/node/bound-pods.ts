import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { readObject } from '../controllers/stored-object.ts';
import { executorFaultOf, type ExecutorFault } from './executor-fault.ts';
import { isReadyNode, nodeSchema } from './node-object.ts';

/** The pods of our nodes as last seen: whom a change of a ConfigMap or of a node concerns. Changes answer with the keys to look at. */
export interface BoundPods {
  readonly podChanged: (object: KubernetesObject, gone: boolean) => readonly string[];
  readonly configMapChanged: (object: KubernetesObject) => readonly string[];
  readonly nodeChanged: (object: KubernetesObject) => readonly string[];
  readonly nodeIsReady: (name: string) => boolean;
  readonly executorFault: (name: string) => ExecutorFault | null;
}

const configMapAnnotation = 'sandbox.kubernaut.io/fails-if-configmap';

export function createBoundPods(isOurs: (nodeName: string) => boolean): BoundPods {
  const bound = new Map<string, KubernetesObject>();
  const readiness = new Map<string, boolean>();
  const executorFaults = new Map<string, ExecutorFault | null>();
  const keysWhere = (concerned: (pod: KubernetesObject) => boolean): readonly string[] => [...bound].filter(([, pod]) => concerned(pod)).map(([key]) => key);
  const nodeNameOf = (pod: KubernetesObject): string => stringAt(pod, 'spec', 'nodeName') ?? '';

  return {
    podChanged(object, gone) {
      if (!isOurs(nodeNameOf(object))) return [];
      const key = podKey(object);
      if (!gone) bound.set(key, object);
      else if (bound.get(key)?.metadata.uid === object.metadata.uid) bound.delete(key);
      return gone ? [] : [key];
    },
    configMapChanged: ({ metadata: { namespace } }) =>
      keysWhere(({ metadata }) => metadata.namespace === namespace && metadata.annotations?.[configMapAnnotation] !== undefined),
    nodeChanged(object) {
      executorFaults.set(object.metadata.name, executorFaultOf(object));
      const node = readObject(nodeSchema, object);
      if (node === null || readiness.get(node.metadata.name) === isReadyNode(node)) return [];
      readiness.set(node.metadata.name, isReadyNode(node));
      return keysWhere((pod) => nodeNameOf(pod) === node.metadata.name);
    },
    nodeIsReady: (name) => readiness.get(name) ?? true,
    executorFault: (name) => executorFaults.get(name) ?? null,
  };
}

export function podKey({
  metadata: { namespace = '', name },
}: {
  readonly metadata: { readonly namespace?: string | undefined; readonly name: string };
}): string {
  return `${namespace}/${name}`;
}
