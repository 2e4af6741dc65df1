import {
  approveAnnotation,
  cancelledByAnnotation,
  decidedAtAnnotation,
  decidedByAnnotation,
  planDigestAnnotation,
  rejectAnnotation,
} from '../../../shared/api/labels.ts';
import { stringsAt } from '../../../shared/kubernetes/unstructured.ts';
import { cancels } from './canceller.ts';
import { forbidden, type Denied } from './decision.ts';
import type { Review } from './review.ts';

const mapNames = ['labels', 'annotations'] as const;
/** Judged as decisions, with reasons of their own. */
const ofApprovals: readonly string[] = [approveAnnotation, rejectAnnotation, decidedByAnnotation, decidedAtAnnotation, planDigestAnnotation];

/** Is this key of a label or an annotation one of ours? Any other is somebody else's, and none of our business. */
export function isOurKey(key: string): boolean {
  return /^([a-z0-9-]+\.)*kubernaut\.io\//.test(key);
}

/**
 * Somebody but the functions changed what steers us. Finalizers, owner references and other people's keys pass: the garbage collector,
 * the namespace controller and whoever applies manifests write those.
 */
export function ownedMetadataChanged(review: Review): Denied | null {
  const { kind, object, oldObject, user } = review;
  const isCanceller = (key: string, value: string | undefined) => key === cancelledByAnnotation && cancels(review) && value === user.name;
  for (const name of mapNames) {
    const after = stringsAt(object, 'metadata', name);
    const before = stringsAt(oldObject, 'metadata', name);
    const keys = [...Object.keys(after), ...Object.keys(before)].filter((key) => isOurKey(key) && !(kind === 'WorkflowExecution' && ofApprovals.includes(key)));
    const changed = keys.find((key) => after[key] !== before[key] && !isCanceller(key, after[key]));
    if (changed !== undefined) return forbidden(`metadata.${name}[${changed}]`, 'is written by kubernaut itself', 'leave it as it is');
  }
  return null;
}
