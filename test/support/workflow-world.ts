import { access as roomAccess } from '../../functions/workflow-execution/access.ts';
import { compose } from '../../functions/workflow-execution/handler.ts';
import { actionIdentity } from '../../infra/cluster/identities.ts';
import { identityManifests } from '../../infra/cluster/identity.ts';
import { subjectAccessReview } from '../../infra/local/sandbox/access-review.ts';
import { actionNames, actions, serviceAccountOf } from '../../shared/actions/index.ts';
import { customResourceDefinition } from '../../shared/api/crd.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { parseKubernetesExecution, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { definitions } from '../../shared/api/kinds.ts';
import { refOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { parseWorkflowExecution, type WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { RoomAccess } from '../../shared/kubernetes/access.ts';
import { createCluster } from '../../shared/kubernetes/cluster.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { collectionPath } from '../../shared/kubernetes/resource-path.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { reconcileMessageSchema, type ReconcileMessage } from '../../shared/queue/messages.ts';
import { silentLogger, type LogFields } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { aDeployment, aRollout } from './actions.ts';
import { aRecord, anEvent, namespace, stillClock } from './kernel.ts';
import { queuesTwin } from './queues-twin.ts';
import { aServiceAccountUser } from './rbac.ts';
import { aWorld, extensionsForTests } from './sandbox.ts';
import { aRequestObjectOf, aWorkflow, now, type WorkflowOverrides } from './workflows.ts';

const environment = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/queues/', KUBERNAUT_KUBECONFIG_FILE: 'unused' };
const timeoutMilliseconds = () => 10_000;
const workflowKey = { apiVersion: 'workflow.kubernaut.io/v1', kind: 'WorkflowExecution', name: 'rr-1-workflow', namespace };

export interface WorkflowWorld {
  /** A person's hands, and those of the other functions. */
  readonly administrator: Cluster;
  /** What the function asked the API server, in order: 'GET …/payment-api'. */
  readonly requests: readonly string[];
  workflow(): Promise<WorkflowExecution>;
  execution(step: string): Promise<KubernetesExecution>;
  /** Passes until nothing changes, as the watcher would wake them. */
  settle(): Promise<WorkflowExecution>;
  /** Time passes; every timer that is due in it is delivered. */
  elapse(seconds: number): Promise<WorkflowExecution>;
  /** Passes until the function has made an execution, and dies before it writes that down. */
  dieAfterCreate(): Promise<void>;
  /** The execution of the step as kubernetes-execution leaves it, and the passes that this wakes. */
  finish(step: string, phase: 'completed' | 'failed', status?: JsonObject): Promise<WorkflowExecution>;
  /** payment-api as it is now. */
  setTarget(replicas: number, ready: number): Promise<void>;
  annotate(annotations: Readonly<Record<string, string>>): Promise<void>;
  /** `Normal WorkflowCompleted`, in the order of their making. */
  events(): Promise<readonly string[]>;
  /** Types of the audit rows sent. */
  rows(): readonly string[];
}

/**
 * The workflow's own handler on a sandbox that checks our CRDs and lets the function do what its access.ts says and nothing more. The
 * request rr-1 names the workflow; payment-api runs with 2 of 2 replicas; executions do nothing until the test says how they ended.
 */
export async function aWorkflowWorld(overrides: WorkflowOverrides = {}, access: RoomAccess = roomAccess): Promise<WorkflowWorld> {
  const clock = stillClock(now);
  const extensions = { ...extensionsForTests, endpoints: [subjectAccessReview] };
  const { sandbox, transport } = aWorld({ extensions, clock: { ...clock, track: async (work) => (typeof work === 'function' ? work() : work) } });
  const requests: string[] = [];
  let isDoomed = false;
  const asRoom = overheard(sandbox.transport(aServiceAccountUser('the-room')), (request) => {
    if (isDoomed && requests.at(-1)?.endsWith('/kubernetesexecutions') === true) throw new Error('the function died');
    requests.push(request);
  });
  const administrator = createCluster({ transport, namespace, timeoutMilliseconds });
  for (const object of [...definitions.map(customResourceDefinition), ...surroundings(access)]) await make(transport, object as KubernetesObject);
  await startWorkflow(administrator, overrides);

  const queues = queuesTwin();
  const sentAt: number[] = [];
  queues.onSent = () => void sentAt.push(...queues.sent.slice(sentAt.length).map(() => clock.milliseconds()));
  const cluster = createCluster({ transport: asRoom, namespace, timeoutMilliseconds });
  let trouble = '';
  const noted = (_message: string, fields: LogFields = {}) => void (trouble = JSON.stringify(fields['error']));
  const logger = { ...silentLogger, warn: noted, error: noted };
  const handler = await compose(environment, { cluster, queues, clock, logger, metrics: silentMetrics, random: () => 0 });
  const deliver = async (message: Partial<ReconcileMessage>) => {
    const body = { cluster: 'primary-cluster', kind: 'WorkflowExecution', namespace, name: workflowKey.name, cause: 'watch', ...message };
    const { batchItemFailures } = await handler(anEvent(aRecord(body)), { getRemainingTimeInMillis: () => 30_000 });
    if (batchItemFailures.length > 0) throw new Error(`the pass of ${JSON.stringify(body)} failed: ${trouble}`);
  };
  const workflow = async () => parseWorkflowExecution(await must(administrator.get(workflowKey)));
  const execution = async (step: string) =>
    parseKubernetesExecution(
      await must(administrator.get({ apiVersion: 'executor.kubernaut.io/v1', kind: 'KubernetesExecution', name: `${workflowKey.name}-${step}`, namespace })),
    );
  const delivered = new Set<number>();

  const world: WorkflowWorld = {
    administrator,
    requests,
    workflow,
    execution,
    async settle() {
      for (let passes = 0; passes < 50; passes += 1) {
        const before = await workflow();
        await deliver({});
        const after = await workflow();
        if (after.metadata.resourceVersion === before.metadata.resourceVersion) return after;
      }
      throw new Error('the workflow does not come to rest');
    },
    async dieAfterCreate() {
      isDoomed = true;
      for (let passes = 0; passes < 10 && isDoomed; passes += 1) await deliver({}).catch(() => void (isDoomed = false));
    },
    async elapse(seconds) {
      const end = clock.milliseconds() + seconds * 1_000;
      for (;;) {
        const [due] = queues.sent
          .map(({ queue, body, delaySeconds = 0 }, index) => ({ index, queue, body, at: (sentAt[index] ?? 0) + delaySeconds * 1_000 }))
          .filter(({ index, queue, at }) => queue === 'workflow-executions' && at <= end && !delivered.has(index))
          .toSorted((a, b) => a.at - b.at);
        if (due === undefined) break;
        delivered.add(due.index);
        clock.advance(Math.max(0, due.at - clock.milliseconds()) / 1_000);
        const before = await workflow();
        await deliver(reconcileMessageSchema.parse(due.body));
        if ((await workflow()).metadata.resourceVersion !== before.metadata.resourceVersion) await world.settle();
      }
      clock.advance((end - clock.milliseconds()) / 1_000);
      return workflow();
    },
    async finish(step, phase, status = {}) {
      const { metadata, ...key } = await execution(step);
      const ended = { phase, startTime: metadata.creationTimestamp ?? null, completionTime: clock.now(), ...endedStatus(phase), ...status };
      await administrator.patchStatus({ apiVersion: key.apiVersion, kind: key.kind, name: metadata.name, namespace }, ended, metadata.resourceVersion);
      return world.settle();
    },
    async setTarget(replicas, ready) {
      const key = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payment-api', namespace: 'production' };
      const path = `${collectionPath(key, 'production')}/payment-api`;
      await transport.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { spec: { replicas } } }, 10_000);
      const { metadata } = await must(administrator.get(key));
      const status = { ...aRollout(replicas), readyReplicas: ready, availableReplicas: ready, observedGeneration: metadata.generation ?? 1 };
      await administrator.patchStatus(key, status, metadata.resourceVersion ?? '');
    },
    async annotate(annotations) {
      await administrator.patchMetadata(workflowKey, { annotations });
    },
    async events() {
      const events = await administrator.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
      const byAge = events.toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
      return byAge.map((event) => `${String(event['type'])} ${String(event['reason'])}`);
    },
    rows: () => queues.sent.filter(({ queue }) => queue === 'audit').map(({ body }) => stringAt(body, 'type') ?? ''),
  };
  return world;
}

