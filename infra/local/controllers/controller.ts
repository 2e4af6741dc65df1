import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { isConflict, isRefused } from '../../../shared/kubernetes/errors.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { createApiClient, type ApiClient, type Kind } from './api-client.ts';
import { runInformer } from './informer.ts';
import { createWorkQueue } from './work-queue.ts';
import { applyWrites, type Write } from './write.ts';

/** One control loop: what it follows, what it looks at, and what it then wants changed. */
export interface Controller<Observed> {
  /** `deployment-controller`: the field manager and the source of its Events. */
  readonly name: string;
  readonly watched: readonly WatchedKind[];
  /** Null: there is nothing to keep in order under this key. */
  observe(client: ApiClient, key: ControllerKey): Promise<Observed | null>;
  /** Pure. */
  decide(observed: Observed, moment: Moment): ControlDecision;
  /** What to write when the API refuses one of the writes for good; the refusal is reported and tried again later all the same. */
  refused?(observed: Observed, message: string, moment: Moment): readonly Write[];
}

interface WatchedKind {
  readonly kind: Kind;
  /** The keys that a change of this object concerns: its own, or its owner's. */
  readonly keysOf: (object: KubernetesObject) => readonly ControllerKey[];
}

export interface ControllerKey {
  readonly namespace: string;
  readonly name: string;
}

export interface Moment {
  readonly now: Instant;
  /** The same in full, for delays below a second. */
  readonly milliseconds: number;
  /** 0 to below 1. */
  readonly random: () => number;
}

export interface ControlDecision {
  readonly writes: readonly Write[];
  /** Time itself will change the answer: a deadline, a minimum time of being ready. */
  readonly againAfterSeconds?: number | undefined;
}

export interface ControllerPorts {
  readonly transport: Transport;
  readonly clock: TrackedClock;
  readonly random: () => number;
  /** Told of what went wrong and will be tried again. */
  readonly report: (message: string) => void;
}

export interface Running {
  stop(): Promise<void>;
}

/** Follows and decides until stopped. Holds no tracked work while nothing changes. */
export function startController<Observed>(controller: Controller<Observed>, { transport, clock, random, report }: ControllerPorts): Running {
  const client = createApiClient(transport, controller.name);
  const abort = new AbortController();

  async function pass(key: string): Promise<void> {
    const observed = await controller.observe(client, parseKey(key));
    if (observed === null) return;
    const moment: Moment = { now: clock.now(), milliseconds: clock.milliseconds(), random };
    const teller = { component: controller.name, now: moment.now };
    const { writes, againAfterSeconds } = controller.decide(observed, moment);
    try {
      await applyWrites(client, writes, teller);
    } catch (error) {
      if (isRefused(error) && controller.refused !== undefined) await applyWrites(client, controller.refused(observed, messageOf(error), moment), teller);
      throw error;
    }
    if (againAfterSeconds !== undefined) queue.addAfter(key, Math.max(0, againAfterSeconds) * 1_000);
  }

  const failed = (about: string, error: unknown): void => {
    if (!isConflict(error)) report(`${controller.name} ${about}: ${messageOf(error)}`); // a conflict is the other writer's turn, no trouble
  };
  const queue = createWorkQueue({ clock, pass, failed });
  const informers = controller.watched.map(({ kind, keysOf }) =>
    runInformer({
      client,
      transport,
      clock,
      kind,
      signal: abort.signal,
      changed: (object) => {
        for (const { namespace, name } of keysOf(object)) queue.add(`${namespace}/${name}`);
      },
      failed: (error) => {
        failed(`following ${kind.kind}`, error);
      },
    }),
  );

  return {
    async stop() {
      abort.abort();
      await queue.stop();
      await Promise.all(informers);
    },
  };
}

export function ownKey({ metadata: { namespace = '', name } }: KubernetesObject): readonly ControllerKey[] {
  return [{ namespace, name }];
}

/** For a child: the key of its controlling owner of that kind. */
export function ownerKey(ownerKind: string): (object: KubernetesObject) => readonly ControllerKey[] {
  return ({ metadata: { namespace = '', ownerReferences = [] } }) =>
    ownerReferences.filter(({ controller, kind }) => controller === true && kind === ownerKind).map(({ name }) => ({ namespace, name }));
}

function parseKey(key: string): ControllerKey {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
