import { contentDigest } from '../api/digest.ts';
import type { WorkflowSpec } from '../api/workflow-execution.ts';
import type { Batch } from '../api/workflow-status.ts';

/** What a person approves: everything that says what will run, and in which order. */
export function planDigest({ workflowDefinition, executionStrategy, targetCluster }: WorkflowSpec, executionOrder: readonly Batch[]): string {
  return contentDigest({ workflowDefinition, executionStrategy, targetCluster, executionOrder });
}
