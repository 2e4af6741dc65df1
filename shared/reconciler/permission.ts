import type { ConditionUpdate } from '../api/condition.ts';
import { pausedAnnotation } from '../api/labels.ts';
import type { KubernetesExecution } from '../api/kubernetes-execution.ts';
import { controllerOf } from '../api/object-ref.ts';
import { parseRemediationRequest, type RemediationRequest } from '../api/remediation-request.ts';
import { isTerminal } from '../api/status.ts';
import { addSeconds, secondsBetween, type Instant } from '../api/time.ts';
import { parseWorkflowExecution, type WorkflowExecution } from '../api/workflow-execution.ts';
import type { ClusterReader } from '../kubernetes/ports.ts';
import { getBound } from './bound.ts';
import { isCancelRequested } from './children.ts';
import { clampWaitSeconds, doublingSeconds } from './wait.ts';

/** A child that can act. It is inert until its owner names it: the pass that created it may have lost, and another child may stand in its place. */
export type ActingChild = WorkflowExecution | KubernetesExecution;
export type Owner = RemediationRequest | WorkflowExecution;

/** `pausedBy`: the namespace that a person closed (readPaused); the request's own spec.pause is read from the owner. */
export interface Fences {
  readonly pausedBy: string | null;
}

export type Permission =
  | { readonly kind: 'granted' }
  /** The owner has ended, or was asked to: fail with `cancelled`. */
  | { readonly kind: 'cancelled'; readonly message: string }
  /** Nobody will ever name it: fail with `orphaned`. */
  | { readonly kind: 'orphaned'; readonly message: string }
  | { readonly kind: 'waiting'; readonly reason: 'NotNamed' | 'OwnerPaused'; readonly message: string; readonly wakeAfterSeconds: number };

export const permittedCondition = 'Permitted';

const namingSecondsMax = 900; // far beyond any retry of the owner's pass: by then it wrote another name, or nobody will

/** For observe: one GET of the controlling owner, the only look upwards. Null: none, of another kind, gone, or another object under its name. */
export async function readOwner(resource: ActingChild, cluster: Pick<ClusterReader, 'get'>): Promise<Owner | null> {
  const reference = controllerOf(resource);
  if (reference === null || reference.kind !== ownerKind[resource.kind]) return null;
  const { apiVersion, kind, name, uid } = reference;
  const found = await getBound(cluster, { apiVersion, kind, name, namespace: resource.metadata.namespace, uid });
  if (found === null) return null;
  return resource.kind === 'WorkflowExecution' ? parseRemediationRequest(found) : parseWorkflowExecution(found);
}

const ownerKind = { WorkflowExecution: 'RemediationRequest', KubernetesExecution: 'WorkflowExecution' } as const;

/** For observe: the first of the namespaces that a person closed with `kubernaut.io/paused: "true"`; null when none is. */
export async function readPaused(namespaces: readonly string[], cluster: Pick<ClusterReader, 'get'>): Promise<string | null> {
  for (const name of new Set(namespaces.filter((namespace) => namespace !== ''))) {
    const namespace = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name });
    if (namespace?.metadata.annotations?.[pausedAnnotation] === 'true') return name;
  }
  return null;
}

/** May it act now? Asked at the last moment before acting (design.md §3). `fences` holds a workflow only: what already executes is not paused. */
export function judgePermission(resource: ActingChild, owner: Owner | null, fences: Fences, now: Instant): Permission {
  if (owner === null) return { kind: 'orphaned', message: 'its controlling owner does not exist' };
  const undoes = resource.kind === 'KubernetesExecution' && resource.spec.rollbackOf !== undefined;
  const ending = whyOwnerEnds(owner, undoes);
  if (ending !== null) return { kind: 'cancelled', message: ending };
  if (!isNamedBy(owner, resource, undoes)) return notNamed(resource, owner, now);
  const closed = whyFenceIsClosed(owner, fences);
  if (closed === null) return { kind: 'granted' };
  return { kind: 'waiting', reason: 'OwnerPaused', message: closed, wakeAfterSeconds: nextLook(resource, now) };
}

/** What condition Permitted says; null where the verdict says it all. */
export function permittedUpdate(permission: Permission): ConditionUpdate | null {
  switch (permission.kind) {
    case 'granted':
      return { type: permittedCondition, status: 'True', reason: 'Granted' };
    case 'waiting':
      return { type: permittedCondition, status: 'False', reason: permission.reason, message: permission.message };
    case 'cancelled':
    case 'orphaned':
      return null;
  }
}

/** While it is not permitted, the phase's own deadline stands still: it counts from here. Null: it does not wait. */
export function notPermittedSince({ status }: Pick<ActingChild, 'status'>): Instant | null {
  const condition = status?.conditions?.find(({ type }) => type === permittedCondition);
  return condition?.status === 'False' ? condition.lastTransitionTime : null;
}

/** An undo is wanted all the more when its workflow was cancelled: then only the workflow's end stops it. */
function whyOwnerEnds(owner: Owner, undoes: boolean): string | null {
  if (isTerminal(owner.status?.phase)) return `${called(owner)} has ended`;
  if (!undoes && isCancelRequested(owner)) return `${called(owner)} was asked to cancel`;
  // Once it acts, the alert resolves because of it: then it goes on.
  const isOver = owner.kind === 'RemediationRequest' && owner.status?.alertStatus?.state === 'resolved';
  return isOver ? `the alert of ${called(owner)} resolved` : null;
}

function isNamedBy(owner: Owner, { metadata: { uid } }: ActingChild, undoes: boolean): boolean {
  if (owner.kind === 'RemediationRequest') return owner.status?.workflowRef?.uid === uid;
  if (undoes && owner.status?.phase !== 'rolling_back') return false;
  const { stepStatuses = [], rollback } = owner.status ?? {};
  return [...stepStatuses, ...(rollback?.steps ?? [])].some(({ executionRef }) => executionRef?.uid === uid);
}

function notNamed(resource: ActingChild, owner: Owner, now: Instant): Permission {
  const since = notPermittedSince(resource) ?? now;
  const left = secondsBetween(now, addSeconds(since, namingSecondsMax));
  if (left <= 0) return { kind: 'orphaned', message: `${called(owner)} did not name it within ${namingSecondsMax / 60} minutes` };
  const wakeAfterSeconds = clampWaitSeconds(Math.min(left, nextLook(resource, now)));
  return { kind: 'waiting', reason: 'NotNamed', message: `${called(owner)} does not name it yet`, wakeAfterSeconds };
}

/** Of a request only: an execution's owner already executes. */
function whyFenceIsClosed(owner: Owner, { pausedBy }: Fences): string | null {
  if (owner.kind !== 'RemediationRequest') return null;
  if (owner.spec.pause) return `${called(owner)} is paused`;
  return pausedBy === null ? null : `namespace ${pausedBy} is paused`;
}

function called({ kind, metadata }: Owner): string {
  return `${kind} ${metadata.name}`;
}

function nextLook(resource: ActingChild, now: Instant): number {
  return doublingSeconds(notPermittedSince(resource) ?? now, now, { firstSeconds: 5, maxSeconds: 300 });
}
