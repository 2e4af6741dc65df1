import type { RecordAudit } from '../../shared/reconciler/effect.ts';
import { audit } from '../../shared/reconciler/transition.ts';

/** An audit row of something that happens within executing: the intent, the Job, what the outcome check saw. */
export function told({ reason = '', ...row }: Pick<RecordAudit, 'type' | 'message' | 'payload'> & { readonly reason?: string }): RecordAudit {
  return audit({ ...row, reason }, 'executing', 'executing');
}
