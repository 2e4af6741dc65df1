import type { KubernetesObject } from '../api/object-ref.ts';
import type { PolicyRule } from '../kubernetes/ports.ts';
import { numberAt, stringAt } from '../kubernetes/unstructured.ts';
import type { ContextList } from './action.ts';
import { contextListMax } from './limits.ts';

const kind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' } as const;

export const readAutoscalers: PolicyRule = { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['list'] };

export function autoscalersIn(namespace: string): ContextList {
  return { ...kind, namespace, limit: contextListMax };
}

export interface Autoscaler {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** The autoscaler that sets this workload's number of replicas, and would take back any other; null when there is none. */
export function autoscalerOf(workload: KubernetesObject, context: readonly (KubernetesObject | null)[]): Autoscaler | null {
  const candidates = context.filter((candidate) => candidate !== null).filter((candidate) => candidate.kind === kind.kind);
  const found = candidates.find(
    (candidate) =>
      stringAt(candidate, 'spec', 'scaleTargetRef', 'kind') === workload.kind &&
      stringAt(candidate, 'spec', 'scaleTargetRef', 'name') === workload.metadata.name,
  );
  if (found === undefined) return null;
  return { name: found.metadata.name, minReplicas: numberAt(found, 'spec', 'minReplicas') ?? 1, maxReplicas: numberAt(found, 'spec', 'maxReplicas') ?? 1 };
}
