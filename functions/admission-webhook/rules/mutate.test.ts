import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertFingerprint, targetHash } from '../../../shared/api/digest.ts';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { KindName } from '../../../shared/api/kinds.ts';
import { parseRemediationRequest } from '../../../shared/api/remediation-request.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { aNewObject, aRequestByHand, aReview, functions, now, patched, plain, settings, type ReviewOverrides } from '../../../test/support/admission.ts';
import { aWorkflow } from '../../../test/support/bad-input.ts';
import { mutate } from './mutate.ts';
import { validate } from './validate.ts';

function mutated(kind: KindName, overrides: ReviewOverrides): JsonObject {
  const review = aReview(kind, overrides);
  return patched(review, mutate(review, settings, now));
}
const specOf = (object: JsonObject) => object['spec'] as JsonObject;
const metadataOf = (object: JsonObject) => object['metadata'] as JsonObject;

describe('a request made by hand', () => {
  const object = mutated('RemediationRequest', { object: aRequestByHand() });
  const fingerprint = alertFingerprint('manual', { alertname: 'unknown', namespace: 'production', deployment: 'payment-api' });

  it('fires from now on, for an alert that its target names', () => {
    expect(specOf(object)).toMatchObject({ source: 'manual', firingTime: now, receivedTime: now, alertName: 'unknown', alertFingerprint: fingerprint });
  });

  it('is labelled as one of an alert, and says who made it', () => {
    expect(metadataOf(object)).toMatchObject({
      labels: {
        'kubernaut.io/remediation-request': 'by-hand',
        'kubernaut.io/fingerprint': fingerprint.slice(0, 63),
        'kubernaut.io/alert': 'unknown',
        'kubernaut.io/target-hash': targetHash({ cluster: 'primary-cluster', namespace: 'production', kind: 'Deployment', name: 'payment-api' }),
      },
      annotations: { 'kubernaut.io/requested-by': 'alice', 'kubernaut.io/traceparent': expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) },
    });
  });

  it('passes the other door and every reader', () => {
    expect(validate(aReview('RemediationRequest', { object }), settings, now)).toEqual({ kind: 'allowed' });
    const stored = { ...object, metadata: { ...metadataOf(object), uid: 'u', resourceVersion: '1' } } as unknown as KubernetesObject;
    expect(parseRemediationRequest(stored).spec.target).toEqual({ kind: 'Deployment', name: 'payment-api', namespace: 'production' });
  });

  it('takes name and target from the labels of an alert, as intake does', () => {
    const alertLabels = { alertname: 'HighMemory', namespace: 'shop', deployment: 'web' };
    const spec = specOf(mutated('RemediationRequest', { object: aRequestByHand({ alertLabels, target: undefined }) }));
    expect(spec).toMatchObject({
      alertName: 'HighMemory',
      target: { kind: 'Deployment', name: 'web', namespace: 'shop' },
      alertFingerprint: alertFingerprint('manual', alertLabels),
    });
  });

  it('keeps what the person wrote, so that the same manifest can be applied again', () => {
    const spec = { alertFingerprint: 'f1', alertName: 'HighLoad', firingTime: '2026-01-15T09:00:00Z', receivedTime: '2026-01-15T09:00:01Z', dryRun: true };
    const labels = { team: 'payments' };
    const object = mutated('RemediationRequest', { object: aRequestByHand(spec, { labels }) });
    expect(specOf(object)).toMatchObject(spec);
    expect(metadataOf(object)['labels']).toMatchObject(labels);
  });

  it('carries no label of a name that is still to be generated, or too long for one', () => {
    for (const metadata of [{ name: undefined, generateName: 'by-hand-' }, { name: 'n'.repeat(64) }]) {
      const object = mutated('RemediationRequest', { object: plain(aRequestByHand({}, metadata)) });
      expect(metadataOf(object)['labels']).not.toHaveProperty(['kubernaut.io/remediation-request']);
      const generated = { ...object, metadata: { ...metadataOf(object), name: 'by-hand-x7k2p' } };
      expect(validate(aReview('RemediationRequest', { object: generated }), settings, now)).toEqual({ kind: 'allowed' });
    }
  });

  it('of the functions is complete', () => {
    const review = aReview('RemediationRequest', { object: aNewObject('RemediationRequest'), userInfo: functions });
    expect(mutate(review, settings, now)).toEqual({ kind: 'allowed' });
  });
});