/** Namespaces, the room's identity with nothing but its access and what the catalogue adds to it, the identities of the actions, and the target. */
function surroundings(access: RoomAccess): readonly object[] {
  const impersonate = { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'], resourceNames: actionNames.map(serviceAccountOf) };
  const room = {
    name: 'the-room',
    role: 'the-room',
    namespaced: [...access.namespaced, impersonate],
    cluster: [...access.cluster, ...actions.flatMap(({ reads }) => reads)],
  };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } },
    ...[room, ...actions.map(actionIdentity)].flatMap(identityManifests),
    aDeployment({ spec: { ...(aDeployment()['spec'] as object), replicas: 2 } }),
  ];
}

async function startWorkflow(administrator: Cluster, overrides: WorkflowOverrides): Promise<void> {
  const template = aWorkflow(overrides);
  const request = await administrator.create(withoutServerFields(aRequestObjectOf(template)));
  const { metadata, apiVersion, kind, spec } = template;
  const owner = { apiVersion: request.apiVersion, kind: request.kind, name: request.metadata.name, uid: request.metadata.uid ?? '', controller: true };
  const created = await administrator.create(withoutServerFields({ apiVersion, kind, metadata: { ...metadata, ownerReferences: [owner] }, spec }));
  await administrator.patchStatus(
    { apiVersion: request.apiVersion, kind: request.kind, name: 'rr-1', namespace },
    { phase: 'executing', workflowRef: refOf(created) },
    request.metadata.resourceVersion ?? '',
  );
}

