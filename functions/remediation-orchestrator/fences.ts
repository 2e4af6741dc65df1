import { kinds } from '../../shared/api/kinds.ts';
import { pausedAnnotation, targetHashLabel } from '../../shared/api/labels.ts';
import { parseRemediationRequest, type BlockReason, type RemediationRequest } from '../../shared/api/remediation-request.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { addSeconds, isAfter, type Instant } from '../../shared/api/time.ts';
import { readPaused } from '../../shared/reconciler/permission.ts';
import type { Ports } from './children.ts';
import { isHeldBy, readLeases, type TargetLease } from './leases.ts';
import type { Settings } from './settings.ts';

const requestKind = { apiVersion: kinds.RemediationRequest.apiVersion, kind: 'RemediationRequest' } as const;
const sameTargetMax = 300; // a day of retention holds 288 requests of one target that are five minutes apart
const unknownHolderSeconds = 300; // its request is gone or over: the lock will be released, and then this one is woken

/** What may hold a request. The Leases are always read, since a held request gives its own back; the rest only where nothing before holds it. */
export interface FenceWorld {
  /** A namespace that a person closed. */
  readonly pausedBy: string | null;
  readonly leases: readonly TargetLease[];
  /** The request behind the first Lease of another. */
  readonly holder: RemediationRequest | null;
  /** Other requests for the same target. */
  readonly sameTarget: readonly RemediationRequest[];
}

export const allOpen: FenceWorld = { pausedBy: null, leases: [], holder: null, sameTarget: [] };

export interface ClosedFence {
  readonly reason: BlockReason;
  /** The request or namespace that closes it. */
  readonly name: string;
  /** Absent while a person holds it. */
  readonly until?: Instant;
  readonly message: string;
}

/** What the fences stand around. */
export interface Concern {
  readonly namespaces: readonly string[];
  /** Of the target, for the cooldown. */
  readonly targetHash: string;
  /** Of all that needs a Lease. */
  readonly hashes: readonly string[];
}

/** Only the pause, for a request whose target is not resolved yet. A request that is paused itself asks nothing. */
export async function readPause({ spec, metadata }: RemediationRequest, namespaces: readonly string[], { cluster }: Ports): Promise<FenceWorld> {
  return { ...allOpen, pausedBy: spec.pause ? null : await readPaused([...namespaces, metadata.namespace], cluster) };
}

export async function readFences(
  request: RemediationRequest,
  { namespaces, targetHash, hashes }: Concern,
  ports: Ports,
  { cooldownSeconds }: Settings,
): Promise<FenceWorld> {
  const pause = await readPause(request, namespaces, ports);
  const leases = await readLeases(hashes, request.metadata.namespace, ports);
  if (request.spec.pause || pause.pausedBy !== null) return { ...pause, leases };
  const taken = leases.find((lease) => !isHeldBy(request, lease));
  if (taken !== undefined) return { ...pause, leases, holder: await readHolder(request, taken, ports) };
  return { ...pause, leases, sameTarget: cooldownSeconds === 0 ? [] : await readSameTarget(request, [targetHash], ports) };
}

async function readHolder({ metadata }: RemediationRequest, { holderName, holderUid }: TargetLease, { cluster }: Ports): Promise<RemediationRequest | null> {
  const found = holderName === '' ? null : await cluster.get({ ...requestKind, name: holderName, namespace: metadata.namespace });
  return found?.metadata.uid === holderUid ? parseRemediationRequest(found) : null;
}

/** Other requests that carry the label of one of these targets. */
export async function readSameTarget({ metadata }: RemediationRequest, hashes: readonly string[], { cluster }: Ports): Promise<readonly RemediationRequest[]> {
  const labelSelector = `${targetHashLabel} in (${hashes.join(',')})`;
  const found = await cluster.list(requestKind, { namespace: metadata.namespace, labelSelector, limit: sameTargetMax });
  return found.filter(({ metadata: { uid } }) => uid !== metadata.uid).map(parseRemediationRequest);
}

type Check = (request: RemediationRequest, world: FenceWorld, settings: Settings, now: Instant) => ClosedFence | null;

/** What a person decided comes first, then who works on the target now, then who did. */
const checks: readonly Check[] = [requestIsPaused, namespaceIsPaused, targetIsBusy, targetCoolsDown];

export function closedFence(...[request, world, settings, now]: Parameters<Check>): ClosedFence | null {
  return checks.map((check) => check(request, world, settings, now)).find((fence) => fence !== null) ?? null;
}

function requestIsPaused({ spec, metadata }: RemediationRequest): ClosedFence | null {
  return spec.pause ? { reason: 'paused', name: metadata.name, message: 'spec.pause is true' } : null;
}

function namespaceIsPaused(_request: RemediationRequest, { pausedBy }: FenceWorld): ClosedFence | null {
  return pausedBy === null ? null : { reason: 'paused', name: pausedBy, message: `namespace ${pausedBy} has the annotation ${pausedAnnotation}` };
}

function targetIsBusy(request: RemediationRequest, { leases, holder }: FenceWorld, _settings: Settings, now: Instant): ClosedFence | null {
  const taken = leases.find((lease) => !isHeldBy(request, lease));
  if (taken === undefined) return null;
  const deadline = holder?.status?.overallDeadline;
  const until = deadline !== undefined && isAfter(deadline, now) ? deadline : addSeconds(now, unknownHolderSeconds);
  const name = taken.holderName === '' ? taken.name : taken.holderName;
  return { reason: 'target_busy', name, until, message: `RemediationRequest ${name} works on it: it holds Lease ${taken.name}` };
}

/** A dry run changed nothing, so nothing has to settle after it. */
function targetCoolsDown(_request: RemediationRequest, { sameTarget }: FenceWorld, { cooldownSeconds }: Settings, now: Instant): ClosedFence | null {
  const ends = sameTarget.flatMap(({ metadata, spec, status }) => {
    if (spec.dryRun || !isTerminal(status?.phase) || status.completionTime === undefined) return [];
    return [{ name: metadata.name, until: addSeconds(status.completionTime, cooldownSeconds) }];
  });
  const [last] = ends.filter(({ until }) => isAfter(until, now)).toSorted((a, b) => (isAfter(a.until, b.until) ? -1 : 1));
  if (last === undefined) return null;
  return { reason: 'cooldown', ...last, message: `RemediationRequest ${last.name} for the same target ended less than ${cooldownSeconds} s ago` };
}
