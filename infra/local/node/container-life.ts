import { instantFromMilliseconds, millisecondsOf } from '../../../shared/api/time.ts';
import type { Container, ContainerStatus } from '../controllers/pod.ts';
import { configIsBad, endingOf, pullFails, type Ending, type Scenario } from './scenario.ts';

/** What one container's next state depends on. */
export interface Surroundings {
  readonly container: Container;
  readonly scenario: Scenario;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly podStartedMilliseconds: number;
  /** For the message of a back-off: `payment-api-7c9d_production(uid)`. */
  readonly podTitle: string;
  /** What the ConfigMap that the scenario names holds now. */
  readonly configValue: string | undefined;
  readonly nodeIsReady: boolean;
  readonly nowMilliseconds: number;
}

/** Something to say about the step: an Event of the pod, or a line of the container's log. */
export type Told =
  | { readonly kind: 'event'; readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }
  | { readonly kind: 'log'; readonly container: string; readonly text: string };

export interface ContainerStep {
  readonly status: ContainerStatus;
  readonly told: readonly Told[];
  /** When time alone will change it. */
  readonly dueMilliseconds?: number | undefined;
}

const restartPauseSeconds = 1; // the first restart comes at once
const backOffSeconds = 10; // then 10 s, doubled each time, as a kubelet does it
const backOffMaxSeconds = 300;

/** One transition of a simulated container, or none and the time of the next. Pure. */
export function simulate(before: ContainerStatus | undefined, world: Surroundings): ContainerStep {
  const status = before ?? blank(world.container);
  const { state, lastState, restartCount } = status;
  if (state.terminated !== undefined) return afterEnd(status, world);
  if (state.running !== undefined) return running(status, world, millisecondsOf(state.running.startedAt));
  const crashedAt = lastState.terminated?.finishedAt;
  if (crashedAt !== undefined) return waitToRestart(status, world, millisecondsOf(crashedAt) + backOffOf(restartCount) * 1_000);
  return creating(status, world);
}

export function blank({ name, image }: Container): ContainerStatus {
  return { name, image, imageID: '', ready: false, started: false, restartCount: 0, state: {}, lastState: {} };
}

function creating(before: ContainerStatus, world: Surroundings): ContainerStep {
  const { container, scenario, podStartedMilliseconds, nowMilliseconds, nodeIsReady } = world;
  const due = podStartedMilliseconds + scenario.startAfterSeconds * 1_000;
  if (before.state.waiting === undefined) return { status: waiting(before, 'ContainerCreating'), told: [], dueMilliseconds: due };
  if (!nodeIsReady) return { status: before, told: [] };
  if (nowMilliseconds < due) return { status: before, told: [], dueMilliseconds: due };
  return pullFails(scenario, container) ? pullFailed(before, container) : start(before, world, 0);
}

