import { compose } from '../../functions/kubernetes-execution/handler.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { parseKubernetesExecution, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds, secondsBetween, type Instant } from '../../shared/api/time.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { aDeployment, aScaledDeployment } from './actions.ts';
import { clusterTwin, type ClusterTwin } from './cluster-twin.ts';
import { anExecutionObject, anOwnerObject, jobRef, now, type ExecutionOverrides, type OwnerOverrides } from './executions.ts';
import { aMessage, aRecord, anEvent, stillClock, type StillClock } from './kernel.ts';
import { queuesTwin, type QueuesTwin } from './queues-twin.ts';

export interface ExecutionWorld {
  readonly cluster: ClusterTwin;
  readonly queues: QueuesTwin;
  readonly clock: StillClock;
  /** Every request to the API server in order: 'get Job ke-1', 'review', 'dry run'. */
  readonly requests: readonly string[];
  /** One message: false when it is to come again. */
  pass(cause?: 'watch' | 'sweep'): Promise<boolean>;
  /** Passes as its own writes wake it, until a pass writes nothing. */
  settle(): Promise<KubernetesExecution>;
  /** Time passes, and each timer that is due wakes it. */
  elapse(seconds: number): Promise<KubernetesExecution>;
  /** What kubectl did in the Job, and how the Job controller reports it; then the watcher wakes its owner. */
  finishJob(status: JsonObject, deployment?: KubernetesObject): Promise<KubernetesExecution>;
  readonly execution: () => KubernetesExecution;
  readonly job: () => KubernetesObject | null;
  events(): readonly string[];
  rows(): readonly string[];
}

interface Timer {
  readonly due: Instant;
  readonly body: JsonObject;
}

const lambda = { getRemainingTimeInMillis: () => 60_000 };
const name = 'rr-1-workflow-scale';

/** A new execution that its workflow names, its target with 3 of 3 replicas, and the function itself. */
export async function anExecutionWorld(execution: ExecutionOverrides = {}, owner: OwnerOverrides = {}): Promise<ExecutionWorld> {
  const clock = stillClock(now);
  const { cluster, requests } = counted(clusterTwin([anExecutionObject({ phase: '', ...execution }), anOwnerObject(owner), aDeployment()], clock.now));
  const queues = queuesTwin();
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://127.0.0.1:9324/000000000000/' };
  const handler = await compose(variables, { cluster, queues, clock, logger: silentLogger, metrics: silentMetrics, random: () => 0 });

  let seen = 0;
  const timers: Timer[] = [];
  const deliver = async (body: JsonObject): Promise<boolean> => {
    const { batchItemFailures } = await handler(anEvent(aRecord(body)), lambda);
    const sent = queues.sent.slice(seen).filter(({ queue }) => queue === 'kubernetes-executions');
    seen = queues.sent.length;
    for (const message of sent) timers.push({ due: addSeconds(clock.now(), message.delaySeconds ?? 0), body: message.body as JsonObject });
    return batchItemFailures.length === 0;
  };
  const world: ExecutionWorld = {
    cluster,
    queues,
    clock,
    requests,
    pass: (cause = 'watch') => deliver(aMessage({ kind: 'KubernetesExecution', name, cause })),
    async settle() {
      for (let passes = 0; passes < 20; passes += 1) {
        const before = world.execution().metadata.resourceVersion;
        await world.pass();
        if (world.execution().metadata.resourceVersion === before) break;
      }
      return world.execution();
    },
    async elapse(seconds) {
      const end = addSeconds(clock.now(), seconds);
      for (;;) {
        const next = timers.filter(({ due }) => secondsBetween(due, end) >= 0).toSorted((a, b) => secondsBetween(b.due, a.due))[0];
        if (next === undefined) break;
        timers.splice(timers.indexOf(next), 1);
        clock.advance(Math.max(0, secondsBetween(clock.now(), next.due)));
        const before = world.execution().metadata.resourceVersion;
        await deliver(next.body);
        if (world.execution().metadata.resourceVersion !== before) await world.settle();
      }
      clock.advance(secondsBetween(clock.now(), end));
      return world.execution();
    },
    async finishJob(status, deployment = aScaledDeployment(5, 5)) {
      cluster.change('Deployment', 'payment-api', { spec: deployment['spec'] as JsonObject, status: deployment['status'] as JsonObject });
      cluster.change('Job', jobRef.name, { status });
      return world.settle();
    },
    execution() {
      const object = cluster.read('KubernetesExecution', name);
      if (object === null) throw new Error('the execution is gone');
      return parseKubernetesExecution(object);
    },
    job: () => cluster.read('Job', jobRef.name),
    events: () =>
      cluster
        .objects()
        .filter(({ kind }) => kind === 'Event')
        .map((event) => `${stringAt(event, 'type')} ${stringAt(event, 'reason')}`),
    rows: () => queues.sent.filter(({ queue }) => queue === 'audit').map(({ body }) => stringAt(body, 'type') ?? ''),
  };
  return world;
}

/** The twin counts its own calls; reviews and dry runs are several requests each. */
function counted(twin: ClusterTwin): { readonly cluster: ClusterTwin; readonly requests: readonly string[] } {
  const requests: string[] = [];
  twin.onCall = ({ verb, kind, name: called }) => void requests.push(`${verb} ${kind}${called === '' ? '' : ` ${called}`}`);
  const { reviewAccess, dryRun, podLog } = twin;
  twin.podLog = (...of) => {
    requests.push('get Log');
    return podLog(...of);
  };
  twin.reviewAccess = (account, rules, namespace) => {
    requests.push(...rules.flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `review ${verb} ${resource}`))));
    return reviewAccess(account, rules, namespace);
  };
  twin.dryRun = (account, rehearsed) => {
    requests.push(...rehearsed.map(({ method }) => `dry run ${method}`));
    return dryRun(account, rehearsed);
  };
  return { cluster: twin, requests };
}
