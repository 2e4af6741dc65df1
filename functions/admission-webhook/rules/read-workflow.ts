import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { InvalidResourceError } from '../../../shared/api/resource.ts';
import { parseWorkflowExecution, type WorkflowExecution } from '../../../shared/api/workflow-execution.ts';

export type ReadWorkflow = { readonly kind: 'read'; readonly workflow: WorkflowExecution } | { readonly kind: 'unreadable'; readonly message: string };

/** The stored workflow, or why it is none that we know: an object of a newer or an older definition is no reason to throw. */
export function readWorkflow(object: JsonObject | null): ReadWorkflow {
  try {
    return { kind: 'read', workflow: parseWorkflowExecution(object as unknown as KubernetesObject) };
  } catch (error) {
    if (!(error instanceof InvalidResourceError)) throw error;
    return { kind: 'unreadable', message: error.message };
  }
}
