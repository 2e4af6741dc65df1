import type { ExecutionSpec } from '../../../shared/api/kubernetes-execution.ts';
import { admit } from '../../../shared/planning/admittance.ts';
import type { Settings } from '../settings.ts';
import { invalidBySentence, type Denied } from './decision.ts';

/** The questions that an execution is asked before it validates, asked before it is stored. */
export function executionFault(spec: ExecutionSpec, settings: Settings): Denied | null {
  const admittance = admit(spec, settings);
  return admittance.kind === 'refused' ? invalidBySentence(admittance.message) : null;
}
