import type { JsonObject } from '../../../shared/api/json.ts';
import type { AdmissionRequest } from '../../../functions/admission-webhook/rules/review.ts';
import { annotating, anUndecidedWorkflow, aNewObject, anAdmissionRequest, aRequestByHand, functions } from '../../support/admission.ts';

export interface PostedReview {
  readonly door: 'mutate' | 'validate';
  readonly body: Buffer;
}

/** Each call that an API server makes for one remediation with an approval; then a request by hand, and one that is refused. */
export function reviewsOfOneRemediation(): readonly PostedReview[] {
  const ofFunctions = { userInfo: functions };
  const workflow = anUndecidedWorkflow();
  const approval = annotating(workflow, { 'workflow.kubernaut.io/approve': 'true' });
  const approved = anAdmissionRequest('WorkflowExecution', { object: approval.object, oldObject: workflow });
  const target = { kind: 'Deployment', name: 'coredns', namespace: 'kube-system' };
  const request = aNewObject('RemediationRequest');
  const labelled = { ...request, metadata: { ...(request['metadata'] as JsonObject), labels: { 'kubernaut.io/target-hash': '0123456789abcdef' } } };
  return [
    posted('validate', anAdmissionRequest('RemediationRequest', { object: request, ...ofFunctions })),
    posted('validate', anAdmissionRequest('RemediationProcessing', { object: aNewObject('RemediationProcessing'), ...ofFunctions })),
    posted('validate', anAdmissionRequest('RemediationRequest', { object: labelled, oldObject: request, ...ofFunctions })),
    posted('validate', anAdmissionRequest('AIAnalysis', { object: aNewObject('AIAnalysis'), ...ofFunctions })),
    posted('mutate', anAdmissionRequest('WorkflowExecution', { object: aNewObject('WorkflowExecution'), ...ofFunctions })),
    posted('validate', anAdmissionRequest('WorkflowExecution', { object: aNewObject('WorkflowExecution'), ...ofFunctions })),
    posted('mutate', approved),
    posted('validate', { ...approved, dryRun: true }),
    posted('mutate', anAdmissionRequest('KubernetesExecution', { object: aNewObject('KubernetesExecution'), ...ofFunctions })),
    posted('validate', anAdmissionRequest('KubernetesExecution', { object: aNewObject('KubernetesExecution'), ...ofFunctions })),
    posted('mutate', anAdmissionRequest('RemediationRequest', { object: aRequestByHand() })),
    posted('validate', anAdmissionRequest('RemediationRequest', { object: aRequestByHand({ target }) })),
  ];
}

function posted(door: PostedReview['door'], request: AdmissionRequest): PostedReview {
  return { door, body: Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request })) };
}