function withoutServerFields({ metadata, ...object }: KubernetesObject): KubernetesObject {
  const { uid: _uid, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  const { status: _status, ...body } = object;
  return { ...body, metadata: kept } as KubernetesObject;
}

async function make(transport: Transport, object: KubernetesObject): Promise<void> {
  const body = withoutServerFields(object) as unknown as JsonObject;
  const answer = await transport.send({ method: 'POST', path: collectionPath(object, object.metadata.namespace), body }, 10_000);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
}

/** What `hear` throws is trouble in reaching the server. */
function overheard(transport: Transport, hear: (request: string) => void): Transport {
  return {
    ...transport,
    async send(request, timeout) {
      hear(`${request.method} ${request.path}`);
      return transport.send(request, timeout);
    },
  };
}

async function must(found: Promise<KubernetesObject | null>): Promise<KubernetesObject> {
  const object = await found;
  if (object === null) throw new Error('not in the sandbox');
  return object;
}

function endedStatus(phase: 'completed' | 'failed'): JsonObject {
  const jobRef = { kind: 'Job', name: 'ke-scale-deployment-1a2b3c4d', namespace, uid: 'job1' };
  const rollbackInformation = {
    available: true,
    action: 'scale_deployment',
    parameters: { namespace: 'production', deployment: 'payment-api', replicas: 2, restore: true },
    capturedAt: now,
  };
  const executionResults =
    phase === 'completed'
      ? { success: true, message: 'Successfully scaled payment-api to 5 replicas', validationResult: 'Verified 5 replicas running and ready' }
      : { success: false, errorMessage: 'only 4 of 5 replicas ready' };
  return { jobRef, rollbackInformation, executionResults, ...(phase === 'failed' && { reason: 'health_check_failed', message: 'only 4 of 5 replicas ready' }) };
}
