import { kinds } from '../../shared/api/kinds.ts';
import { sentenceOf, type Decision, type Denied } from './rules/decision.ts';
import type { Review } from './rules/review.ts';

/** The AdmissionReview that goes back: same version, same uid. `review` null: not ours to judge. */
export function answerOf(uid: string, review: Review | null, decision: Decision) {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, ...responseOf(review, decision) } };
}

function responseOf(review: Review | null, decision: Decision) {
  switch (decision.kind) {
    case 'allowed':
      return { allowed: true };
    case 'patch':
      return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(decision.operations)).toString('base64') };
    case 'denied':
      return { allowed: false, status: statusOf(review, decision) };
  }
}

/** As the API server itself would refuse it: clients tell a permission (403) from a mistake (422) by the code, and kubectl prints the causes. */
function statusOf(review: Review | null, denied: Denied) {
  const { cause, field, message, remedy } = denied;
  const isForbidden = cause === 'forbidden';
  return {
    status: 'Failure',
    code: isForbidden ? 403 : 422,
    reason: isForbidden ? 'Forbidden' : 'Invalid',
    message: sentenceOf(denied),
    ...(review !== null && {
      details: {
        name: review.name,
        group: kinds[review.kind].group,
        kind: review.kind,
        causes: [{ reason: isForbidden ? 'FieldValueForbidden' : 'FieldValueInvalid', field, message: remedy === '' ? message : `${message}: ${remedy}` }],
      },
    }),
  };
}
