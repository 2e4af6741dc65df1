import type { JsonObject } from '../../../shared/api/json.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { Settings } from '../settings.ts';
import { judgeApproval, stampIsNotOurs } from './approval.ts';
import { cancels, withCanceller } from './canceller.ts';
import { completeExecution, completeWorkflow } from './complete-child.ts';
import { completeRequest } from './complete-request.ts';
import { allowed, type Decision } from './decision.ts';
import { isFunctions } from './identity.ts';
import { patchBetween } from './patch.ts';
import type { Review } from './review.ts';
import { annotationsOf, differingStamp, stampsOf, withStamps } from './stamps.ts';

/** What we add to a write before any schema looks at it. Doing it twice changes nothing more. */
export function mutate(review: Review, settings: Settings, now: Instant): Decision {
  if (review.subresource !== '') return allowed;
  if (review.oldObject !== null && review.kind === 'WorkflowExecution') return stamped(review, settings, now);
  if (review.oldObject !== null) return cancels(review) ? patchedTo(review.object, withCanceller(review)) : allowed;
  return patchedTo(review.object, completed(review, settings, now));
}

function completed(review: Review, settings: Settings, now: Instant): JsonObject {
  switch (review.kind) {
    case 'RemediationRequest':
      return isFunctions(review.user, settings) ? review.object : completeRequest(review, now);
    case 'WorkflowExecution':
      return completeWorkflow(review.object);
    case 'KubernetesExecution':
      return completeExecution(review.object);
    case 'RemediationProcessing':
    case 'AIAnalysis':
      return review.object;
  }
}

/**
 * A decision of a person gets its stamps here; one that may not be made is refused here, before others see it. Whoever brings stamps along
 * is refused too, but for those that we would write: then this very request has been here before.
 */
function stamped(review: Review, settings: Settings, now: Instant): Decision {
  const judged = judgeApproval(review, settings, now);
  if (judged.kind === 'denied') return judged;
  const brought = stampsOf(annotationsOf(review.object));
  const claimed = differingStamp(brought, stampsOf(annotationsOf(review.oldObject)));
  if (differingStamp(brought, judged.stamps) === undefined) return allowed;
  if (claimed !== undefined) return stampIsNotOurs(claimed);
  return patchedTo(review.object, withStamps(review.object, judged.stamps));
}

function patchedTo(before: JsonObject, after: JsonObject): Decision {
  const operations = patchBetween(before, after);
  return operations.length === 0 ? allowed : { kind: 'patch', operations };
}
