import { queueNames, type DeadLetterQueueName, type QueueName } from '../../shared/queue/ports.ts';

export type SecretName = 'webhookTokens' | 'admissionPath' | 'kubeconfig' | 'databaseUrl';

/** What a function calls in AWS: the source of its role. test/cloud holds it against the calls of whole stories, in both directions. */
export interface FunctionAccess {
  readonly takes: QueueName | null;
  readonly sends: readonly (QueueName | DeadLetterQueueName)[];
  /** Whose depth it reads. */
  readonly measures: readonly QueueName[];
  readonly secrets: readonly SecretName[];
}

export const kindQueues = queueNames.filter((queue) => queue !== 'alerts' && queue !== 'audit');
const nothing: FunctionAccess = { takes: null, sends: [], measures: [], secrets: [] };

/** What can never be handled goes to the queue's own dead letters; what is decided goes to the audit. */
const taking = (queue: QueueName, sends: readonly QueueName[] = []): FunctionAccess => ({
  ...nothing,
  takes: queue,
  sends: [...sends, 'audit', `${queue}-dlq`],
  secrets: ['kubeconfig'],
});

export const functionAccess: Readonly<Record<string, FunctionAccess>> = {
  'alert-webhook': { ...nothing, sends: ['alerts'], secrets: ['webhookTokens'] },
  'admission-webhook': { ...nothing, sends: ['audit'], secrets: ['admissionPath'] },
  'alert-intake': taking('alerts'),
  // Timers go to its own queue; a workflow is woken when its request's pause ends.
  'remediation-orchestrator': taking('remediation-requests', ['remediation-requests', 'workflow-executions']),
  'remediation-processing': taking('remediation-processings'),
  'ai-analysis': { ...taking('ai-analyses', ['ai-analyses']), secrets: ['kubeconfig', 'databaseUrl'] },
  'workflow-execution': taking('workflow-executions', ['workflow-executions']),
  'kubernetes-execution': taking('kubernetes-executions', ['kubernetes-executions']),
  'audit-writer': { ...nothing, takes: 'audit', sends: ['audit-dlq'], secrets: ['databaseUrl'] },
  sweeper: { ...nothing, sends: [...kindQueues, 'audit'], measures: kindQueues, secrets: ['kubeconfig'] },
};

/** The function that takes from a queue. */
export function consumerOf(queue: QueueName): string {
  const found = Object.entries(functionAccess).find(([, { takes }]) => takes === queue);
  if (found === undefined) throw new Error(`nobody takes from ${queue}`);
  return found[0];
}
