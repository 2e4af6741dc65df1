import { access } from '../../functions/remediation-orchestrator/access.ts';
import { compose } from '../../functions/remediation-orchestrator/handler.ts';
import { identityManifests } from '../../infra/cluster/identity.ts';
import { customResourceDefinition } from '../../shared/api/crd.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { definitions, kinds, type KindName } from '../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { parseRemediationRequest, type RemediationRequest } from '../../shared/api/remediation-request.ts';
import { createCluster } from '../../shared/kubernetes/cluster.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { collectionPath } from '../../shared/kubernetes/resource-path.ts';
import { reconcileMessageSchema, type ReconcileMessage } from '../../shared/queue/messages.ts';
import { silentLogger, type LogFields } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { aRecord, anEvent, namespace, stillClock } from './kernel.ts';
import { queuesTwin } from './queues-twin.ts';
import { aServiceAccountUser } from './rbac.ts';
import { aCompletedProcessing, anAnalysis, aRequest, now, type RequestOverrides } from './requests.ts';
import { aWorld, extensionsForTests } from './sandbox.ts';

const environment = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/queues/', KUBERNAUT_KUBECONFIG_FILE: 'unused' };
const timeoutMilliseconds = () => 10_000;

export type ChildKind = Extract<KindName, 'RemediationProcessing' | 'AIAnalysis' | 'WorkflowExecution'>;
const suffix: Readonly<Record<ChildKind, string>> = { RemediationProcessing: 'processing', AIAnalysis: 'analysis', WorkflowExecution: 'workflow' };

export interface RequestWorld {
  /** A person's hands, and those of the other functions. */
  readonly administrator: Cluster;
  /** What the function asked the API server, in order: 'GET …/rr-1'. */
  readonly requests: readonly string[];
  /** Creates a request as alert-intake would. */
  fire(name: string, overrides?: RequestOverrides): Promise<void>;
  request(name?: string): Promise<RemediationRequest>;
  child(kind: ChildKind, request?: string): Promise<KubernetesObject | null>;
  /** One pass; throws what the queue would see as a failure. */
  pass(name?: string): Promise<void>;
  /** Passes until nothing changes, as the watcher would wake them. */
  settle(name?: string): Promise<RemediationRequest>;
  /** A child as its own function leaves it, and the passes of the request that this wakes. */
  finish(kind: ChildKind, status?: JsonObject, request?: string): Promise<RemediationRequest>;
  /** Processing and analysis end well. */
  analyse(request?: string): Promise<RemediationRequest>;
  setSpec(patch: JsonObject, name?: string): Promise<void>;
  setStatus(patch: JsonObject, name?: string): Promise<void>;
  pauseNamespace(name: string, value: string | null): Promise<void>;
  /** Names of the Leases, and the requests that hold them. */
  leases(): Promise<readonly string[]>;
  /** Time passes; every timer of these requests that is due in it is delivered. */
  elapse(seconds: number): Promise<void>;
  /** Keys sent to other queues or to other requests, as `queue/name`. */
  woken(): readonly string[];
  /** `Normal RemediationStarted`, in the order of their making. */
  events(): Promise<readonly string[]>;
  /** Types of the audit rows sent. */
  rows(): readonly string[];
}

