import type { BoundAction } from '../../shared/actions/action.ts';
import { targetBefore } from '../../shared/actions/target-before.ts';
import { canonicalJson } from '../../shared/api/digest.ts';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { calledTarget } from './called-target.ts';

/** Why the target, read directly before the Job is made, is no longer what was validated; null: it still is. */
export function targetChange(execution: KubernetesExecution, action: BoundAction, target: KubernetesObject | null): string | null {
  const called = calledTarget(action.target);
  if (target === null) return `${called} does not exist any more`;
  const expectedUid = targetBefore(execution, action).metadata.uid ?? execution.spec.targetUid;
  const { uid = '', deletionTimestamp } = target.metadata;
  if (expectedUid !== '' && uid !== expectedUid) return `${called} was replaced: its uid is ${uid}, validated was ${expectedUid}`;
  if (deletionTimestamp !== undefined) return `${called} is being deleted`;
  const change = capturedChange(execution, action, target);
  return change === null ? null : `${called} was changed since it was validated: ${change}`;
}

/** An undo captured before somebody else's change would take back more than our own. */
function capturedChange({ status }: KubernetesExecution, action: BoundAction, target: KubernetesObject): string | null {
  const captured = status?.rollbackInformation;
  if (captured?.available !== true) return null;
  const was = captured.parameters ?? {};
  const is = action.undo(target)?.parameters ?? {};
  const field = Object.keys({ ...was, ...is }).find((key) => canonicalJson(was[key] ?? null) !== canonicalJson(is[key] ?? null));
  return field === undefined ? null : `${field}${valuesOf(was, is, field)}`;
}

/** Numbers and names help; a configuration's values have no place in a status. */
function valuesOf(was: JsonObject, is: JsonObject, field: string): string {
  const before = was[field];
  const after = is[field];
  return isPrintable(before) && isPrintable(after) ? ` was ${before}, is ${after}` : '';
}

function isPrintable(value: JsonValue | undefined): value is string | number | boolean {
  return typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.length <= 63);
}
