import { sha256Hex } from '../../../shared/api/digest.ts';
import { addSeconds, instantFromMilliseconds, millisecondsOf, type Instant } from '../../../shared/api/time.ts';
import { isFinished, type ContainerStatus, type Pod, type PodCondition } from '../controllers/pod.ts';
import { withCondition, type WantedCondition, type WorkloadCondition } from '../controllers/workload-condition.ts';
import { simulate, type ContainerStep, type Told } from './container-life.ts';
import { isExecutorPod } from './executor.ts';
import type { ExecutorFault } from './executor-fault.ts';
import { stepExecutor, type ExecutorRun } from './executor-life.ts';
import { scenarioOf, undisturbed } from './scenario.ts';

/** Everything that a pod's next state depends on. */
export interface PodWorld {
  readonly pod: Pod;
  readonly node: { readonly address: string; readonly ready: boolean; readonly executorFault: ExecutorFault | null };
  /** What the ConfigMap that the scenario names holds now. */
  readonly configValue: string | undefined;
  readonly run: ExecutorRun | undefined;
  readonly nowMilliseconds: number;
}

export interface PodStep {
  readonly status: Pod['status'];
  readonly told: readonly Told[];
  /** What the node does once the status is written. `stop`: asks the executor to end. `remove`: nothing is left of the pod but its name. */
  readonly action: 'none' | 'start' | 'stop' | 'remove';
  /** When time alone will change it. */
  readonly dueMilliseconds?: number | undefined;
}

/** One step of a pod that is bound to this node, as a kubelet takes it. Pure. */
export function stepPod(world: PodWorld): PodStep {
  const { pod } = world;
  if (isFinished(pod)) return { status: pod.status, told: [], action: pod.metadata.deletionTimestamp === undefined ? 'none' : 'remove' };
  if (pod.status.startTime === undefined) return admit(world);
  if (pod.metadata.deletionTimestamp !== undefined) return terminate(world, pod.metadata.deletionTimestamp);
  if (hasExpired(world)) return expire(world);
  const steps = containerSteps(world, pod.status.startTime);
  const statuses = steps.map(({ status }) => status);
  const dues = [...steps.map(({ dueMilliseconds }) => dueMilliseconds), expiryOf(pod)].filter((due) => due !== undefined);
  return {
    status: statusWith(world, statuses, phaseOf(pod, statuses)),
    told: steps.flatMap(({ told }) => told),
    action: steps.some((step) => 'starts' in step && step.starts === true) ? 'start' : 'none',
    dueMilliseconds: dues.length === 0 ? undefined : Math.min(...dues),
  };
}

function containerSteps(world: PodWorld, startTime: Instant): readonly ContainerStep[] {
  const { pod, run, configValue, nowMilliseconds, node } = world;
  const podStartedMilliseconds = millisecondsOf(startTime);
  const before = (name: string): ContainerStatus | undefined => pod.status.containerStatuses.find((status) => status.name === name);
  if (isExecutorPod(pod)) {
    const pullFails = node.executorFault === 'image-pull-fails';
    return pod.spec.containers.map((container) => stepExecutor(before(container.name), { container, run, pullFails, podStartedMilliseconds, nowMilliseconds }));
  }
  const scenario = scenarioOf(pod);
  return pod.spec.containers.map((container) =>
    simulate(before(container.name), {
      container,
      scenario: scenario.container === container.name ? scenario : undisturbed,
      restartPolicy: pod.spec.restartPolicy,
      podStartedMilliseconds,
      podTitle: `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`,
      configValue,
      nodeIsReady: node.ready,
      nowMilliseconds,
    }),
  );
}

/** The kubelet has taken the pod: from now its containers are being created. */
function admit(world: PodWorld): PodStep {
  const { pod, nowMilliseconds } = world;
  const startTime = instantFromMilliseconds(nowMilliseconds);
  const steps = containerSteps(world, startTime);
  const started = { ...world, pod: { ...pod, status: { ...pod.status, startTime } } };
  const status = statusWith(
    started,
    steps.map((step) => step.status),
    'Pending',
  );
  return { status, told: [], action: 'none', dueMilliseconds: steps[0]?.dueMilliseconds };
}

const endSeconds = 1; // a simulated container heeds SIGTERM, and needs a moment

/** Told to end: the executor is asked, a simulated container takes its moment, and then nothing is left to wait for. */
function terminate(world: PodWorld, deletionTimestamp: Instant): PodStep {
  const { pod, run, nowMilliseconds } = world;
  if (run?.kind === 'running') return { status: pod.status, told: [], action: 'stop' };
  const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds;
  const asked = millisecondsOf(addSeconds(deletionTimestamp, -graceSeconds));
  const due = asked + Math.min(graceSeconds, endSeconds) * 1_000;
  if (!isExecutorPod(pod) && nowMilliseconds < due) return { status: pod.status, told: [], action: 'none', dueMilliseconds: due };
  const statuses = endAll(world);
  const told = statuses.map(({ name }): Told => ({ kind: 'event', type: 'Normal', reason: 'Killing', message: `Stopping container ${name}` }));
  return { status: statusWith(world, statuses, endPhase(statuses)), told, action: 'remove' };
}

