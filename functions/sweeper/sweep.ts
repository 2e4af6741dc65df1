import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import type { QueueName, Queues } from '../../shared/queue/ports.ts';
import { errorFields, type Logger } from '../../shared/telemetry/logger.ts';
import { millisecondsLeft } from '../../shared/time-left.ts';
import { expiredRequests, inconclusiveRequests, strayLeases, unclaimedJobs } from './leftovers.ts';
import { resendsOf, type Resend } from './resend.ts';
import { sweepRow, type SweepRow } from './rows.ts';
import { deleteRequest, markInconclusive, releaseJob, releaseLease, type TidyPorts } from './tidy.ts';
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
  /** Objects that there was trouble with or no time for: the next run sees them again. */
  readonly left: number;
  /** There was more than a run can hold, so locks and finalizers were left as they are. */
  readonly isComplete: boolean;
}

/** One run: look once at everything, then send what was forgotten and tidy what was left. A run that fails half way is repeated by the next. */
export async function sweep(ports: SweepPorts, settings: SweepSettings, now: Instant): Promise<SweepReport> {
  const { cluster, queues, logger } = ports;
  const world = await readWorld(cluster, queues, settings.namespace);
  if (!world.isComplete) logger.warn('more than one run can look at: locks and finalizers stay', { resources: world.resources.length });
  const record = (rows: readonly SweepRow[]) => send(queues, rows, settings.cluster, now);
  const resent = await resend(ports, resendsOf(world, settings.cluster, now), record);
  const tidyPorts = { cluster, record };
  const each = (objects: readonly KubernetesObject[], tidy: Tidy) => tidyEach(logger, objects, (object) => tidy(object, tidyPorts));
  const windowSeconds = settings.outcomeWindowSeconds;
  const leases = await each(strayLeases(world, now), releaseLease);
  const jobs = await each(unclaimedJobs(world), releaseJob);
  const inconclusive = await each(inconclusiveRequests(world, windowSeconds, now), (object) => markInconclusive(object, tidyPorts, { windowSeconds, now }));
  const deleted = await each(expiredRequests(world, now), deleteRequest);
  return {
    resent,
    deleted: deleted.done,
    inconclusive: inconclusive.done,
    leasesReleased: leases.done,
    finalizersRemoved: jobs.done,
    left: [deleted, inconclusive, leases, jobs].reduce((sum, { left }) => sum + left, 0),
    isComplete: world.isComplete,
  };
}

type Tidy = (object: KubernetesObject, ports: TidyPorts) => Promise<void>;

/** How many keys were sent. A queue that is away keeps no other from its keys, and neither does an audit that is: a key is no intent. */
async function resend({ queues, logger }: SweepPorts, resends: readonly Resend[], record: (rows: readonly SweepRow[]) => Promise<void>): Promise<number> {
  const byQueue = new Map<QueueName, Resend[]>();
  for (const each of resends) byQueue.set(each.queue, [...(byQueue.get(each.queue) ?? []), each]);
  let sent = 0;
  for (const [queue, some] of byQueue) {
    try {
      await queues.send(
        queue,
        some.map(({ message }) => ({ body: message })),
      );
      sent += some.length;
      await record(some.map(({ object, why }): SweepRow => ({ type: 'sweep.resent', message: why, object })));
    } catch (error) {
      logger.warn('not sent again, the next run tries', { queue, keys: some.length, ...errorFields(error) });
    }
  }
  return sent;
}

async function send(queues: Pick<Queues, 'send'>, rows: readonly SweepRow[], cluster: string, now: Instant): Promise<void> {
  await queues.send(
    'audit',
    rows.map((row) => ({ body: sweepRow(row, cluster, now) })),
  );
}

const perRunMax = 200; // each is a call or two of its own; a backlog is a matter of some runs
const spareMilliseconds = 3_000; // what is begun with less may be cut in the middle

/** One object's trouble keeps no other from being tidied, and neither do many: what fails does not count against the bound of a run. */
async function tidyEach(logger: Logger, objects: readonly KubernetesObject[], tidy: (object: KubernetesObject) => Promise<void>) {
  let done = 0;
  for (const object of objects) {
    if (done === perRunMax || millisecondsLeft() < spareMilliseconds) break;
    try {
      await tidy(object);
      done += 1;
    } catch (error) {
      logger.warn('not tidied, the next run tries again', { kind: object.kind, name: object.metadata.name, ...errorFields(error) });
    }
  }
  return { done, left: objects.length - done };
}
