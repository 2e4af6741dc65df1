import { aiAnalysisDefinition } from './ai-analysis.ts';
import type { KindDefinition } from './definition.ts';
import { kubernetesExecutionDefinition } from './kubernetes-execution.ts';
import { remediationProcessingDefinition } from './remediation-processing.ts';
import { remediationRequestDefinition } from './remediation-request.ts';
import { workflowExecutionDefinition } from './workflow-execution.ts';

/** The five kinds, in the order in which a remediation makes them. */
export const KindName = ['RemediationRequest', 'RemediationProcessing', 'AIAnalysis', 'WorkflowExecution', 'KubernetesExecution'] as const;
export type KindName = (typeof KindName)[number];

export const QueueName = ['remediation-requests', 'remediation-processings', 'ai-analyses', 'workflow-executions', 'kubernetes-executions'] as const;
export type QueueName = (typeof QueueName)[number];

export interface KindEntry {
  readonly apiVersion: string;
  readonly group: string;
  readonly plural: string;
  /** Without the prefix of the stage. */
  readonly queue: QueueName;
}

export const kinds: Readonly<Record<KindName, KindEntry>> = {
  RemediationRequest: entryOf(remediationRequestDefinition, 'remediation-requests'),
  RemediationProcessing: entryOf(remediationProcessingDefinition, 'remediation-processings'),
  AIAnalysis: entryOf(aiAnalysisDefinition, 'ai-analyses'),
  WorkflowExecution: entryOf(workflowExecutionDefinition, 'workflow-executions'),
  KubernetesExecution: entryOf(kubernetesExecutionDefinition, 'kubernetes-executions'),
};

export const definitions: readonly KindDefinition[] = [
  remediationRequestDefinition,
  remediationProcessingDefinition,
  aiAnalysisDefinition,
  workflowExecutionDefinition,
  kubernetesExecutionDefinition,
];

export function isKindName(kind: string): kind is KindName {
  return KindName.some((known) => known === kind);
}

/** Null for a queue that carries no kind, such as alerts or audit. */
export function kindOfQueue(queue: string): KindName | null {
  return KindName.find((kind) => kinds[kind].queue === queue) ?? null;
}

function entryOf({ group, version, plural }: KindDefinition, queue: QueueName): KindEntry {
  return { apiVersion: `${group}/${version}`, group, plural, queue };
}
