import { instantFromMilliseconds } from '../../../shared/api/time.ts';
import type { Container, ContainerStatus } from '../controllers/pod.ts';
import { blank, pullFailed, type ContainerStep } from './container-life.ts';

/**
 * What the node remembers of an executor's run; nothing after a restart of the node. `due`: the status was to say that it runs, and whether the API took that in
 * is not known; it has not begun.
 */
export type ExecutorRun =
  | { readonly kind: 'due' }
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly exitCode: number; readonly message: string | undefined };

export interface ExecutorSurroundings {
  readonly container: Container;
  readonly run: ExecutorRun | undefined;
  /** Its image is not to be had. */
  readonly pullFails: boolean;
  readonly podStartedMilliseconds: number;
  readonly nowMilliseconds: number;
}

export interface ExecutorStep extends ContainerStep {
  /** The run begins after the status says that it runs: so a node that dies in between reports a loss, and never runs it twice. */
  readonly starts: boolean;
}

const pullSeconds = 1;

/** One transition of an executor's container. Pure. */
export function stepExecutor(before: ContainerStatus | undefined, world: ExecutorSurroundings): ExecutorStep {
  const status = before ?? blank(world.container);
  if (status.state.terminated !== undefined) return { status, told: [], starts: false };
  if (status.state.running !== undefined) return running(status, world);
  const due = world.podStartedMilliseconds + pullSeconds * 1_000;
  if (status.state.waiting === undefined) {
    return { status: { ...status, state: { waiting: { reason: 'ContainerCreating' } } }, told: [], dueMilliseconds: due, starts: false };
  }
  if (world.nowMilliseconds < due) return { status, told: [], dueMilliseconds: due, starts: false };
  return world.pullFails ? { ...pullFailed(status, world.container), starts: false } : start(status, world);
}

function start(status: ContainerStatus, { container, nowMilliseconds }: ExecutorSurroundings): ExecutorStep {
  return {
    status: { ...status, ready: true, started: true, state: { running: { startedAt: instantFromMilliseconds(nowMilliseconds) } } },
    told: [
      { kind: 'event', type: 'Normal', reason: 'Created', message: `Created container: ${container.name}` },
      { kind: 'event', type: 'Normal', reason: 'Started', message: `Started container ${container.name}` },
    ],
    starts: true,
  };
}

function running(status: ContainerStatus, { run, nowMilliseconds }: ExecutorSurroundings): ExecutorStep {
  if (run?.kind === 'running') return { status, told: [], starts: false };
  if (run?.kind === 'due') return { status, told: [], starts: true };
  const { exitCode, reason, message } = run === undefined ? lost : { ...run, reason: reasonOf(run) };
  const terminated = {
    exitCode,
    reason,
    ...(message !== undefined && { message }),
    startedAt: status.state.running?.startedAt,
    finishedAt: instantFromMilliseconds(nowMilliseconds),
  };
  return { status: { ...status, ready: false, started: false, state: { terminated } }, told: [], starts: false };
}

/** A run that never began says why. */
function reasonOf({ exitCode, message }: Extract<ExecutorRun, { readonly kind: 'ended' }>): string {
  if (message !== undefined) return 'StartError';
  return exitCode === 0 ? 'Completed' : 'Error';
}

const lost = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The node was started anew while the container ran, and does not know how it ended' };
