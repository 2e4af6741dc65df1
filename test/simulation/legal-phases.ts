import type { KindName } from '../../shared/api/kinds.ts';

type Steps = Readonly<Record<string, readonly string[]>>;

/** Where each phase may lead (api.md §2 to §6). Nothing else. */
const legal: Readonly<Record<KindName, Steps>> = {
  RemediationRequest: {
    '': ['processing', 'blocked', 'completed', 'failed', 'cancelled'],
    processing: ['analyzing', 'failed', 'cancelled'],
    analyzing: ['executing', 'blocked', 'completed', 'failed', 'cancelled'],
    blocked: ['processing', 'executing', 'completed', 'failed', 'cancelled'],
    executing: ['completed', 'failed', 'cancelled'],
  },
  RemediationProcessing: { '': ['enriching', 'failed'], enriching: ['classifying', 'failed'], classifying: ['completed', 'failed'] },
  AIAnalysis: {
    '': ['investigating', 'failed'],
    investigating: ['analyzing', 'failed'],
    analyzing: ['recommending', 'failed'],
    recommending: ['completed', 'failed'],
  },
  WorkflowExecution: {
    '': ['planning', 'failed'],
    planning: ['validating', 'failed'],
    validating: ['executing', 'completed', 'failed'],
    executing: ['monitoring', 'rolling_back', 'failed'],
    monitoring: ['rolling_back', 'completed', 'failed'],
    rolling_back: ['failed'],
  },
  KubernetesExecution: { '': ['validating', 'failed'], validating: ['executing', 'completed', 'failed'], executing: ['completed', 'failed'] },
};

export function isLegal(kind: KindName, from: string, to: string): boolean {
  return from === to || (legal[kind][from]?.includes(to) ?? false);
}
