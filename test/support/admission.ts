import { reviewOf, type AdmissionRequest, type Review } from '../../functions/admission-webhook/rules/review.ts';
import type { Settings } from '../../functions/admission-webhook/settings.ts';
import { settingsFrom } from '../../functions/admission-webhook/settings.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { kinds, type KindName } from '../../shared/api/kinds.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { now } from './workflows.ts';

export { now };

export const settings: Settings = settingsFrom(parseEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/queues/' }, []));

export const alice = { username: 'alice', groups: ['system:authenticated'] };
export const functions = { username: 'system:serviceaccount:kubernaut-system:kubernaut-functions', groups: ['system:serviceaccounts'] };
export const garbageCollector = { username: 'system:serviceaccount:kube-system:generic-garbage-collector', groups: ['system:serviceaccounts:kube-system'] };

export interface ReviewOverrides extends Partial<Pick<AdmissionRequest, 'userInfo' | 'subResource' | 'namespace' | 'dryRun' | 'operation'>> {
  readonly object: JsonObject;
  /** Given: an update. */
  readonly oldObject?: JsonObject;
}

/** What the API server asks about a write of Alice's in our namespace. */
export function anAdmissionRequest(kind: KindName, { object, oldObject, ...overrides }: ReviewOverrides): AdmissionRequest {
  const { group } = kinds[kind];
  return {
    uid: 'review-1',
    kind: { group, kind },
    subResource: '',
    name: stringAt(object, 'metadata', 'name') ?? '',
    namespace: 'kubernaut-system',
    operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
    userInfo: alice,
    object,
    oldObject,
    dryRun: false,
    ...overrides,
  };
}

export function aReview(kind: KindName, overrides: ReviewOverrides): Review {
  const review = reviewOf(anAdmissionRequest(kind, overrides));
  if (review === null) throw new Error(`nothing of ${kind} is to be judged`);
  return review;
}

/** As a person writes it, with the defaults that the definition fills in before admission is asked. */
export function aRequestByHand(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: kinds.RemediationRequest.apiVersion,
    kind: 'RemediationRequest',
    metadata: { name: 'by-hand', namespace: 'kubernaut-system', ...metadata },
    spec: {
      severity: 'critical',
      target: { kind: 'Deployment', name: 'payment-api', namespace: 'production' },
      source: 'manual',
      targetCluster: 'primary-cluster',
      alertLabels: {},
      alertAnnotations: {},
      truncatedAlerts: 0,
      dryRun: false,
      pause: false,
      cancel: false,
      ...spec,
    },
  };
}
