import type { KindName } from '../../../shared/api/kinds.ts';

type Rows = Readonly<Record<string, string>>;

/** The audit row that entering a phase leaves (api.md §2 to §6); phases without one are steps on the way. */
const rows: Readonly<Record<KindName, Rows>> = {
  RemediationRequest: {
    processing: 'request.phase',
    analyzing: 'request.phase',
    executing: 'request.phase',
    blocked: 'request.blocked',
    completed: 'request.completed',
    failed: 'request.failed',
    cancelled: 'request.cancelled',
  },
  RemediationProcessing: { enriching: 'processing.started', completed: 'processing.completed', failed: 'processing.failed' },
  AIAnalysis: { completed: 'analysis.completed', failed: 'analysis.failed' },
  WorkflowExecution: {
    validating: 'workflow.planned',
    executing: 'workflow.validated',
    rolling_back: 'workflow.rollback',
    completed: 'workflow.completed',
    failed: 'workflow.failed',
  },
  KubernetesExecution: { executing: 'execution.validated', completed: 'execution.completed', failed: 'execution.failed' },
};

export function rowOfPhase(kind: KindName, phase: string): string | null {
  return rows[kind][phase] ?? null;
}
