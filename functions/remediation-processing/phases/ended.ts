import type { RemediationProcessing } from '../../../shared/api/remediation-processing.ts';
import { nothing, type Phase } from '../../../shared/reconciler/phase.ts';
import type { Ports } from '../ports.ts';

/** The pass after the end: a processing holds nothing and has no children. */
export const ended: Phase<RemediationProcessing, null, Ports> = {
  observe: () => Promise.resolve(null),
  decide: () => nothing,
};
