import { readReview, type AdmissionRequest, type Review } from '../../functions/admission-webhook/rules/review.ts';
import type { Settings } from '../../functions/admission-webhook/settings.ts';
import { settingsFrom } from '../../functions/admission-webhook/settings.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { kinds, type KindName } from '../../shared/api/kinds.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { jsonPatch } from '../../infra/local/sandbox/json-patch.ts';
import type { Decision } from '../../functions/admission-webhook/rules/decision.ts';
import { anExecutionObject } from './executions.ts';
import { aProcessing } from './processings.ts';
import { anAnalysis, aRequest } from './requests.ts';
import { aWorkflow, now, type WorkflowOverrides } from './workflows.ts';

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
  const read = readReview(anAdmissionRequest(kind, overrides));
  if (read.kind !== 'review') throw new Error(`nothing of ${kind} is to be judged`);
  return read.review;
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

/** An object as the API server sends it: plain JSON. */
export function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/** The object after the decision of the mutating door. */
export function patched({ object }: Pick<Review, 'object'>, decision: Decision): JsonObject {
  return decision.kind === 'patch' ? (jsonPatch(object, plain(decision.operations) as never) as JsonObject) : object;
}

type Annotations = Readonly<Record<string, string>>;

/** A stored workflow that waits for a decision until five minutes from now; `annotations` are those that it has already. */
export function anUndecidedWorkflow({ strategy, status, ...overrides }: WorkflowOverrides = {}): JsonObject {
  const approval = { expiresAt: '2026-01-15T10:40:10Z' };
  return plain(aWorkflow({ strategy: { approvalRequired: true, ...strategy }, status: { approval, ...status }, ...overrides }));
}

/** Somebody writes annotations on a stored object; undefined takes one away. */
export function annotating(
  oldObject: JsonObject,
  changes: Readonly<Record<string, string | undefined>>,
  overrides: Omit<ReviewOverrides, 'object' | 'oldObject'> = {},
): Review {
  const kind = stringAt(oldObject, 'kind') as KindName;
  const metadata = oldObject['metadata'] as JsonObject;
  const annotations = plain({ ...(metadata['annotations'] as Annotations | undefined), ...changes });
  return aReview(kind, { object: { ...oldObject, metadata: { ...metadata, annotations } }, oldObject, ...overrides });
}

/** A healthy object of the kind as its maker sends it, with `spec` laid over what it says. */
export function aNewObject(kind: KindName, spec: JsonObject = {}): JsonObject {
  const { status: _status, ...object } = plain(storedObject(kind));
  const { uid: _uid, resourceVersion: _version, generation: _generation, ...metadata } = object['metadata'] as JsonObject;
  return { ...object, metadata, spec: { ...(object['spec'] as JsonObject), ...spec } };
}

function storedObject(kind: KindName): object {
  switch (kind) {
    case 'RemediationRequest':
      return aRequest();
    case 'RemediationProcessing':
      return aProcessing();
    case 'AIAnalysis':
      return anAnalysis();
    case 'WorkflowExecution':
      return aWorkflow();
    case 'KubernetesExecution':
      return anExecutionObject({ phase: '' });
  }
}
