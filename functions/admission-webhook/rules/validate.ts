import { firstOf } from '../../../shared/planning/graph.ts';
import { cancelledByAnnotation } from '../../../shared/api/labels.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { valueAt } from '../../../shared/kubernetes/unstructured.ts';
import type { Settings } from '../settings.ts';
import { approvalOnCreation, judgeApproval, stampIsNotOurs } from './approval.ts';
import { creationFault } from './creation.ts';
import { allowed, forbidden, type Decision, type Denied } from './decision.ts';
import { isFunctions } from './identity.ts';
import { ownedMetadataChanged } from './owned-metadata.ts';
import type { Review } from './review.ts';
import { annotationsOf, differingNewStamp, differingStamp, stampsOf } from './stamps.ts';

type Check = (review: Review, settings: Settings, now: Instant) => Denied | null;

const statusChecks: readonly Check[] = [statusBySomebodyElse];
/** The order is what the user should mend first. */
const creationChecks: readonly Check[] = [outsideOfOurNamespace, childBySomebodyElse, approvalOnCreation, creationFault];
const updateChecks: readonly Check[] = [approvalFault, metadataBySomebodyElse, switchByTheFunctions];

/** May this write be stored? CEL in the definitions has said what it can say (immutable specs, the length of a name, cancel for good); this is the rest. */
export function validate(review: Review, settings: Settings, now: Instant): Decision {
  return firstOf(checksFor(review), (check) => check(review, settings, now)) ?? allowed;
}

function checksFor({ subresource, oldObject }: Review): readonly Check[] {
  if (subresource === 'status') return statusChecks;
  return oldObject === null ? creationChecks : updateChecks;
}

function statusBySomebodyElse({ user }: Review, settings: Settings): Denied | null {
  if (isFunctions(user, settings)) return null;
  return forbidden('status', 'is written by the functions of kubernaut only', 'to steer a remediation, set spec.pause or spec.cancel of its request');
}

function outsideOfOurNamespace({ namespace }: Review, settings: Settings): Denied | null {
  if (namespace === settings.namespace) return null;
  return forbidden(
    'metadata.namespace',
    `our resources live in ${settings.namespace} only`,
    `create it in ${settings.namespace}; its target may live anywhere`,
  );
}

function childBySomebodyElse({ kind, user }: Review, settings: Settings): Denied | null {
  if (kind === 'RemediationRequest' || isFunctions(user, settings)) return null;
  return forbidden('kind', `a ${kind} is made by the functions of kubernaut only`, 'create a RemediationRequest, and it will follow from that');
}

function approvalFault(review: Review, settings: Settings, now: Instant): Denied | null {
  if (review.kind !== 'WorkflowExecution') return null;
  const judged = judgeApproval(review, settings, now);
  if (judged.kind === 'denied') return judged;
  const found = stampsOf(annotationsOf(review.object));
  const differing = (judged.isNew ? differingNewStamp : differingStamp)(found, judged.stamps);
  return differing === undefined ? null : stampIsNotOurs(differing);
}

function metadataBySomebodyElse(review: Review, settings: Settings): Denied | null {
  return isFunctions(review.user, settings) ? null : ownedMetadataChanged(review);
}

/** Who holds or ends a remediation is a person, so that nothing stolen from the functions can let go of what a person holds, or say that it was another. */
function switchByTheFunctions({ kind, user, object, oldObject }: Review, settings: Settings): Denied | null {
  if (kind !== 'RemediationRequest' || !isFunctions(user, settings)) return null;
  const changed = (['pause', 'cancel'] as const).find((name) => valueAt(object, 'spec', name) !== valueAt(oldObject, 'spec', name));
  if (changed !== undefined)
    return forbidden(`spec.${changed}`, 'is a switch for people', 'set it as a user of the cluster, not with the identity of the functions');
  const [after, before] = [object, oldObject].map((each) => annotationsOf(each)[cancelledByAnnotation]);
  return after === before ? null : forbidden(`metadata.annotations[${cancelledByAnnotation}]`, 'is written by admission itself', 'leave it as it is');
}