/** The request's own handler on a sandbox that checks our CRDs and lets the function do what its access.ts says and nothing more. */
export async function aRequestWorld(): Promise<RequestWorld> {
  const clock = stillClock(now);
  const { sandbox, transport } = aWorld({
    extensions: extensionsForTests,
    clock: { ...clock, track: async (work) => (typeof work === 'function' ? work() : work) },
  });
  const requests: string[] = [];
  const administrator = createCluster({ transport, namespace, timeoutMilliseconds });
  for (const object of [...definitions.map(customResourceDefinition), ...surroundings()]) await make(transport, object as KubernetesObject);

  const queues = queuesTwin();
  const sentAt: number[] = [];
  queues.onSent = () => void sentAt.push(...queues.sent.slice(sentAt.length).map(() => clock.milliseconds()));
  const cluster = createCluster({ transport: overheard(sandbox.transport(aServiceAccountUser('the-room')), requests), namespace, timeoutMilliseconds });
  let trouble = '';
  const noted = (_message: string, fields: LogFields = {}) => void (trouble = stringAt(fields, 'error') ?? '');
  const logger = { ...silentLogger, warn: noted, error: noted };
  const handler = await compose(environment, { cluster, queues, clock, logger, metrics: silentMetrics, random: () => 0 });
  const deliver = async (message: Partial<ReconcileMessage>) => {
    const body = { cluster: 'primary-cluster', kind: 'RemediationRequest', namespace, name: 'rr-1', cause: 'watch', ...message };
    const { batchItemFailures } = await handler(anEvent(aRecord(body)), { getRemainingTimeInMillis: () => 30_000 });
    if (batchItemFailures.length > 0) throw new Error(`the pass of ${JSON.stringify(body)} failed: ${trouble}`);
  };
  const keyOf = (name: string) => ({ apiVersion: kinds.RemediationRequest.apiVersion, kind: 'RemediationRequest', name, namespace });
  const delivered = new Set<number>();

  const world: RequestWorld = {
    administrator,
    requests,
    async fire(name, overrides = {}) {
      const { metadata, status: _status, ...object } = aRequest({ ...overrides, metadata: { ...overrides.metadata, name } });
      await make(transport, { ...object, metadata: { ...metadata, annotations: { 'kubernaut.io/traceparent': `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } } });
    },
    request: async (name = 'rr-1') => parseRemediationRequest(await must(administrator.get(keyOf(name)))),
    child: (kind, request = 'rr-1') => administrator.get({ apiVersion: kinds[kind].apiVersion, kind, name: `${request}-${suffix[kind]}`, namespace }),
    pass: (name = 'rr-1') => deliver({ name }),
    async settle(name = 'rr-1') {
      for (let passes = 0; passes < 50; passes += 1) {
        const before = await world.request(name);
        await deliver({ name });
        const after = await world.request(name);
        if (after.metadata.resourceVersion === before.metadata.resourceVersion) return after;
      }
      throw new Error('the request does not come to rest');
    },
    async finish(kind, status = {}, request = 'rr-1') {
      const { metadata, ...key } = await must(world.child(kind, request));
      const ended = { phase: 'completed', completionTime: clock.now(), ...status };
      await administrator.patchStatus({ apiVersion: key.apiVersion, kind, name: metadata.name, namespace }, ended, metadata.resourceVersion ?? '');
      return world.settle(request);
    },
    async analyse(request = 'rr-1') {
      await world.settle(request);
      await world.finish('RemediationProcessing', plain(aCompletedProcessing().status), request);
      return world.finish('AIAnalysis', plain(anAnalysis().status), request);
    },
    async setSpec(spec, name = 'rr-1') {
      const path = `${collectionPath(keyOf(name), namespace)}/${name}`;
      const answer = await transport.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { spec } }, 10_000);
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    },
    async setStatus(status, name = 'rr-1') {
      await administrator.patchStatus(keyOf(name), status, (await world.request(name)).metadata.resourceVersion);
    },
    async pauseNamespace(name, value) {
      await administrator.patchMetadata({ apiVersion: 'v1', kind: 'Namespace', name }, { annotations: { 'kubernaut.io/paused': value } });
    },
    async leases() {
      const leases = await administrator.list({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }, { namespace });
      return leases.map(({ metadata }) => `${metadata.name} ${metadata.labels?.['kubernaut.io/remediation-request'] ?? ''}`);
    },
    async elapse(seconds) {
      const end = clock.milliseconds() + seconds * 1_000;
      for (;;) {
        const [due] = queues.sent
          .map(({ queue, body, delaySeconds = 0 }, index) => ({ index, queue, body, at: (sentAt[index] ?? 0) + delaySeconds * 1_000 }))
          .filter(({ index, queue, at }) => queue === 'remediation-requests' && at <= end && !delivered.has(index))
          .toSorted((a, b) => a.at - b.at);
        if (due === undefined) break;
        delivered.add(due.index);
        clock.advance(Math.max(0, due.at - clock.milliseconds()) / 1_000);
        const message = reconcileMessageSchema.parse(due.body);
        const before = await world.request(message.name);
        await deliver(message);
        if ((await world.request(message.name)).metadata.resourceVersion !== before.metadata.resourceVersion) await world.settle(message.name);
      }
      clock.advance((end - clock.milliseconds()) / 1_000);
    },
    woken: () =>
      queues.sent.flatMap(({ queue, body }) => {
        const isTimer = stringAt(body, 'cause') === 'timer';
        return queue === 'audit' || isTimer ? [] : [`${queue}/${stringAt(body, 'name')}`];
      }),
    async events() {
      const events = await administrator.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
      const byAge = events.toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
      return byAge.map((event) => `${stringAt(event, 'type')} ${stringAt(event, 'reason')}`);
    },
    rows: () => queues.sent.filter(({ queue }) => queue === 'audit').map(({ body }) => stringAt(body, 'type') ?? ''),
  };
  return world;
}

function surroundings(): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } },
    ...identityManifests({ name: 'the-room', role: 'the-room', ...access }),
  ];
}

async function make(transport: Transport, { metadata, ...object }: KubernetesObject): Promise<void> {
  const { uid: _uid, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  const body = { ...object, metadata: kept } as unknown as JsonObject;
  const answer = await transport.send({ method: 'POST', path: collectionPath(object as KubernetesObject, metadata.namespace), body }, 10_000);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
}

function overheard(transport: Transport, requests: string[]): Transport {
  return {
    ...transport,
    async send(request, timeout) {
      requests.push(`${request.method} ${request.path}`);
      return transport.send(request, timeout);
    },
  };
}

async function must(found: Promise<KubernetesObject | null>): Promise<KubernetesObject> {
  const object = await found;
  if (object === null) throw new Error('not in the sandbox');
  return object;
}

function plain(status: object | undefined): JsonObject {
  return JSON.parse(JSON.stringify(status ?? {})) as JsonObject;
}
