import { conditionsSchema, mergeConditions, type Condition, type ConditionUpdate } from '../api/condition.ts';
import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { Instant } from '../api/time.ts';
import { ApiError, isConflict, isNotFound } from '../kubernetes/errors.ts';
import type { ClusterWriter } from '../kubernetes/ports.ts';
import { valueAt } from '../kubernetes/unstructured.ts';
import { keyOf } from './bound.ts';

const stalledCondition = 'Stalled';

/** Works on the object as it was read: what stalls a resource may be that it cannot be parsed. */
function isStalled(object: KubernetesObject): boolean {
  return conditionsOf(object).some(({ type, status }) => type === stalledCondition && status === 'True');
}

/** Written once: the write wakes the resource, and a message that changed with every failure would wake it for ever. So it names the class, no id, no time. */
export async function markStalled(object: KubernetesObject, error: unknown, now: Instant, cluster: Pick<ClusterWriter, 'patchStatus'>): Promise<void> {
  if (isStalled(object)) return;
  await write(object, { type: stalledCondition, status: 'True', reason: 'RetriesExhausted', message: errorClass(error) }, now, cluster);
}

export async function markRecovered(object: KubernetesObject, now: Instant, cluster: Pick<ClusterWriter, 'patchStatus'>): Promise<void> {
  if (!isStalled(object)) return;
  await write(object, { type: stalledCondition, status: 'False', reason: 'Recovered' }, now, cluster);
}

/** `ApiError 503 ServiceUnavailable`: what kind of trouble it is; the words are in the log and in the dead-letter queue's message. */
export function errorClass(error: unknown): string {
  if (error instanceof ApiError) return `${error.name} ${error.status} ${error.reason}`.trimEnd();
  return error instanceof Error ? error.name : typeof error;
}

async function write(object: KubernetesObject, update: ConditionUpdate, now: Instant, cluster: Pick<ClusterWriter, 'patchStatus'>): Promise<void> {
  const { resourceVersion, generation } = object.metadata;
  if (resourceVersion === undefined) return;
  const merged = mergeConditions(conditionsOf(object), [update], { now, observedGeneration: generation ?? 1 });
  const status: JsonObject = { conditions: merged.map((condition) => ({ ...condition })) };
  try {
    await cluster.patchStatus(keyOf(object), status, resourceVersion);
  } catch (error) {
    // Another pass wrote meanwhile, or the resource is gone: either way somebody else knows better.
    if (!isConflict(error) && !isNotFound(error)) throw error;
  }
}

function conditionsOf(object: KubernetesObject): readonly Condition[] {
  const parsed = conditionsSchema.safeParse(valueAt(object, 'status', 'conditions') ?? []);
  return parsed.success ? parsed.data : [];
}
