import { isJsonObject } from '../api/json.ts';
import type { KubernetesExecution } from '../api/kubernetes-execution.ts';
import type { ObjectMeta } from '../api/object-ref.ts';
import type { BoundAction, TargetSnapshot } from './action.ts';

/** The target as the execution validated it, from its status. A status that lost it leaves the bare name: enough for most actions, and no reason to throw. */
export function targetBefore({ status }: Pick<KubernetesExecution, 'status'>, { target }: BoundAction): TargetSnapshot {
  const { apiVersion, kind, name, namespace } = target;
  const kept = status?.targetBefore ?? {};
  const metadata = isJsonObject(kept['metadata']) ? kept['metadata'] : {};
  const identity = { name, ...(namespace !== undefined && { namespace }) };
  return { ...kept, apiVersion, kind, metadata: { ...(metadata as Partial<ObjectMeta>), ...identity } };
}
