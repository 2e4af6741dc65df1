import { pausedAnnotation } from '../../../shared/api/labels.ts';
import { parseRemediationRequest, type RemediationRequest } from '../../../shared/api/remediation-request.ts';
import { isTerminal } from '../../../shared/api/status.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { Connection } from './connection.ts';
import { findByName, listOf, readWorkflow, requestKind, type Found } from './find-resource.ts';
import { concerns, holdOf, pausesOf, type Hold } from './hold.ts';
import { OperatorFailure, UsageInvalid } from './operator-failure.ts';
import { printJson, printLines, type OutputFormat } from './output.ts';
import { patchObject } from './write-object.ts';

export interface ScopeOptions {
  readonly namespace?: string;
  readonly all?: boolean;
  readonly systemNamespace: string;
}

/** One request, or everything in a namespace. */
export type Scope = { readonly kind: 'request'; readonly name: string } | { readonly kind: 'namespace'; readonly name: string };

/** Closes the fence, and says for every request behind it whether that holds it. */
export async function pause(scope: Scope, { output }: { readonly output: OutputFormat }, connection: Connection): Promise<number> {
  const concerned = scope.kind === 'request' ? [await setPause(scope.name, true, connection)] : await annotate(scope.name, 'true', connection);
  const holds = concerned.flatMap(({ request, workflow }) => holdOf(request, workflow) ?? []);
  if (output === 'json') printJson({ paused: scope, requests: holds });
  else printLines([`${called(scope)} is paused: npx kubernaut resume ${argumentOf(scope)} ends that`, ...holdLines(holds, scope)]);
  return 0;
}

/** Opens the fence, and says what is still closed by another. */
export async function resume(scope: Scope, { output }: { readonly output: OutputFormat }, connection: Connection): Promise<number> {
  const concerned = scope.kind === 'request' ? [await setPause(scope.name, false, connection)] : await annotate(scope.name, null, connection);
  const paused = await pausedNamespaces(concerned, connection);
  const requests = concerned.map(({ request, workflow }) => {
    const pausedBy = pausesOf(request, workflow, paused ?? []);
    const message = paused === null && pausedBy.length === 0 ? unlessPaused : resumedSentence(pausedBy);
    return { request: request.metadata.name, phase: request.status?.phase ?? '', held: pausedBy.length > 0, message };
  });
  if (output === 'json') printJson({ resumed: scope, requests });
  else printLines([`${called(scope)} is not paused any more`, ...holdLines(requests, scope)]);
  return 0;
}

function resumedSentence(pausedBy: readonly string[]): string {
  return pausedBy.length === 0 ? 'goes on, within a minute or two' : `still held by ${pausedBy.join(' and ')}`;
}

const unlessPaused = 'goes on, within a minute or two, unless a namespace is paused: you may not list namespaces, so that was not looked at';

interface Concerned {
  readonly request: RemediationRequest;
  readonly workflow: WorkflowExecution | null;
}

async function setPause(name: string, isPaused: boolean, connection: Connection): Promise<Concerned> {
  const { request, workflow } = requireRequest(name, await findByName(name, connection));
  if (isTerminal(request.status?.phase))
    throw new OperatorFailure(`${request.metadata.name} is over (${request.status?.phase ?? ''}): there is nothing to ${isPaused ? 'pause' : 'resume'}`);
  const key = { ...requestKind, name: request.metadata.name, namespace: request.metadata.namespace };
  return { request: parseRemediationRequest(await patchObject(key, { spec: { pause: isPaused } }, connection)), workflow };
}

/** Only a request can be paused and cancelled. */
export function requireRequest(name: string, { request, workflow }: Found): Found & { readonly request: RemediationRequest } {
  if (request !== null) return { request, workflow };
  throw new OperatorFailure(
    `WorkflowExecution ${name} belongs to no RemediationRequest, and so it never acts: there is nothing to hold or to end; kubectl delete wf ${name} removes it`,
  );
}

async function annotate(namespace: string, value: string | null, connection: Connection): Promise<readonly Concerned[]> {
  const key = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  if ((await connection.cluster.get(key)) === null)
    throw new OperatorFailure(`there is no namespace ${namespace} at ${connection.server}: kubectl get namespaces lists them`);
  await patchObject(key, { metadata: { annotations: { [pausedAnnotation]: value } } }, connection);
  const live = await liveRequests(connection);
  return live.filter(({ request, workflow }) => concerns(request, workflow, namespace));
}

async function liveRequests(connection: Connection): Promise<readonly Concerned[]> {
  const requests = (await listOf(requestKind, connection)).map(parseRemediationRequest).filter(({ status }) => !isTerminal(status?.phase));
  return Promise.all(
    requests.map(async (request) => {
      const reference = request.status?.workflowRef;
      return { request, workflow: reference === undefined ? null : await readWorkflow(reference.name, connection) };
    }),
  );
}

/** Of the namespaces that these requests have to do with. Null: the user may not see them, and a request is resumed all the same. */
async function pausedNamespaces(concerned: readonly Concerned[], { cluster, systemNamespace }: Connection): Promise<readonly string[] | null> {
  if (concerned.length === 0) return [];
  const namespaces = await cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, {}).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  });
  if (namespaces === null) return null;
  const paused = namespaces.filter(({ metadata }) => metadata.annotations?.[pausedAnnotation] === 'true').map(({ metadata }) => metadata.name);
  return paused.filter((name) => name === systemNamespace || concerned.some(({ request, workflow }) => concerns(request, workflow, name)));
}

/** Throws UsageInvalid where it is not exactly one. */
export function scopeOf(name: string | undefined, { namespace, all = false, systemNamespace }: ScopeOptions): Scope {
  if ([name !== undefined, namespace !== undefined, all].filter(Boolean).length !== 1) {
    throw new UsageInvalid('give exactly one of NAME, --namespace and --all: a request, the namespace of its target, or everything');
  }
  if (name !== undefined) return { kind: 'request', name };
  return { kind: 'namespace', name: namespace ?? systemNamespace };
}

function called({ kind, name }: Scope): string {
  return kind === 'request' ? `RemediationRequest ${name}` : `namespace ${name}`;
}

function argumentOf({ kind, name }: Scope): string {
  return kind === 'request' ? name : `--namespace ${name}`;
}

function holdLines(holds: readonly Hold[], { kind }: Scope): readonly string[] {
  if (holds.length === 0) return kind === 'namespace' ? ['  no request that is under way is concerned'] : [];
  return holds.map(({ request, phase, message }) => `  ${request} (${phase === '' ? 'new' : phase}): ${message}`);
}
