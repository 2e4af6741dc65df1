import { parseAIAnalysis, type AIAnalysis } from '../../shared/api/ai-analysis.ts';
import { kinds, type KindName } from '../../shared/api/kinds.ts';
import { analysisName, processingName, workflowName } from '../../shared/api/names.ts';
import type { BoundRef, KubernetesObject } from '../../shared/api/object-ref.ts';
import { parseRemediationProcessing, type RemediationProcessing } from '../../shared/api/remediation-processing.ts';
import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import { parseWorkflowExecution, type WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { getBound } from '../../shared/reconciler/bound.ts';
import { isOurs } from '../../shared/reconciler/children.ts';

/** What the phases ask of the world. */
export interface Ports {
  readonly cluster: Pick<ClusterReader, 'get' | 'list'>;
}

/** The stages of a remediation; at most one is alive at a time. */
export type Child = RemediationProcessing | AIAnalysis | WorkflowExecution;

/** What every phase sees: the stage it waits for, alive or ended. Empty where it waits for none, or where that one is gone. */
export interface Family {
  readonly children: readonly Child[];
}

export async function readProcessing({ status }: RemediationRequest, ports: Ports): Promise<RemediationProcessing | null> {
  const object = await readNamed(status?.remediationProcessingRef, ports);
  return object === null ? null : parseRemediationProcessing(object);
}

export async function readAnalysis({ status }: RemediationRequest, ports: Ports): Promise<AIAnalysis | null> {
  const object = await readNamed(status?.aiAnalysisRef, ports);
  return object === null ? null : parseAIAnalysis(object);
}

export async function readWorkflow({ status }: RemediationRequest, ports: Ports): Promise<WorkflowExecution | null> {
  const object = await readNamed(status?.workflowRef, ports);
  return object === null ? null : parseWorkflowExecution(object);
}

async function readNamed(ref: BoundRef | undefined, { cluster }: Ports): Promise<KubernetesObject | null> {
  return ref === undefined ? null : getBound(cluster, ref);
}

/**
 * The children that may still live though their request is over. Found by their derived names, since a pass that lost may have made one that no
 * status names: the latest stage that is named, and the one after it.
 */
export async function readLatestChildren(request: RemediationRequest, ports: Ports): Promise<readonly Child[]> {
  const { aiAnalysisRef, remediationProcessingRef, workflowRef } = request.status ?? {};
  if (workflowRef !== undefined) return present(await readOwnWorkflow(request, ports));
  if (aiAnalysisRef !== undefined) return [...present(await readOwnAnalysis(request, ports)), ...present(await readOwnWorkflow(request, ports))];
  const processing = present(await readOwnProcessing(request, ports));
  return remediationProcessingRef === undefined ? processing : [...processing, ...present(await readOwnAnalysis(request, ports))];
}

/** The workflow of this request under its derived name, named by the status or not. */
export async function readOwnWorkflow(request: RemediationRequest, ports: Ports): Promise<WorkflowExecution | null> {
  const object = await readOwn(request, { kind: 'WorkflowExecution', name: workflowName(request.metadata.name) }, ports);
  return object === null ? null : parseWorkflowExecution(object);
}

async function readOwnAnalysis(request: RemediationRequest, ports: Ports): Promise<AIAnalysis | null> {
  const object = await readOwn(request, { kind: 'AIAnalysis', name: analysisName(request.metadata.name) }, ports);
  return object === null ? null : parseAIAnalysis(object);
}

async function readOwnProcessing(request: RemediationRequest, ports: Ports): Promise<RemediationProcessing | null> {
  const object = await readOwn(request, { kind: 'RemediationProcessing', name: processingName(request.metadata.name) }, ports);
  return object === null ? null : parseRemediationProcessing(object);
}

async function readOwn({ metadata }: RemediationRequest, { kind, name }: { readonly kind: KindName; readonly name: string }, { cluster }: Ports) {
  const found = await cluster.get({ apiVersion: kinds[kind].apiVersion, kind, name, namespace: metadata.namespace });
  return found !== null && isOurs(found, metadata.uid) ? found : null;
}

function present<Kind extends Child>(child: Kind | null): readonly Kind[] {
  return child === null ? [] : [child];
}