/** The pod's own activeDeadlineSeconds have passed. */
function expire(world: PodWorld): PodStep {
  if (world.run?.kind === 'running') return { status: world.pod.status, told: [], action: 'stop' };
  const message = 'Pod was active on the node longer than the specified deadline';
  const status = { ...statusWith(world, endAll(world), 'Failed'), reason: 'DeadlineExceeded', message };
  return { status, told: [{ kind: 'event', type: 'Normal', reason: 'DeadlineExceeded', message }], action: 'none' };
}

function hasExpired(world: PodWorld): boolean {
  const expiry = expiryOf(world.pod);
  return expiry !== undefined && world.nowMilliseconds >= expiry;
}

function expiryOf({ spec, status }: Pod): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || status.startTime === undefined) return undefined;
  return millisecondsOf(status.startTime) + spec.activeDeadlineSeconds * 1_000;
}

/** Every container as ended: an executor by its own code, a simulated one that runs by the signal, the others as they are or as never begun. */
function endAll({ pod, run, nowMilliseconds }: PodWorld): readonly ContainerStatus[] {
  const finishedAt = instantFromMilliseconds(nowMilliseconds);
  return pod.status.containerStatuses.map((status) => {
    const { running, terminated } = status.state;
    if (terminated !== undefined) return status;
    const exitCode = run?.kind === 'ended' ? run.exitCode : running === undefined ? 137 : 143;
    const ended = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...(running !== undefined && { startedAt: running.startedAt }), finishedAt };
    return { ...status, ready: false, started: false, state: { terminated: ended } };
  });
}

function phaseOf({ spec, status: { phase } }: Pod, statuses: readonly ContainerStatus[]): Pod['status']['phase'] {
  const comesAgain = ({ state: { terminated } }: ContainerStatus): boolean =>
    terminated === undefined || spec.restartPolicy === 'Always' || (spec.restartPolicy === 'OnFailure' && terminated.exitCode !== 0);
  if (!statuses.some(comesAgain)) return endPhase(statuses);
  const begun = statuses.some(({ state, restartCount }) => state.running !== undefined || state.terminated !== undefined || restartCount > 0);
  return begun || phase === 'Running' ? 'Running' : 'Pending';
}

function endPhase(statuses: readonly ContainerStatus[]): 'Succeeded' | 'Failed' {
  return statuses.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

type Phase = Pod['status']['phase'];

function statusWith({ pod, node, nowMilliseconds }: PodWorld, statuses: readonly ContainerStatus[], phase: Phase): Pod['status'] {
  const now = instantFromMilliseconds(nowMilliseconds);
  const conditions = wantedConditions(statuses, phase, node.ready).reduce(
    (kept, wanted) => withCondition(kept, wanted, now, 'none'),
    pod.status.conditions as readonly WorkloadCondition[],
  );
  const podIP = addressOf(pod.metadata.uid);
  return {
    ...pod.status,
    phase,
    conditions: conditions as PodCondition[],
    hostIP: node.address,
    hostIPs: [{ ip: node.address }],
    podIP,
    podIPs: [{ ip: podIP }],
    containerStatuses: [...statuses],
  };
}

function wantedConditions(statuses: readonly ContainerStatus[], phase: Phase, nodeIsReady: boolean): readonly WantedCondition[] {
  const unready = statuses.filter(({ ready }) => !ready).map(({ name }) => name);
  const ready = phase === 'Running' && unready.length === 0 && nodeIsReady;
  const why = readinessReason(phase, unready);
  return [
    { type: 'PodReadyToStartContainers', status: phase === 'Succeeded' || phase === 'Failed' ? 'False' : 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'Ready', status: ready ? 'True' : 'False', ...(!ready && why) },
    { type: 'ContainersReady', status: ready ? 'True' : 'False', ...(!ready && why) },
    { type: 'PodScheduled', status: 'True' },
  ];
}

function readinessReason(phase: Phase, unready: readonly string[]): Pick<WantedCondition, 'reason' | 'message'> {
  if (phase === 'Succeeded') return { reason: 'PodCompleted' };
  if (phase === 'Failed') return { reason: 'PodFailed' };
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
}

/** Nothing listens there; two pods may share one. */
function addressOf(uid: string): string {
  const digest = sha256Hex(uid);
  return `10.244.${Number.parseInt(digest.slice(0, 2), 16)}.${1 + (Number.parseInt(digest.slice(2, 4), 16) % 254)}`;
}