/** One more try to pull that fails, or the wait for the next. */
export function pullFailed(before: ContainerStatus, { image }: Container): ContainerStep {
  const reason = before.state.waiting?.reason;
  if (reason === 'ImagePullBackOff') return { status: before, told: [] };
  if (reason === 'ErrImagePull') {
    const message = `Back-off pulling image "${image}"`;
    return { status: waiting(before, 'ImagePullBackOff', message), told: [{ kind: 'event', type: 'Normal', reason: 'BackOff', message }] };
  }
  const message = `failed to pull and unpack image "${image}": not found`;
  return {
    status: waiting(before, 'ErrImagePull', message),
    told: [
      { kind: 'event', type: 'Warning', reason: 'Failed', message: `Failed to pull image "${image}": ${message}` },
      { kind: 'event', type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' },
    ],
  };
}

/** The container runs from now. What it says is only what the scenario says, and that it is simulated. */
function start(before: ContainerStatus, world: Surroundings, restartCount: number): ContainerStep {
  const { container, scenario, nowMilliseconds } = world;
  const lines = [`simulated container: image ${container.image} is not run on this node`, ...scenario.log];
  const status = { ...before, restartCount, ready: false, started: true, state: { running: { startedAt: instantFromMilliseconds(nowMilliseconds) } } };
  const { dueMilliseconds } = running(status, world, nowMilliseconds);
  return {
    status,
    told: [
      { kind: 'event', type: 'Normal', reason: 'Pulled', message: `Container image "${container.image}" already present on machine` },
      { kind: 'event', type: 'Normal', reason: 'Created', message: `Created container: ${container.name}` },
      { kind: 'event', type: 'Normal', reason: 'Started', message: `Started container ${container.name}` },
      { kind: 'log', container: container.name, text: lines.map((line) => `${line}\n`).join('') },
      ...(scenario.neverReady ? [probeFailed(container)] : []),
    ],
    dueMilliseconds,
  };
}

function running(before: ContainerStatus, world: Surroundings, startedMilliseconds: number): ContainerStep {
  const { scenario, container, configValue, nowMilliseconds } = world;
  const ending = before.restartCount < scenario.untilRestarts ? endingOf(scenario, container, configValue) : null;
  const end = ending ?? (world.restartPolicy === 'Always' ? null : completed);
  const endsAt = configIsBad(scenario, configValue) ? startedMilliseconds : startedMilliseconds + scenario.runsForSeconds * 1_000;
  if (end !== null && nowMilliseconds >= endsAt) return ended(before, world, end);
  return judgeReadiness(before, world, startedMilliseconds, end === null ? [] : [endsAt]);
}

const completed: Ending = { exitCode: 0, reason: 'Completed', lastWords: 'done' };

function judgeReadiness(
  before: ContainerStatus,
  { container, scenario, nodeIsReady, nowMilliseconds }: Surroundings,
  startedMilliseconds: number,
  ends: readonly number[],
): ContainerStep {
  const readyAt = startedMilliseconds + scenario.readyAfterSeconds * 1_000;
  const unreadyAt = startedMilliseconds + (scenario.becomesUnreadyAfterSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  const probePasses = !scenario.neverReady && nowMilliseconds >= readyAt && nowMilliseconds < unreadyAt;
  const ready = probePasses && nodeIsReady;
  const due = [readyAt, unreadyAt, ...ends].filter((time) => time > nowMilliseconds && Number.isFinite(time));
  return {
    status: before.ready === ready ? before : { ...before, ready },
    told: before.ready && !probePasses ? [probeFailed(container)] : [],
    dueMilliseconds: due.length === 0 ? undefined : Math.min(...due),
  };
}

function probeFailed({ name }: Container): Told {
  return { kind: 'event', type: 'Warning', reason: 'Unhealthy', message: `Readiness probe failed: simulated, container ${name}` };
}

function ended(before: ContainerStatus, world: Surroundings, { exitCode, reason, lastWords }: Ending): ContainerStep {
  const { container, nowMilliseconds } = world;
  const terminated = { exitCode, reason, startedAt: before.state.running?.startedAt, finishedAt: instantFromMilliseconds(nowMilliseconds) };
  const status = { ...before, ready: false, started: false, state: { terminated } };
  const told: Told = { kind: 'log', container: container.name, text: `${lastWords}\n` };
  const next = afterEnd(status, world);
  return { ...next, told: [told, ...next.told] };
}

/** A container that is to start again shows its end for a moment the first time, and waits longer each time after that. */
function afterEnd(before: ContainerStatus, world: Surroundings): ContainerStep {
  const { terminated } = before.state;
  const { restartPolicy, container, podTitle } = world;
  if (terminated === undefined || restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && terminated.exitCode === 0))
    return { status: before, told: [] };
  const finished = millisecondsOf(terminated.finishedAt ?? instantFromMilliseconds(world.nowMilliseconds));
  const pauseSeconds = backOffOf(before.restartCount);
  const due = finished + pauseSeconds * 1_000;
  if (before.restartCount === 0) return waitToRestart(before, world, due);
  const message = `back-off ${formatBackOff(pauseSeconds)} restarting failed container=${container.name} pod=${podTitle}`;
  const status = { ...waiting(before, 'CrashLoopBackOff', message), lastState: { terminated } };
  const event = `Back-off restarting failed container ${container.name} in pod ${podTitle}`;
  return { status, told: [{ kind: 'event', type: 'Warning', reason: 'BackOff', message: event }], dueMilliseconds: due };
}

function waitToRestart(before: ContainerStatus, world: Surroundings, due: number): ContainerStep {
  if (world.nowMilliseconds < due) return { status: before, told: [], dueMilliseconds: due };
  const { terminated } = before.state;
  const kept = terminated === undefined ? before : { ...before, lastState: { terminated } };
  return start(kept, world, before.restartCount + 1);
}

function backOffOf(restartCount: number): number {
  return restartCount === 0 ? restartPauseSeconds : Math.min(backOffSeconds * 2 ** (restartCount - 1), backOffMaxSeconds);
}

function formatBackOff(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function waiting(before: ContainerStatus, reason: string, message?: string): ContainerStatus {
  return { ...before, ready: false, started: false, state: { waiting: { reason, ...(message !== undefined && { message }) } } };
}