describe('a child', () => {
  it('of a workflow’s has canonical names of actions and the reference that its owner says', () => {
    const parameters = { namespace: 'production', pod: 'payment-api-1' };
    const steps = [{ action: 'delete_pod', parameters }];
    const workflow = plain(aWorkflow('wf', steps));
    const rollback = { action: 'update_configmap', parameters: {} };
    const definition = { steps: [{ name: 'a', action: 'delete_pod', parameters, rollback }, 'no step'] };
    const owner = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', uid: 'rr1', controller: true };
    const object = {
      ...workflow,
      metadata: { ...metadataOf(workflow), ownerReferences: [{ kind: 'RemediationRequest', name: 'another', uid: 'x' }, owner] },
      spec: { ...specOf(workflow), workflowDefinition: definition, aiRecommendation: { recommendationID: 'rec-001', confidence: 1, action: 'delete_pod' } },
    };
    expect(specOf(mutated('WorkflowExecution', { object, userInfo: functions }))).toMatchObject({
      workflowDefinition: { steps: [{ action: 'restart_pod', rollback: { action: 'patch_configmap' } }, 'no step'] },
      aiRecommendation: { action: 'restart_pod' },
      remediationRequestRef: { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', namespace: 'kubernaut-system', uid: 'rr1' },
    });
  });

  it('of an execution’s says its target, which its parameters name', () => {
    const { target: _target, workflowExecutionRef: _ref, ...spec } = specOf(aNewObject('KubernetesExecution'));
    const object = { ...aNewObject('KubernetesExecution'), spec };
    expect(specOf(mutated('KubernetesExecution', { object, userInfo: functions }))).toMatchObject({
      actionType: 'scale_deployment',
      target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payment-api', namespace: 'production' },
      workflowExecutionRef: { kind: 'WorkflowExecution', name: 'rr-1-workflow', namespace: 'kubernaut-system', uid: 'wf1' },
    });
  });

  it.each<[KindName]>([['RemediationProcessing'], ['AIAnalysis']])('of kind %s has nothing to be added', (kind) => {
    expect(mutate(aReview(kind, { object: aNewObject(kind), userInfo: functions }), settings, now)).toEqual({ kind: 'allowed' });
  });
});

describe('mutating', () => {
  const junk: fc.Arbitrary<JsonValue> = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>;
  const ofRequests = ['alertFingerprint', 'alertName', 'alertLabels', 'target', 'source', 'firingTime', 'targetCluster', 'pause', 'severity'];
  const ofChildren = ['workflowDefinition', 'aiRecommendation', 'actionType', 'actionParams', 'remediationRequestRef', 'workflowExecutionRef'];
  const field = fc.constantFrom(...ofRequests, ...ofChildren);
  const spec = fc.oneof(fc.constant({}), fc.dictionary(field, junk), junk);
  const metadata = fc.dictionary(fc.constantFrom('labels', 'annotations', 'ownerReferences', 'generateName'), junk);

  it('is total, and twice is once: whatever the objects hold, a second review changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KindName), spec, metadata, fc.boolean(), (kind, wild, wildMetadata, isByHand) => {
        const healthy = kind === 'RemediationRequest' && isByHand ? aRequestByHand() : aNewObject(kind);
        const isObject = typeof wild === 'object' && wild !== null && !Array.isArray(wild);
        const object: JsonObject = {
          ...healthy,
          metadata: { ...metadataOf(healthy), ...wildMetadata },
          spec: isObject ? { ...specOf(healthy), ...(wild as JsonObject) } : wild,
        };
        const overrides = isByHand ? {} : { userInfo: functions };
        const once = mutated(kind, { object, ...overrides });
        expect(mutate(aReview(kind, { object: once, ...overrides }), settings, now)).toEqual({ kind: 'allowed' });
      }),
      { numRuns: 500 },
    );
  });

  it.each<[sentence: string, annotations: JsonObject]>([
    ['a request', {}],
    ['a request in the name of another', { 'kubernaut.io/cancelled-by': 'bob' }],
  ])('names whoever cancels %s, once', (_sentence, annotations) => {
    const oldObject = aNewObject('RemediationRequest');
    const object = { ...oldObject, metadata: { ...metadataOf(oldObject), annotations }, spec: { ...specOf(oldObject), cancel: true } };
    const cancelled = mutated('RemediationRequest', { object, oldObject });
    expect(metadataOf(cancelled)['annotations']).toMatchObject({ 'kubernaut.io/cancelled-by': 'alice' });
    expect(mutate(aReview('RemediationRequest', { object: cancelled, oldObject }), settings, now)).toEqual({ kind: 'allowed' });
    const later = aReview('RemediationRequest', { object: cancelled, oldObject: cancelled, userInfo: { username: 'carol', groups: [] } });
    expect(mutate(later, settings, now)).toEqual({ kind: 'allowed' });
  });

  it('of a request by hand that is cancelled from the beginning names its maker, and passes the other door', () => {
    const object = mutated('RemediationRequest', { object: aRequestByHand({ cancel: true }) });
    expect(metadataOf(object)['annotations']).toMatchObject({ 'kubernaut.io/cancelled-by': 'alice' });
    expect(validate(aReview('RemediationRequest', { object }), settings, now)).toEqual({ kind: 'allowed' });
  });

  it('leaves updates and statuses alone, but for decisions on workflows and cancels of requests', () => {
    for (const kind of KindName) {
      const oldObject = aNewObject(kind);
      expect(mutate(aReview(kind, { object: oldObject, oldObject }), settings, now)).toEqual({ kind: 'allowed' });
      expect(mutate(aReview(kind, { object: { ...oldObject, status: {} }, oldObject, subResource: 'status' }), settings, now)).toEqual({ kind: 'allowed' });
    }
  });
});
