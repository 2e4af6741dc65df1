import { instantFromMilliseconds, millisecondsOf } from '../../../shared/api/time.ts';
import { controllerOf, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { InvalidResourceError } from '../../../shared/api/resource.ts';
import { parseAIAnalysis } from '../../../shared/api/ai-analysis.ts';
import { parseWorkflowExecution, type WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { approvalsInFull, approvalsTable } from './approvals-text.ts';
import type { Connection } from './connection.ts';
import { analysisKind, listOf, readRequest, workflowKind } from './find-resource.ts';
import { printJson, printLines } from './output.ts';
import { pendingApproval, type Family, type PendingApproval } from './pending-approval.ts';

export const ApprovalsFormat = ['wide', 'table', 'json'] as const;
export type ApprovalsFormat = (typeof ApprovalsFormat)[number];

/** Prints what waits for a person, what expires first being first. */
export async function approvals(connection: Connection, { output }: { readonly output: ApprovalsFormat }): Promise<number> {
  const workflows = (await listOf(workflowKind, connection)).flatMap(readable);
  const found = await Promise.all(workflows.map((workflow) => readPending(workflow, connection)));
  const pending = found.filter((approval) => approval !== null).toSorted((a, b) => millisecondsOf(a.expiresAt) - millisecondsOf(b.expiresAt));
  print(pending, output);
  return 0;
}

/** One that an older version wrote, and this one cannot read, hides none of the others. */
function readable(object: KubernetesObject): readonly WorkflowExecution[] {
  try {
    return [parseWorkflowExecution(object)];
  } catch (error) {
    if (!(error instanceof InvalidResourceError)) throw error;
    console.error(`warning: WorkflowExecution ${object.metadata.name} is left out: ${error.message}`);
    return [];
  }
}

/** The family is read only for what waits. Null: nothing to decide. */
export async function readPending(workflow: WorkflowExecution, connection: Connection): Promise<PendingApproval | null> {
  const now = instantFromMilliseconds(Date.now());
  if (pendingApproval(workflow, { request: null, analysis: null }, now) === null) return null;
  return pendingApproval(workflow, await readFamily(workflow, connection), now);
}

async function readFamily(workflow: WorkflowExecution, connection: Connection): Promise<Family> {
  const owner = controllerOf(workflow);
  const request = owner === null ? null : await readRequest(owner.name, connection);
  const reference = request?.status?.aiAnalysisRef;
  const object = reference === undefined ? null : await connection.cluster.get({ ...analysisKind, name: reference.name, namespace: reference.namespace });
  return { request, analysis: object === null ? null : parseAIAnalysis(object) };
}

function print(pending: readonly PendingApproval[], output: ApprovalsFormat): void {
  switch (output) {
    case 'json':
      return printJson({ items: pending });
    case 'table':
      return printLines(pending.length === 0 ? [nothingWaits] : approvalsTable(pending));
    case 'wide':
      return printLines(pending.length === 0 ? [nothingWaits] : approvalsInFull(pending));
  }
}

const nothingWaits = 'nothing waits for approval';
