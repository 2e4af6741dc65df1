import type { Condition } from '../../shared/api/condition.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';

/** The conditions of this kind, beside Ready and Succeeded which every kind has. */
export type ConditionType = 'Permitted' | JudgedCondition;
/** Unknown until known, then True (Completed) or False with the failure's reason. */
export type JudgedCondition = 'Validated' | 'JobFinished' | 'OutcomeVerified';

export function conditionOf({ status }: Pick<KubernetesExecution, 'status'>, type: ConditionType): Condition | null {
  return status?.conditions?.find((condition) => condition.type === type) ?? null;
}
