import { nearest } from '../../../shared/actions/nearest.ts';
import { kinds } from '../../../shared/api/kinds.ts';
import { controllerOf, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { parseRemediationRequest, type RemediationRequest } from '../../../shared/api/remediation-request.ts';
import { parseWorkflowExecution, type WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { Connection } from './connection.ts';
import { OperatorFailure } from './operator-failure.ts';

export const requestKind = { apiVersion: kinds.RemediationRequest.apiVersion, kind: 'RemediationRequest' } as const;
export const workflowKind = { apiVersion: kinds.WorkflowExecution.apiVersion, kind: 'WorkflowExecution' } as const;
export const analysisKind = { apiVersion: kinds.AIAnalysis.apiVersion, kind: 'AIAnalysis' } as const;

/** What a name stands for: a request, its workflow, or both. A workflow may have been made by hand, without a request. */
export interface Found {
  readonly request: RemediationRequest | null;
  readonly workflow: WorkflowExecution | null;
}

const pageSize = 100;
const namesMax = 2_000; // enough to find what was meant; a day of a busy cluster

/** NAME may be that of a RemediationRequest or of a WorkflowExecution. Throws OperatorFailure with the name that was probably meant. */
export async function findByName(name: string, connection: Connection): Promise<Found> {
  const request = await readRequest(name, connection);
  if (request !== null) {
    const reference = request.status?.workflowRef;
    return { request, workflow: reference === undefined ? null : await readWorkflow(reference.name, connection) };
  }
  const workflow = await readWorkflow(name, connection);
  if (workflow === null) throw await unknownName(name, connection);
  const owner = controllerOf(workflow);
  return { workflow, request: owner === null ? null : await readRequest(owner.name, connection) };
}

export async function readRequest(name: string, { cluster, systemNamespace: namespace }: Connection): Promise<RemediationRequest | null> {
  const object = await cluster.get({ ...requestKind, name, namespace });
  return object === null ? null : parseRemediationRequest(object);
}

export async function readWorkflow(name: string, { cluster, systemNamespace: namespace }: Connection): Promise<WorkflowExecution | null> {
  const object = await cluster.get({ ...workflowKind, name, namespace });
  return object === null ? null : parseWorkflowExecution(object);
}

/** Every object of a kind in the product's namespace, page by page, at most two thousand. */
export async function listOf(kind: { readonly apiVersion: string; readonly kind: string }, connection: Connection): Promise<readonly KubernetesObject[]> {
  const { cluster, systemNamespace: namespace } = connection;
  const objects: KubernetesObject[] = [];
  let from: string | undefined;
  do {
    const page = await cluster.listPage(kind, { namespace, limit: pageSize, from });
    objects.push(...page.items);
    from = page.next ?? undefined;
  } while (from !== undefined && objects.length < namesMax);
  return objects;
}

/** Lists too, so that a cluster without our kinds says so: for a single object it answers like for a name that is wrong. */
async function unknownName(name: string, connection: Connection): Promise<OperatorFailure> {
  const objects = [...(await listOf(requestKind, connection)), ...(await listOf(workflowKind, connection))];
  const names = objects.map(({ metadata }) => metadata.name);
  const place = `in namespace ${connection.systemNamespace} of ${connection.server}`;
  if (names.length === 0) {
    return new OperatorFailure(
      `there is no RemediationRequest ${place}, so none is called ${name}: is this the cluster, and the namespace of KUBERNAUT_NAMESPACE?`,
    );
  }
  const meant = nearest(name, names) ?? names.find((known) => known.startsWith(name) || known.includes(name)) ?? null;
  const remedy = meant === null ? 'kubectl get rr,wf -n ' + connection.systemNamespace + ' lists them' : `did you mean ${meant}?`;
  return new OperatorFailure(`no RemediationRequest or WorkflowExecution is called ${name} ${place}: ${remedy}`);
}
