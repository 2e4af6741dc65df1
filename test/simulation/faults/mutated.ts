import { AsyncLocalStorage } from 'node:async_hooks';
import type { MemoryQueues } from '../../../infra/local/queue/memory-queues.ts';
import type { Surroundings } from '../../../infra/local/stack/story-stack.ts';
import { listAll } from '../../../infra/local/story/observe.ts';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { kinds, type KindName } from '../../../shared/api/kinds.ts';
import { voidAnnotation } from '../../../shared/api/labels.ts';
import { controllerOf, refOf, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { isTerminal } from '../../../shared/api/status.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../../shared/kubernetes/request.ts';
import { listAt, mapAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import type { OutgoingMessage } from '../../../shared/queue/ports.ts';
import type { Mutant } from './run.ts';

export interface MutationOptions {
  readonly mutant: Mutant | null;
  /** Whose invocation it is; null outside of any. */
  readonly current: () => string | null;
  readonly admin: () => Transport;
}

type Send = Transport['send'];
type Mutation = (send: Send, options: MutationOptions) => Send;

/** The product without one of the things that make it safe: what it asks for is taken away on the way out. */
export function mutated(troubled: Surroundings, options: MutationOptions): Surroundings {
  const { mutant } = options;
  if (mutant === null) return troubled;
  if (mutant === 'audit before act') return withLateAudit(troubled);
  const { functionsTransport } = troubled;
  const send = mutations[mutant]((request, timeout) => functionsTransport.send(request, timeout), options);
  return { ...troubled, functionsTransport: { ...functionsTransport, send } };
}

const mutations: Readonly<Record<Exclude<Mutant, 'audit before act'>, Mutation>> = {
  Lease: withoutLease,
  finalizer: withoutFinalizer,
  'lookup by name': withoutLookup,
  'permission to act': withoutPermission,
  resourceVersion: withoutResourceVersion,
  'void Job': withoutVoid,
};

/** Every lock is granted, and none is held. */
function withoutLease(send: Send): Send {
  return async (request, timeout) => {
    const { method, path, body } = request;
    const isLock = method === 'POST' && path.endsWith('/leases') && (stringAt(body, 'metadata', 'name') ?? '').startsWith('target-');
    if (!isLock) return send(request, timeout);
    const metadata = { ...mapAt(body, 'metadata'), uid: `no-lock-of-${stringAt(body, 'spec', 'holderIdentity') ?? ''}`.slice(0, 64), resourceVersion: '1' };
    return { status: 201, body: { ...(body as JsonObject), metadata: metadata as JsonObject } };
  };
}

function withoutFinalizer(send: Send): Send {
  return (request, timeout) => {
    if (request.method !== 'POST' || !request.path.endsWith('/jobs')) return send(request, timeout);
    const { finalizers: _dropped, ...metadata } = mapAt(request.body, 'metadata') as JsonObject;
    return send({ ...request, body: { ...(request.body as JsonObject), metadata } }, timeout);
  };
}

/** A Job that is not yet in the status is not found by its name; only after a create has met it may it be read. */
function withoutLookup(send: Send, { admin }: MutationOptions): Send {
  const met = new Set<string>();
  return async (request, timeout) => {
    const { method, path, body } = request;
    const answer = await send(request, timeout);
    if (method === 'POST' && path.endsWith('/jobs') && answer.status === 409) met.add(`${path}/${stringAt(body, 'metadata', 'name') ?? ''}`);
    if (method !== 'GET' || !/\/jobs\/[^/]+$/.test(path) || answer.status !== 200 || met.delete(path)) return answer;
    const uid = controllerOf(answer.body as unknown as KubernetesObject)?.uid;
    const execution = (await childrenOf(admin(), 'KubernetesExecution')).find(({ metadata }) => metadata.uid === uid);
    return stringAt(execution, 'status', 'jobRef', 'uid') === null ? notFound : answer;
  };
}

const notFound: ApiResponse = { status: 404, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404, message: 'hidden' } };

/** Whoever looks up sees an owner that names it and wants it. */
function withoutPermission(send: Send, { admin, current }: MutationOptions): Send {
  return async (request, timeout) => {
    const answer = await send(request, timeout);
    if (request.method !== 'GET' || answer.status !== 200) return answer;
    const owner = answer.body as unknown as KubernetesObject;
    if (current() === 'workflow-execution' && request.path.includes('/remediationrequests/')) return { ...answer, body: await willingRequest(owner, admin()) };
    if (current() === 'kubernetes-execution' && request.path.includes('/workflowexecutions/'))
      return { ...answer, body: await willingWorkflow(owner, admin()) };
    return answer;
  };
}

async function willingRequest(request: KubernetesObject, admin: Transport): Promise<JsonValue> {
  const workflow = (await childrenOf(admin, 'WorkflowExecution')).find((child) => controllerOf(child)?.uid === request.metadata.uid);
  const workflowRef = workflow === undefined ? {} : { workflowRef: refOf(workflow) };
  const spec = { ...mapAt(request, 'spec'), cancel: false, pause: false };
  return { ...request, spec, status: { ...mapAt(request, 'status'), phase: 'executing', ...workflowRef } } as unknown as JsonValue;
}

async function willingWorkflow(workflow: KubernetesObject, admin: Transport): Promise<JsonValue> {
  const { uid, name } = workflow.metadata;
  const children = (await childrenOf(admin, 'KubernetesExecution')).filter((child) => controllerOf(child)?.uid === uid);
  const named = children.map((child) => ({
    stepName: child.metadata.name.slice(name.length + 1).slice(0, 40),
    phase: 'executing',
    executionRef: refOf(child),
  }));
  const phase = stringAt(workflow, 'status', 'phase') ?? '';
  const { annotations: _cancelled, ...metadata } = workflow.metadata;
  const stepStatuses = [...listAt(workflow, 'status', 'stepStatuses'), ...named];
  const status = { ...mapAt(workflow, 'status'), phase: isTerminal(phase) ? 'executing' : phase, stepStatuses };
  return { ...workflow, metadata, status } as unknown as JsonValue;
}

function withoutResourceVersion(send: Send): Send {
  return (request, timeout) => {
    if (request.method !== 'PATCH' || !request.path.endsWith('/status')) return send(request, timeout);
    const { resourceVersion: _dropped, ...metadata } = mapAt(request.body, 'metadata') as JsonObject;
    return send({ ...request, body: { ...(request.body as JsonObject), metadata } } satisfies ApiRequest, timeout);
  };
}

/** The name of a Job that will not be is taken by nobody, though whoever asks is told so. */
function withoutVoid(send: Send): Send {
  return async (request, timeout) => {
    const { method, path, body } = request;
    const isVoid = method === 'POST' && path.endsWith('/jobs') && stringAt(body, 'metadata', 'annotations', voidAnnotation) !== null;
    if (!isVoid) return send(request, timeout);
    const metadata = { ...mapAt(body, 'metadata'), uid: 'of-nothing', resourceVersion: '1' };
    return { status: 201, body: { ...(body as JsonObject), metadata: metadata as JsonObject } };
  };
}

function childrenOf(admin: Transport, kind: KindName): Promise<readonly KubernetesObject[]> {
  return listAll(admin, { apiVersion: kinds[kind].apiVersion, kind });
}

/** Act first, and tell afterwards: rows leave when their invocation is over, and never where it died. */
function withLateAudit(troubled: Surroundings): Surroundings {
  const held = new AsyncLocalStorage<(() => Promise<void>)[]>();
  const queues: MemoryQueues = {
    ...troubled.queues,
    async send(queue, messages: readonly OutgoingMessage[]) {
      const rows = queue === 'audit' ? held.getStore() : undefined;
      if (rows === undefined) return troubled.queues.send(queue, messages);
      rows.push(() => troubled.queues.send(queue, messages));
    },
  };
  return {
    ...troubled,
    queues,
    aroundInvocation: (functionName, invoke) =>
      troubled.aroundInvocation(functionName, () =>
        held.run([], async () => {
          const answer = await invoke();
          for (const send of held.getStore() ?? []) await send().catch(() => undefined);
          return answer;
        }),
      ),
  };
}
