import { isKindName, kinds } from '../../shared/api/kinds.ts';
import { controllerOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { millisecondsOf, secondsBetween, type Instant } from '../../shared/api/time.ts';
import type { ReconcileMessage } from '../../shared/queue/messages.ts';
import type { QueueName } from '../../shared/queue/ports.ts';
import { statusOf } from './read.ts';
import type { World } from './world.ts';

export interface Resend {
  readonly queue: QueueName;
  readonly message: ReconcileMessage;
  readonly object: KubernetesObject;
}

const quietSeconds = 60; // a resource that moves on its own never stays this long without a wake-up of its own
const stalledEverySeconds = 900;
const sweepSeconds = 60;
const resendMax = 1_000;
const depthMax = 1_000; // a queue that is behind has these keys already

/** Keys of what should have moved and did not, oldest first: a lost wake-up makes a remediation slow, never forgotten. Pure. */
export function resendsOf(world: World, cluster: string, now: Instant): readonly Resend[] {
  const live = world.resources.filter((object) => !isTerminal(statusOf(object).phase));
  const late = live.filter((object) => isDue(object, now)).toSorted((a, b) => millisecondsOf(since(a)) - millisecondsOf(since(b)));
  const resends = [...late, ...ownersThatEndedFirst(world, live)].flatMap((object) => resendOf(object, cluster));
  const uncrowded = resends.filter(({ queue }) => (world.depths.get(queue) ?? 0) <= depthMax);
  return uncrowded.slice(0, resendMax);
}

function isDue(object: KubernetesObject, now: Instant): boolean {
  const { blockedBy, conditions } = statusOf(object);
  if (blockedBy?.until !== undefined && statusOf(object).phase === 'blocked') return secondsBetween(blockedBy.until, now) >= 0;
  const stalled = conditions?.find(({ type, status }) => type === 'Stalled' && status === 'True');
  if (stalled === undefined) return secondsBetween(since(object), now) >= quietSeconds;
  // Stateless: the run that falls into the first minute of each quarter of an hour sends it.
  return secondsBetween(stalled.lastTransitionTime, now) % stalledEverySeconds < sweepSeconds;
}

/** Since when it is where it is; a resource that no pass has touched yet, since it was created. */
function since(object: KubernetesObject): Instant {
  return statusOf(object).phaseStartTime ?? object.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z';
}

/** The pass after the end was lost: a live child whose owner is over has to be asked to cancel by that pass. */
function ownersThatEndedFirst(world: World, live: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const ended = new Map(world.resources.filter((object) => isTerminal(statusOf(object).phase)).map((object) => [object.metadata.uid, object]));
  const owners = live.flatMap((child) => ended.get(controllerOf(child)?.uid) ?? []);
  return [...new Set(owners)];
}

function resendOf(object: KubernetesObject, cluster: string): readonly Resend[] {
  const { kind, metadata } = object;
  if (!isKindName(kind)) return [];
  const message: ReconcileMessage = { cluster, kind, namespace: metadata.namespace ?? '', name: metadata.name, cause: 'sweep' };
  return [{ queue: kinds[kind].queue, message, object }];
}
