import { unrecordedFinalizer } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import { isConflict } from '../../shared/kubernetes/errors.ts';
import type { Cluster, ObjectKey } from '../../shared/kubernetes/ports.ts';
import type { QueueName, Queues } from '../../shared/queue/ports.ts';
import { errorFields, type Logger } from '../../shared/telemetry/logger.ts';
import { expiredRequests, inconclusiveRequests, strayLeases, unclaimedJobs } from './leftovers.ts';
import { resendsOf, type Resend } from './resend.ts';
import { sweepRow, type SweepRow } from './rows.ts';
import { readWorld } from './world.ts';

export interface SweepPorts {
  readonly cluster: Cluster;
  readonly queues: Queues;
  readonly logger: Logger;
}

export interface SweepSettings {
  readonly cluster: string;
  readonly namespace: string;
  readonly outcomeWindowSeconds: number;
}

export interface SweepReport {
  readonly resent: number;
  readonly deleted: number;
  readonly inconclusive: number;
  readonly leasesReleased: number;
  readonly finalizersRemoved: number;
  /** Objects that another write was faster at, or that the API refused: the next run sees them again. */
  readonly left: number;
}

/** One run: look once at everything, then send what was forgotten and tidy what was left. A run that fails half way is repeated by the next. */
export async function sweep(ports: SweepPorts, settings: SweepSettings, now: Instant): Promise<SweepReport> {
  const world = await readWorld(ports.cluster, ports.queues, settings.namespace);
  const resends = resendsOf(world, settings.cluster, now);
  await resend(ports, settings, { resends, now });
  const each = (objects: readonly KubernetesObject[], tidy: (object: KubernetesObject) => Promise<void>) => tidyEach(ports.logger, objects, tidy);
  const deleted = await each(expiredRequests(world, now), async (object) => {
    await record(ports, settings, { rows: [{ type: 'retention.deleted', message: 'its retention is over', object }], now });
    await ports.cluster.delete(keyOf(object), { uid: object.metadata.uid ?? '', propagationPolicy: 'Background' });
  });
  const inconclusive = await each(inconclusiveRequests(world, settings.outcomeWindowSeconds, now), async (object) => {
    const message = 'the alert still fires at the end of its window';
    await record(ports, settings, { rows: [{ type: 'request.outcome', message, object, payload: { outcome: 'inconclusive' } }], now });
    await ports.cluster.patchStatus(keyOf(object), { outcome: 'inconclusive' }, object.metadata.resourceVersion ?? '');
  });
  const leases = await each(strayLeases(world, now), (object) =>
    ports.cluster.delete(keyOf(object), { uid: object.metadata.uid ?? '', propagationPolicy: 'Background' }),
  );
  const jobs = await each(unclaimedJobs(world), async (object) => {
    const { uid, resourceVersion, finalizers } = object.metadata;
    const left = (finalizers ?? []).filter((finalizer) => finalizer !== unrecordedFinalizer);
    await ports.cluster.patchMetadata(keyOf(object), { uid, resourceVersion, finalizers: left });
  });
  return {
    resent: resends.length,
    deleted: deleted.done,
    inconclusive: inconclusive.done,
    leasesReleased: leases.done,
    finalizersRemoved: jobs.done,
    left: [deleted, inconclusive, leases, jobs].reduce((sum, { left }) => sum + left, 0),
  };
}

async function resend(
  ports: SweepPorts,
  settings: SweepSettings,
  { resends, now }: { readonly resends: readonly Resend[]; readonly now: Instant },
): Promise<void> {
  const byQueue = new Map<QueueName, Resend[]>();
  for (const each of resends) byQueue.set(each.queue, [...(byQueue.get(each.queue) ?? []), each]);
  const rows = resends.map(({ object }): SweepRow => ({ type: 'sweep.resent', message: 'no wake-up came for a minute', object }));
  await record(ports, settings, { rows, now });
  for (const [queue, some] of byQueue) {
    await ports.queues.send(
      queue,
      some.map(({ message }) => ({ body: message })),
    );
  }
}

async function record(
  { queues }: SweepPorts,
  { cluster }: SweepSettings,
  { rows, now }: { readonly rows: readonly SweepRow[]; readonly now: Instant },
): Promise<void> {
  if (rows.length === 0) return;
  await queues.send(
    'audit',
    rows.map((row) => ({ body: sweepRow(row, cluster, now) })),
  );
}

/** One object's trouble keeps no other from being tidied. */
async function tidyEach(logger: Logger, objects: readonly KubernetesObject[], tidy: (object: KubernetesObject) => Promise<void>) {
  let done = 0;
  for (const object of objects) {
    try {
      await tidy(object);
      done += 1;
    } catch (error) {
      if (!isConflict(error)) logger.warn('not tidied, the next run tries again', { kind: object.kind, name: object.metadata.name, ...errorFields(error) });
    }
  }
  return { done, left: objects.length - done };
}

function keyOf({ apiVersion, kind, metadata }: KubernetesObject): ObjectKey {
  return { apiVersion, kind, name: metadata.name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) };
}
