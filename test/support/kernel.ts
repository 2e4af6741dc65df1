import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { kinds } from '../../shared/api/kinds.ts';
import type { KubernetesObject, StoredMeta } from '../../shared/api/object-ref.ts';
import type { StatusFields } from '../../shared/api/status.ts';
import { instantFromMilliseconds, millisecondsOf, type Instant } from '../../shared/api/time.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ReconcileMessage } from '../../shared/queue/messages.ts';
import type { Delivery } from '../../shared/reconciler/delivery.ts';
import type { Effect } from '../../shared/reconciler/effect.ts';
import { interpret, type Interpretation } from '../../shared/reconciler/interpret.ts';
import { sealed, type Decision, type Phase, type SealedPhase } from '../../shared/reconciler/phase.ts';
import type { Resource, Room } from '../../shared/reconciler/room.ts';
import type { PassOptions } from '../../shared/reconciler/step.ts';
import type { LogFields, Logger } from '../../shared/telemetry/logger.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { clusterTwin, type ClusterTwin } from './cluster-twin.ts';
import { queuesTwin, type QueuesTwin } from './queues-twin.ts';

export const now: Instant = '2026-01-15T10:35:20Z';
export const namespace = 'kubernaut-system';
export const clusterName = 'primary-cluster';

export interface StillClock extends Clock {
  /** Every sleep in milliseconds; it returns at once and time has passed. */
  readonly slept: readonly number[];
  advance(seconds: number): void;
}

/** Time that passes only when somebody sleeps. */
export function stillClock(start: Instant = now): StillClock {
  let milliseconds = millisecondsOf(start);
  const slept: number[] = [];
  return {
    slept,
    now: () => instantFromMilliseconds(milliseconds),
    milliseconds: () => milliseconds,
    async sleep(delayMilliseconds) {
      slept.push(delayMilliseconds);
      milliseconds += delayMilliseconds;
    },
    advance(seconds) {
      milliseconds += seconds * 1_000;
    },
  };
}

/** A processing with uid `rp1` of request `rr-1` (uid `rr1`), in phase "" unless said. Its content does not matter to the kernel. */
export function aResource(overrides: { readonly status?: Partial<StatusFields>; readonly metadata?: Partial<StoredMeta> } = {}): KubernetesObject {
  const { status, metadata } = overrides;
  return {
    apiVersion: kinds.RemediationProcessing.apiVersion,
    kind: 'RemediationProcessing',
    metadata: { name: 'rr-1-processing', namespace, uid: 'rp1', ...metadata },
    spec: { remediationRequestRef: { name: 'rr-1', uid: 'rr1' } },
    ...(status !== undefined && { status }),
  };
}

/** A parsed view of what the twin stores, for tests below the pass. */
export function parsed(object: KubernetesObject): Resource {
  return object as unknown as Resource;
}

/** Something that a phase may create; owned by `rp1` unless said. */
export function aChild(
  name: string,
  overrides: { readonly kind?: string; readonly ownerUid?: string; readonly annotations?: Readonly<Record<string, string>> } = {},
): KubernetesObject {
  const { kind = 'Job', ownerUid = 'rp1', annotations } = overrides;
  const owner = { apiVersion: kinds.RemediationProcessing.apiVersion, kind: 'RemediationProcessing', name: 'rr-1-processing', uid: ownerUid, controller: true };
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'v1',
    kind,
    metadata: { name, namespace, ownerReferences: [owner], ...(annotations !== undefined && { annotations }) },
  };
}

export type TestPhase = Partial<Phase<Resource, unknown, unknown>>;
type AlwaysLooks = Phase<Resource, unknown, unknown>;

/** A phase that observes nothing and decides nothing, but for what the test says. */
export function aPhase(phase: TestPhase | readonly Effect[] | Decision = {}): SealedPhase<Resource, unknown> {
  const whole = Array.isArray(phase) ? { decide: () => ({ effects: phase }) } : 'effects' in phase ? { decide: () => phase } : phase;
  const complete: AlwaysLooks = { observe: async () => null, decide: () => ({ effects: [] }), ...(whole as TestPhase) };
  return sealed(complete);
}

export interface KernelWorld {
  readonly cluster: ClusterTwin;
  readonly queues: QueuesTwin;
  readonly clock: StillClock;
  /** Every write and every send, in order: 'create Job ke-1', 'send audit'. */
  readonly journal: readonly string[];
  readonly lines: readonly { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  readonly logger: Logger;
  options(phases: Readonly<Record<string, SealedPhase<Resource, unknown>>>, room?: Partial<Room<Resource, unknown>>): PassOptions<Resource, unknown>;
}

export function kernelWorld(...seeds: readonly KubernetesObject[]): KernelWorld {
  const clock = stillClock();
  const cluster = clusterTwin(seeds, clock.now);
  const queues = queuesTwin();
  const journal: string[] = [];
  const lines: KernelWorld['lines'][number][] = [];
  const line =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields });
  cluster.onWritten = ({ verb, kind, name }) => void journal.push(`${verb} ${kind} ${name}`);
  queues.onSent = (queue) => void journal.push(`send ${queue}`);
  const logger = { ...silentLogger, debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  return {
    cluster,
    queues,
    clock,
    journal,
    lines,
    logger,
    options: (phases, room = {}) => ({
      room: { kind: 'RemediationProcessing', parse: parsed, phases, ...room },
      ports: {},
      cluster,
      clusterName,
      queues,
      clock,
      logger,
      metrics: silentMetrics,
    }),
  };
}

export function aMessage(overrides: Partial<ReconcileMessage> = {}): ReconcileMessage {
  return { cluster: clusterName, kind: 'RemediationProcessing', namespace, name: 'rr-1-processing', cause: 'watch', ...overrides };
}

export function aDelivery(overrides: Partial<Delivery<ReconcileMessage>> = {}): Delivery<ReconcileMessage> {
  return { body: aMessage(), messageId: 'm1', receiveCount: 1, isLastReceive: false, traceparent: undefined, ...overrides };
}

export function aRecord(body: unknown, overrides: { readonly messageId?: string; readonly receiveCount?: number } = {}): SQSRecord {
  const { messageId = 'm1', receiveCount = 1 } = overrides;
  return {
    messageId,
    receiptHandle: `receipt-${messageId}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: '0', SenderId: '', ApproximateFirstReceiveTimestamp: '0' },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: 'eu-central-1',
  };
}

export function anEvent(...records: readonly SQSRecord[]): SQSEvent {
  return { Records: [...records] };
}

/** The decision carried out on the resource as the world holds it. */
export function interpreted(world: KernelWorld, decision: Decision | readonly Effect[], cause: ReconcileMessage['cause'] = 'watch'): Promise<Interpretation> {
  const resource = parsed(world.cluster.read('RemediationProcessing', 'rr-1-processing') ?? aResource());
  const whole = 'effects' in decision ? decision : { effects: decision };
  return interpret(whole, { resource, cluster: clusterName, cause, now, standing: null }, world.options({}));
}
