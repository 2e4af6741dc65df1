import { kinds } from '../api/kinds.ts';
import type { Environment } from '../environment.ts';
import type { Cluster } from '../kubernetes/ports.ts';
import { reconcileMessageSchema, type ReconcileMessage } from '../queue/messages.ts';
import type { LogFields } from '../telemetry/logger.ts';
import type { Delivery, Rejection } from './delivery.ts';
import { runPass } from './pass.ts';
import { reportFields } from './pass-report.ts';
import { patiently } from './patience.ts';
import { createQueueHandler, type QueueHandler, type QueueHandlerPorts } from './queue-handler.ts';
import { kindReceivesMax, retrySettings, type RetrySettings } from './retry.ts';
import type { Resource, Room } from './room.ts';
import { markStalled } from './stalled.ts';
import type { PassOptions } from './step.ts';

export interface ReconcileSettings extends RetrySettings {
  /** The one cluster whose messages are ours. */
  readonly cluster: string;
  /** Where our resources live. */
  readonly namespace: string;
}

export interface ReconcileHandlerOptions<R extends Resource, Ports> extends Omit<QueueHandlerPorts, 'random'> {
  readonly room: Room<R, Ports>;
  /** What the room's phases look through. */
  readonly ports: Ports;
  /** What the interpreter acts through. */
  readonly cluster: Cluster;
  readonly settings: ReconcileSettings;
  /** 0 to 1, spreads retries; the machine's own unless a story wants to repeat itself. */
  readonly random?: () => number;
}

export function reconcileSettings(environment: Environment): ReconcileSettings {
  return { ...retrySettings(environment, kindReceivesMax), cluster: environment.KUBERNAUT_CLUSTER, namespace: environment.KUBERNAUT_NAMESPACE };
}

const bodyBytesMax = 2_048; // a key; more than this is something else (api.md §9)

/** The Lambda handler of one kind: a pass for every key of its queue, one line in the log for every pass. */
export function createReconcileHandler<R extends Resource, Ports>(options: ReconcileHandlerOptions<R, Ports>): QueueHandler {
  const { room, cluster, settings, clock, logger, metrics, queues, random = Math.random } = options;
  const pass: PassOptions<R, Ports> = { room, ports: options.ports, cluster, clusterName: settings.cluster, queues, clock, logger, metrics };
  return createQueueHandler<ReconcileMessage>({
    queue: kinds[room.kind].queue,
    body: { schema: reconcileMessageSchema, bodyBytesMax, refuse: (message) => refuse(message, room.kind, settings) },
    settings,
    queues,
    clock,
    logger,
    metrics,
    random,
    work: { handleRecord: (delivery) => passWithLine(pass, delivery) },
    onExhausted: (delivery, error) => recordStalled(pass, delivery, error),
    describe: keyFields,
  });
}

async function passWithLine<R extends Resource, Ports>(options: PassOptions<R, Ports>, delivery: Delivery<ReconcileMessage>): Promise<void> {
  const { clock, logger, metrics } = options;
  const started = clock.milliseconds();
  const report = await runPass(options, delivery);
  if (report.outcome === 'lost') metrics.count('PassLost', 1, { kind: delivery.body.kind });
  const traceparent = delivery.traceparent === undefined ? {} : { traceparent: delivery.traceparent };
  logger.info('pass', {
    ...keyFields(delivery.body),
    ...traceparent,
    ...reportFields(report),
    durationMilliseconds: clock.milliseconds() - started,
    attempt: delivery.receiveCount,
  });
}

/** The resource says itself that nobody gets on with it; the sweeper tries it again later. */
async function recordStalled<R extends Resource, Ports>(
  { room, cluster, clock }: PassOptions<R, Ports>,
  { body }: Delivery<ReconcileMessage>,
  error: unknown,
): Promise<void> {
  const key = { apiVersion: kinds[room.kind].apiVersion, kind: room.kind, namespace: body.namespace, name: body.name };
  await patiently(clock, async () => {
    const object = await cluster.get(key);
    if (object !== null) await markStalled(object, error, clock.now(), cluster);
  });
}

/** What no receive can ever mend: a key that is not of this queue, this cluster, this installation. */
function refuse(message: ReconcileMessage, kind: string, { cluster, namespace }: ReconcileSettings): Rejection | null {
  if (message.kind !== kind) return { field: 'kind', reason: `this queue carries ${kind} only`, remedy: `send it to the queue of its kind` };
  if (message.cluster !== cluster)
    return { field: 'cluster', reason: `this function serves ${cluster} only`, remedy: 'set KUBERNAUT_CLUSTER alike for watcher and functions' };
  if (message.namespace !== namespace)
    return { field: 'namespace', reason: `our resources live in ${namespace} only`, remedy: 'set KUBERNAUT_NAMESPACE alike for watcher and functions' };
  return null;
}

function keyFields({ kind, namespace, name, cause, phase }: ReconcileMessage): LogFields {
  return { kind, namespace, name, cause, ...(phase !== undefined && { timerPhase: phase }) };
}
