import { isJsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { PolicyRule } from '../kubernetes/ports.ts';
import { listAt, numberAt, stringAt, valueAt } from '../kubernetes/unstructured.ts';
import type { ContextList } from './action.ts';
import { selects } from './label-selector.ts';
import { contextListMax } from './limits.ts';
import { podLabels } from './workload.ts';

const kind = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' } as const;

export const readBudgets: PolicyRule = { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['list'] };

export function budgetsIn(namespace: string): ContextList {
  return { ...kind, namespace, limit: contextListMax };
}

/** The budget that wants the most pods of this workload, and how many; null when none of them wants any. */
export function floorOf(workload: KubernetesObject, context: readonly (KubernetesObject | null)[]): { readonly budget: string; readonly pods: number } | null {
  const floors = budgetsOver(workload, context).map((budget) => ({ budget: budget.metadata.name, pods: wantedBy(budget) }));
  return floors.filter(({ pods }) => pods > 0).toSorted((a, b) => b.pods - a.pods)[0] ?? null;
}

/** The budget under which this pod may not go now; null when it may. A pod that is not ready counts in no budget, so it may always go. */
export function budgetThatForbids(pod: KubernetesObject, context: readonly (KubernetesObject | null)[]): string | null {
  if (!isReady(pod)) return null;
  const spent = budgetsOver(pod, context).find((budget) => numberAt(budget, 'status', 'disruptionsAllowed') === 0);
  return spent?.metadata.name ?? null;
}

function budgetsOver(object: KubernetesObject, context: readonly (KubernetesObject | null)[]): readonly KubernetesObject[] {
  const budgets = context.filter((candidate) => candidate !== null).filter((candidate) => candidate.kind === kind.kind);
  return budgets.filter((budget) => selects(valueAt(budget, 'spec', 'selector'), podLabels(object)));
}

/** A share moves with the number of pods; but it speaks of pods that are there, so one stays. `maxUnavailable` says only how many may be missing. */
function wantedBy(budget: KubernetesObject): number {
  const minAvailable = valueAt(budget, 'spec', 'minAvailable');
  if (typeof minAvailable === 'number') return minAvailable;
  if (typeof minAvailable === 'string') return Number.parseInt(minAvailable, 10) > 0 ? 1 : 0;
  return 0;
}

function isReady(pod: KubernetesObject): boolean {
  return listAt(pod, 'status', 'conditions')
    .filter(isJsonObject)
    .some((condition) => stringAt(condition, 'type') === 'Ready' && condition['status'] === 'True');
}
