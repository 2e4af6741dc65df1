import type { JsonObject } from '../../shared/api/json.ts';
import { fingerprintLabel } from '../../shared/api/labels.ts';
import { labelValue } from '../../shared/api/names.ts';
import { parseRemediationRequest, type AlertStatus, type RemediationRequest } from '../../shared/api/remediation-request.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { canonicalInstant, isAfter, latest } from '../../shared/api/time.ts';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../shared/kubernetes/errors.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import { NotYet } from '../../shared/reconciler/retry.ts';
import { firingOf, nameOf, requestOf, type Firing } from './request.ts';
import { isRememberedAsResolved, rememberResolved } from './resolved-lease.ts';
import { alertRow, type AlertRow, type Arrival } from './rows.ts';

export interface IntakePorts {
  readonly cluster: Cluster;
  readonly record: (rows: readonly AuditEvent[]) => Promise<void>;
}

const requestKind = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest' } as const;
const listMax = 500; // requests of one fingerprint within a day of retention: a flapping alert makes some dozens
const writeTriesMax = 5;
const secondLookSeconds = 60; // queues keep no order: the firing may still be on its way

/** A firing alert becomes a request, or one more occurrence of the request that already stands for it. */
export async function takeFiring(arrival: Arrival, ports: IntakePorts): Promise<void> {
  const firing = firingOf(arrival.message);
  const known = await requestsOf(arrival, ports, firing.fingerprint);
  const standing = known.find((request) => standsFor(request, firing)) ?? known.find(({ status }) => !isTerminal(status?.phase));
  if (standing !== undefined && (await countOccurrence(arrival, ports, standing))) return;
  if (await isRememberedAsResolved(ports.cluster, arrival.namespace, nameOf(firing))) {
    await tell(arrival, ports, [{ type: 'alert.ignored', message: 'the firing was handled after its own resolution', request: null }]);
    return;
  }
  await createRequest(arrival, ports, nameOf(firing));
}

function standsFor({ spec }: RemediationRequest, { startsAt }: Firing): boolean {
  return spec.firingTime === startsAt;
}

/** A resolved alert ends no remediation by itself: it is noted where it fired, and decides the outcome of what was done. */
export async function takeResolved(arrival: Arrival, ports: IntakePorts, mayLookAgain: boolean): Promise<void> {
  const firing = firingOf(arrival.message);
  const resolvedAt = canonicalInstant(arrival.message.alert.endsAt ?? arrival.message.receivedAt);
  const known = await requestsOf(arrival, ports, firing.fingerprint);
  const concerned = known.filter(({ spec, status }) => status?.alertStatus?.state !== 'resolved' && !isAfter(spec.firingTime, resolvedAt));
  for (const request of concerned) await resolve(arrival, ports, { request, resolvedAt });
  if (concerned.length > 0 || known.some((request) => standsFor(request, firing))) return;
  // At once: a firing that comes now is over. One that is being taken at this very moment is found by the second look.
  await rememberResolved(ports.cluster, arrival.namespace, { name: nameOf(firing), now: arrival.now });
  if (mayLookAgain) throw new NotYet('no request fires for this resolved alert', secondLookSeconds);
  await tell(arrival, ports, [{ type: 'alert.ignored', message: 'resolved, and no request fires for it', request: null }]);
}

async function requestsOf({ namespace }: Arrival, { cluster }: IntakePorts, fingerprint: string): Promise<readonly RemediationRequest[]> {
  const found = await cluster.list(requestKind, { namespace, labelSelector: `${fingerprintLabel}=${labelValue(fingerprint)}`, limit: listMax });
  // A label holds 63 characters of a fingerprint's 128: the spec has it whole.
  return found.map(parseRemediationRequest).filter(({ spec }) => spec.alertFingerprint === fingerprint);
}

async function createRequest(arrival: Arrival, ports: IntakePorts, name: string): Promise<void> {
  const { message, namespace, cluster } = arrival;
  let request: RemediationRequest;
  try {
    request = parseRemediationRequest(await ports.cluster.create(requestOf(message, name, { namespace, cluster })));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return meetNamesake(arrival, ports, name);
  }
  await tell(arrival, ports, birthRows(request));
}

function birthRows(request: RemediationRequest): readonly AlertRow[] {
  const { alertName, severity, truncatedAlerts } = request.spec;
  const created: AlertRow = { type: 'request.created', message: `${alertName} (${severity})`, request };
  return truncatedAlerts === 0 ? [created] : [created, { type: 'alert.truncated', message: `the notification left out ${truncatedAlerts} alerts`, request }];
}

