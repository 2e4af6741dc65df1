import { isKindName, kinds } from '../../shared/api/kinds.ts';
import { unrecordedFinalizer } from '../../shared/api/labels.ts';
import { controllerOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { millisecondsOf, secondsBetween, type Instant } from '../../shared/api/time.ts';
import { listAt, stringAt } from '../../shared/kubernetes/unstructured.ts';
import type { ReconcileMessage } from '../../shared/queue/messages.ts';
import type { QueueName } from '../../shared/queue/ports.ts';
import { instantAt, isLive, phaseOf } from './read.ts';
import type { World } from './world.ts';

export interface Resend {
  readonly queue: QueueName;
  readonly message: ReconcileMessage;
  readonly object: KubernetesObject;
  /** For the audit. */
  readonly why: string;
}

const quietSeconds = 60; // a resource that moves on its own never stays this long without a wake-up of its own
const stalledEverySeconds = 900;
const sweepSeconds = 75; // a run begins every minute and a little; twice in a quarter of an hour is harmless, never is not
const resendMax = 1_000;
const depthMax = 1_000; // a queue that is behind has these keys already

/** Keys of what should have moved and did not, oldest first: a lost wake-up makes a remediation slow, never forgotten. Pure. */
export function resendsOf(world: World, cluster: string, now: Instant): readonly Resend[] {
  const holders = holdersOf(world);
  const late = world.resources.filter(isLive).flatMap((object) => {
    const why = whyDue(object, holders, now);
    return why === null ? [] : [{ object, why }];
  });
  const oldestFirst = late.toSorted((a, b) => millisecondsOf(since(a.object)) - millisecondsOf(since(b.object)));
  const resends = [...oldestFirst, ...endedTooEarly(world)].flatMap((due) => resendOf(due, cluster));
  return resends.filter(({ queue }) => (world.depths.get(queue) ?? Infinity) <= depthMax).slice(0, resendMax);
}

interface Due {
  readonly object: KubernetesObject;
  readonly why: string;
}

function whyDue(object: KubernetesObject, holders: Holders, now: Instant): string | null {
  const hold = holdOf(object, holders, now);
  if (hold.kind === 'holds') return null;
  const stalled = stalledSince(object);
  if (stalled !== null) return isTimeAgain(secondsBetween(stalled, now)) ? 'stalled, and tried again every 15 minutes' : null;
  if (hold.kind === 'over') return hold.why;
  return secondsBetween(since(object), now) >= quietSeconds ? 'no wake-up came for a minute' : null;
}

interface Holders {
  /** A request of this name has ended or is gone. */
  readonly isOver: (name: string) => boolean;
}

function holdersOf({ resources, isComplete }: World): Holders {
  const requests = new Map(resources.filter(({ kind }) => kind === 'RemediationRequest').map((request) => [request.metadata.name, isLive(request)]));
  const mayLive = !isComplete; // one that was not listed
  return { isOver: (name) => !(requests.get(name) ?? mayLive) };
}

/** `none`: it is not blocked, or by something without an end, such as a person. */
type Hold = { readonly kind: 'none' } | { readonly kind: 'holds' } | { readonly kind: 'over'; readonly why: string };

/** Whoever held its target may have ended without waking it. */
function holdOf(object: KubernetesObject, holders: Holders, now: Instant): Hold {
  const until = phaseOf(object) === 'blocked' ? instantAt(object, 'status', 'blockedBy', 'until') : null;
  if (until === null) return { kind: 'none' };
  if (secondsBetween(now, until) <= 0) return { kind: 'over', why: 'what it waited for should be over' };
  const holder = stringAt(object, 'status', 'blockedBy', 'name');
  const isReleased = stringAt(object, 'status', 'blockedBy', 'reason') === 'target_busy' && holder !== null && holders.isOver(holder);
  return isReleased ? { kind: 'over', why: 'what held its target is over' } : { kind: 'holds' };
}

/** Without a memory of its own: the run that falls into the first minute of each further quarter of an hour sends it. */
function isTimeAgain(stalledSeconds: number): boolean {
  return stalledSeconds >= stalledEverySeconds && stalledSeconds % stalledEverySeconds < sweepSeconds;
}

function stalledSince(object: KubernetesObject): Instant | null {
  const stalled = listAt(object, 'status', 'conditions').find(
    (condition) => stringAt(condition, 'type') === 'Stalled' && stringAt(condition, 'status') === 'True',
  );
  return instantAt(stalled, 'lastTransitionTime');
}

/** Since when it is where it is; a resource that no pass has touched yet, since it was created. */
function since(object: KubernetesObject): Instant {
  return instantAt(object, 'status', 'phaseStartTime') ?? instantAt(object, 'metadata', 'creationTimestamp') ?? '1970-01-01T00:00:00Z';
}

/** The pass after the end was lost: it would have asked a live child to cancel, or taken the finalizer off a Job. */
function endedTooEarly({ resources, jobs }: World): readonly Due[] {
  const ended = new Map(resources.filter((object) => !isLive(object)).map((object) => [object.metadata.uid, object]));
  const ownerOf = (child: KubernetesObject) => ended.get(controllerOf(child)?.uid) ?? [];
  const held = jobs.filter(({ metadata }) => metadata.finalizers?.includes(unrecordedFinalizer) === true);
  const owners = new Map<KubernetesObject, string>();
  for (const owner of resources.filter(isLive).flatMap(ownerOf)) owners.set(owner, 'it is over, and a child of it still lives');
  for (const owner of held.flatMap(ownerOf)) owners.set(owner, 'it is over, and its Job is still held');
  return [...owners].map(([object, why]) => ({ object, why }));
}

function resendOf({ object, why }: Due, cluster: string): readonly Resend[] {
  const { kind, metadata } = object;
  if (!isKindName(kind)) return [];
  const message: ReconcileMessage = { cluster, kind, namespace: metadata.namespace ?? '', name: metadata.name, cause: 'sweep' };
  return [{ queue: kinds[kind].queue, message, object, why }];
}
