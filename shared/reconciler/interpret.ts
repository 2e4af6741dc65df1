import { kinds } from '../api/kinds.ts';
import type { KubernetesObject, ObjectRef } from '../api/object-ref.ts';
import type { Instant } from '../api/time.ts';
import type { Clock } from '../clock.ts';
import { isAlreadyExists } from '../kubernetes/errors.ts';
import type { ReconcileMessage } from '../queue/messages.ts';
import type { OutgoingMessage, QueueName, Queues } from '../queue/ports.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createResource, deleteResource, patchMetadata, patchStatus, type ActingCluster, type Taken } from './act.ts';
import { auditRow } from './audit-row.ts';
import { keyOf } from './bound.ts';
import { correlationOf } from './correlation.ts';
import { fillCreated } from './created-ref.ts';
import type { Effect, EmitEvent, RecordAudit } from './effect.ts';
import { eventObject } from './event-object.ts';
import { patiently } from './patience.ts';
import type { Decision, Refusal } from './phase.ts';
import type { Resource } from './room.ts';
import { stamped } from './stamp.ts';
import { mayArm, timerMessages, timerPosition } from './timer.ts';

export interface InterpreterPorts {
  readonly cluster: ActingCluster;
  readonly queues: Pick<Queues, 'send'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What a decision was made on. */
export interface Decided {
  readonly resource: Resource;
  /** Name of the cluster, for messages and rows. */
  readonly cluster: string;
  readonly cause: ReconcileMessage['cause'];
  readonly now: Instant;
  /** The resource as it stands now, where the effects of an earlier decision of this pass have changed it. */
  readonly standing: KubernetesObject | null;
}

/** How far it came. `standing`: the resource as our own last patch left it; null when we patched nothing. */
export type Interpretation = { readonly standing: KubernetesObject | null } & (
  | { readonly kind: 'done' }
  /** The rest was dropped: another pass won, or the resource is gone. */
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'again'; readonly why: string }
  /** `content`: the status itself is what the API will not store. `error`: what to throw when nobody has an answer. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly content: boolean; readonly error: unknown }
);

interface Run {
  readonly decision: Decision;
  readonly decided: Decided;
  readonly ports: InterpreterPorts;
  readonly created: Map<number, ObjectRef>;
  standing: KubernetesObject | null;
}

/**
 * Carries out a decision, effect by effect, in order. Each effect is such that a repeat is harmless (the table in docs/architecture.md), so the
 * whole may be cut anywhere and run again. Throws what is neither success nor a refusal for good: the queue brings the message back.
 */
export async function interpret(decision: Decision, decided: Decided, ports: InterpreterPorts): Promise<Interpretation> {
  const run: Run = { decision, decided, ports, created: new Map(), standing: decided.standing };
  const timersBefore = timerPosition(decision);
  const { effects } = decision;
  for (let index = 0; index < effects.length; index += 1) {
    if (index === timersBefore) await sendTimers(run);
    const effect = effects[index];
    if (effect === undefined) break;
    if (effect.kind === 'RecordAudit') {
      const rows = auditsFrom(effects, index);
      await sendAudits(rows, run);
      index += rows.length - 1;
      continue;
    }
    const taken = await act(effect, run);
    if (taken.kind === 'created') run.created.set(index, taken.ref);
    if (taken.kind === 'patched') run.standing = taken.object;
    const stop = stopAt(effect, taken, run.standing);
    if (stop !== null) return stop;
  }
  if (timersBefore === effects.length) await sendTimers(run);
  return { kind: 'done', standing: run.standing };
}

function stopAt(effect: Effect, taken: Taken, standing: KubernetesObject | null): Interpretation | null {
  switch (taken.kind) {
    case 'created':
    case 'patched':
    case 'acted':
      return null;
    case 'lost':
    case 'again':
      return { ...taken, standing };
    case 'refused': {
      const { status, message, content, error } = taken;
      return { kind: 'refused', refusal: { effect, status, message }, content, error, standing };
    }
  }
}

/** Every cluster call waits out a throttle while there is time. */
async function act(effect: Exclude<Effect, RecordAudit>, run: Run): Promise<Taken> {
  const { ports, decided } = run;
  const { cluster, clock } = ports;
  const correlation = correlationOf(decided.resource);
  switch (effect.kind) {
    case 'CreateResource':
      return patiently(clock, () => createResource(effect, decided.resource.metadata.uid, correlation, cluster));
    case 'DeleteResource':
      return patiently(clock, () => deleteResource(effect, cluster));
    case 'PatchMetadata':
      return patiently(clock, () => patchMetadata(effect, ownOf(run), cluster));
    case 'PatchStatus': {
      const status = fillCreated(effect.status, run.created);
      return patiently(clock, () => patchStatus(status, ownOf(run), cluster));
    }
    case 'EmitEvent':
      await emitEvent(effect, run);
      return { kind: 'acted' };
    case 'Enqueue':
      await send(effect.queue, [{ body: effect.message, ...(effect.delaySeconds !== undefined && { delaySeconds: effect.delaySeconds }) }], run);
      return { kind: 'acted' };
    default:
      return effect satisfies never;
  }
}

function ownOf({ decided, standing }: Run) {
  const { resource } = decided;
  return { key: keyOf(resource), resourceVersion: standing?.metadata.resourceVersion ?? resource.metadata.resourceVersion };
}

/** Rows that follow one another travel together. */
function auditsFrom(effects: readonly Effect[], start: number): readonly RecordAudit[] {
  const rows: RecordAudit[] = [];
  for (const effect of effects.slice(start)) {
    if (effect.kind !== 'RecordAudit') break;
    rows.push(effect);
  }
  return rows;
}

async function sendAudits(rows: readonly RecordAudit[], run: Run): Promise<void> {
  const { resource, cluster, now } = run.decided;
  await send(
    'audit',
    rows.map((told) => ({ body: auditRow(told, resource, { cluster, now }) })),
    run,
  );
}

async function sendTimers(run: Run): Promise<void> {
  const { resource, cluster, cause } = run.decided;
  if (!mayArm(run.decision, cause)) return;
  const { kind } = resource;
  const messages = timerMessages(run.decision, resource, cluster);
  if (messages.length > 0) await send(kinds[kind].queue, messages, run);
}

async function send(queue: QueueName, messages: readonly OutgoingMessage[], { ports, decided }: Run): Promise<void> {
  const { traceparent } = correlationOf(decided.resource);
  const attributes = traceparent === undefined ? {} : { attributes: { traceparent } };
  await ports.queues.send(
    queue,
    messages.map((message) => ({ ...attributes, ...message })),
  );
}

/** Best effort, as everywhere in Kubernetes: a remediation never waits for an Event. */
async function emitEvent(effect: EmitEvent, { decided, ports }: Run): Promise<void> {
  const { resource, now } = decided;
  try {
    await ports.cluster.create(stamped(eventObject(effect, resource, now), correlationOf(resource)));
  } catch (error) {
    if (isAlreadyExists(error)) return;
    ports.metrics.count('EventFailed', 1, { kind: resource.kind });
    ports.logger.warn('event not emitted', { kind: resource.kind, name: resource.metadata.name, reason: effect.reason, ...errorFields(error) });
  }
}