/** Somebody was faster with the same firing, or another fingerprint begins alike. */
async function meetNamesake(arrival: Arrival, ports: IntakePorts, name: string): Promise<void> {
  const found = await ports.cluster.get({ ...requestKind, name, namespace: arrival.namespace });
  if (found === null) throw new NotYet(`${name} was there and is gone`);
  const request = parseRemediationRequest(found);
  const firing = firingOf(arrival.message);
  if (request.spec.alertFingerprint === firing.fingerprint) {
    if (await countOccurrence(arrival, ports, request)) return;
    throw new NotYet(`${name} was there and is gone`);
  }
  const longer = nameOf(firing, true);
  if (name === longer) throw new Error(`${longer} belongs to another fingerprint: its name cannot be made longer`);
  return createRequest(arrival, ports, longer);
}

/** False: the request is gone, or it ended meanwhile and was for another firing, so that this one is not accounted for. */
async function countOccurrence(arrival: Arrival, ports: IntakePorts, request: RemediationRequest): Promise<boolean> {
  const { receivedAt } = arrival.message;
  const firing = firingOf(arrival.message);
  const written = await writeAlertStatus(ports, request, async (current) => {
    const { spec, status } = current;
    if (!standsFor(current, firing) && isTerminal(status?.phase)) return null;
    const before: AlertStatus = status?.alertStatus ?? { state: 'firing', lastSeen: spec.receivedTime, occurrences: 1 };
    const counted = { ...before, occurrences: before.occurrences + 1 };
    // An older message is counted and changes nothing else: the newer one has said what is so.
    if (isAfter(before.lastSeen, receivedAt)) return { alertStatus: counted };
    return { alertStatus: { ...counted, state: 'firing', lastSeen: receivedAt, resolvedAt: null } };
  });
  if (written === null) return false;
  const occurrences = written.status?.alertStatus?.occurrences ?? 1;
  const counted: AlertRow = { type: 'alert.deduplicated', message: `occurrence ${occurrences} of the same alert`, request: written };
  // The very message that made the request comes again when its first receive died before it could tell.
  const isItsOwn = standsFor(written, firing) && written.spec.receivedTime === receivedAt;
  await tell(arrival, ports, isItsOwn ? [...birthRows(written), counted] : [counted]);
  return true;
}

/** The rows leave before the write: after it nothing would repeat them, since a request that is resolved is not looked at again. */
async function resolve(
  arrival: Arrival,
  ports: IntakePorts,
  { request, resolvedAt }: { readonly request: RemediationRequest; readonly resolvedAt: string },
): Promise<void> {
  await writeAlertStatus(ports, request, async (current) => {
    const { spec, status } = current;
    const before = status?.alertStatus;
    const lastSeen = latest(before?.lastSeen ?? spec.receivedTime, arrival.message.receivedAt);
    // The only later write to a completed request: the alert resolved after a successful workflow.
    const isRemediated = status?.phase === 'completed' && status.outcome === undefined && status.workflowResults?.success === true;
    const resolved: AlertRow = { type: 'alert.resolved', message: `resolved at ${resolvedAt}`, request: current };
    const outcome: AlertRow = { type: 'request.outcome', message: 'remediated', request: current, payload: { outcome: 'remediated' } };
    await tell(arrival, ports, isRemediated ? [resolved, outcome] : [resolved]);
    return {
      alertStatus: { state: 'resolved', resolvedAt, lastSeen, occurrences: before?.occurrences ?? 1 },
      ...(isRemediated && { outcome: 'remediated' }),
    };
  });
}

/**
 * Nothing wakes the intake again, so it reads again and repeats where another write won, five times, and then leaves it to the queue. Null: the
 * request is gone, or `change` does not want it any more as it is by now.
 */
async function writeAlertStatus(
  { cluster }: IntakePorts,
  request: RemediationRequest,
  change: (current: RemediationRequest) => Promise<JsonObject | null>,
): Promise<RemediationRequest | null> {
  const key = { ...requestKind, name: request.metadata.name, namespace: request.metadata.namespace };
  let current = request;
  for (let tries = 1; ; tries += 1) {
    const status = await change(current);
    if (status === null) return null;
    try {
      return parseRemediationRequest(await cluster.patchStatus(key, status, current.metadata.resourceVersion));
    } catch (error) {
      if (isNotFound(error)) return null;
      if (!isConflict(error) || tries === writeTriesMax) throw error;
    }
    const found = await cluster.get(key);
    if (found === null) return null;
    current = parseRemediationRequest(found);
  }
}

async function tell(arrival: Arrival, ports: IntakePorts, rows: readonly AlertRow[]): Promise<void> {
  await ports.record(rows.map((row) => alertRow(arrival, row)));
}
