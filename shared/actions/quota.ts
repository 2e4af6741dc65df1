import type { KubernetesObject } from '../api/object-ref.ts';
import type { PolicyRule } from '../kubernetes/ports.ts';
import { listAt, stringAt, valueAt } from '../kubernetes/unstructured.ts';
import type { ContextList } from './action.ts';
import { contextListMax } from './limits.ts';
import { formatMemory, parseQuantity, type Quantity } from './quantity.ts';

const kind = { apiVersion: 'v1', kind: 'ResourceQuota' } as const;

export const readQuotas: PolicyRule = { apiGroups: [''], resources: ['resourcequotas'], verbs: ['list'] };

export function quotasIn(namespace: string): ContextList {
  return { ...kind, namespace, limit: contextListMax };
}

/**
 * Why a namespace's quota has no room for this much more memory in limits; null when it has. The API refuses the pods and not the
 * workload, so no dry run would tell. A quota for some of the pods only (by priority or deadline) is passed over: it may not mean these.
 */
export function quotaIsExceeded(additional: Quantity, context: readonly (KubernetesObject | null)[]): string | null {
  const quotas = context.filter((candidate) => candidate !== null).filter((candidate) => candidate.kind === kind.kind && meansEveryPod(candidate));
  for (const quota of quotas) {
    const hard = limitsMemory(quota, 'hard');
    if (hard === null) continue;
    const left = hard - (limitsMemory(quota, 'used') ?? 0n);
    if (additional > left)
      return `quota ${quota.metadata.name} has ${formatMemory(left > 0n ? left : 0n)} of limits.memory left, ${formatMemory(additional)} more are needed`;
  }
  return null;
}

function meansEveryPod(quota: KubernetesObject): boolean {
  return listAt(quota, 'spec', 'scopes').length === 0 && valueAt(quota, 'spec', 'scopeSelector') === undefined;
}

function limitsMemory(quota: KubernetesObject, side: 'hard' | 'used'): Quantity | null {
  return parseQuantity(stringAt(quota, 'status', side, 'limits.memory') ?? '');
}
