import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../shared/actions/index.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { KindName } from '../../../shared/api/kinds.ts';
import { parseKubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { stringsAt } from '../../../shared/kubernetes/unstructured.ts';
import { admit } from '../../../shared/planning/admittance.ts';
import {
  aNewObject,
  annotating,
  anUndecidedWorkflow,
  aRequestByHand,
  aReview,
  functions,
  garbageCollector,
  now,
  plain,
  settings,
} from '../../../test/support/admission.ts';
import { aWorkflow as aWorkflowOf, badExecutions, badSteps } from '../../../test/support/bad-input.ts';
import { anExecutionObject } from '../../../test/support/executions.ts';
import { aWorkflow } from '../../../test/support/workflows.ts';
import { sentenceOf, type Decision } from './decision.ts';
import { mutate } from './mutate.ts';
import type { Review } from './review.ts';
import { validate } from './validate.ts';

const judged = (review: Review) => validate(review, settings, now);
const said = (decision: Decision) => (decision.kind === 'denied' ? sentenceOf(decision) : decision.kind);
const children = KindName.filter((kind) => kind !== 'RemediationRequest');
const admin = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
const byGroup = { username: 'arn:aws:iam::1:role/functions', groups: ['kubernaut:functions'] };

function scaleParameters(overrides: JsonObject = {}): JsonObject {
  return { namespace: 'production', deployment: 'payment-api', replicas: 5, ...overrides };
}

/** A request by hand as it is after the mutating door, then changed. */
function byHand(spec: JsonObject = {}, metadata: JsonObject = {}): Review {
  const complete = { alertFingerprint: 'f1', alertName: 'HighLoad', firingTime: now, receivedTime: now };
  return aReview('RemediationRequest', { object: aRequestByHand({ ...complete, ...spec }, metadata) });
}

describe('a new object', () => {
  it.each(KindName)('of kind %s by the functions is taken', (kind) => {
    expect(judged(aReview(kind, { object: aNewObject(kind), userInfo: functions }))).toEqual({ kind: 'allowed' });
  });

  it.each(KindName)('of kind %s is refused in another namespace, whoever makes it', (kind) => {
    for (const userInfo of [functions, admin]) {
      expect(said(judged(aReview(kind, { object: aNewObject(kind), userInfo, namespace: 'production' })))).toBe(
        'metadata.namespace: our resources live in kubernaut-system only: create it in kubernaut-system; its target may live anywhere',
      );
    }
  });

  it.each(children)('of kind %s is refused from anybody but the functions', (kind) => {
    for (const userInfo of [undefined, admin, garbageCollector, byGroup]) {
      const decision = judged(aReview(kind, { object: aNewObject(kind), ...(userInfo !== undefined && { userInfo }) }));
      expect(decision).toMatchObject({
        kind: 'denied',
        cause: 'forbidden',
        field: 'kind',
        remedy: 'create a RemediationRequest, and it will follow from that',
      });
    }
  });

  it('may come from a group that the cluster maps the functions to', () => {
    const review = aReview('AIAnalysis', { object: aNewObject('AIAnalysis'), userInfo: byGroup });
    const mapped = { users: [], groups: ['kubernaut:functions'] };
    expect(validate(review, { ...settings, functions: mapped }, now)).toEqual({ kind: 'allowed' });
    const account = aReview('AIAnalysis', { object: aNewObject('AIAnalysis'), userInfo: functions });
    expect(validate(account, { ...settings, functions: mapped }, now)).toMatchObject({ kind: 'denied' });
  });

  it.each(KindName)('of kind %s is refused without what its schema wants', (kind) => {
    expect(judged(aReview(kind, { object: { ...aNewObject(kind), spec: {} }, userInfo: functions }))).toMatchObject({ kind: 'denied', cause: 'invalid' });
  });

  it('is refused above the bounds that no definition can say', () => {
    const spec = { kubernetesContext: { note: 'x'.repeat(9_000) } };
    const object = aNewObject('AIAnalysis', spec);
    expect(said(judged(aReview('AIAnalysis', { object, userInfo: functions })))).toBe('spec.kubernetesContext: must not exceed 8192 bytes as JSON');
  });
});

describe('a request by hand', () => {
  it.each<[string, JsonObject, JsonObject?]>([
    ['for a Deployment', {}],
    ['held from the beginning', { pause: true }],
    ['for nothing that is named yet', { target: undefined }],
    ['with labels of others', {}, { labels: { team: 'payments' }, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }],
    ['with a trace of its own', {}, { annotations: { 'kubernaut.io/traceparent': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } }],
    ['with what admission writes', {}, { labels: { 'kubernaut.io/fingerprint': 'f1' }, annotations: { 'kubernaut.io/requested-by': 'alice' } }],
  ])('is taken %s', (_sentence, spec, metadata) => {
    expect(judged(byHand(spec, metadata))).toEqual({ kind: 'allowed' });
  });

  const target = (namespace: string) => ({ target: { kind: 'Deployment', name: 'coredns', namespace } });
  it.each<[sentence: string, spec: JsonObject, metadata: JsonObject, says: string]>([
    [
      'as if Alertmanager had sent it',
      { source: 'alertmanager' },
      {},
      'spec.source: is alertmanager, and this request is made by hand: leave it out, or set it to manual',
    ],
    ['for another cluster', { targetCluster: 'moon' }, {}, 'spec.targetCluster: unknown cluster "moon": set it to "primary-cluster"'],
    [
      'for a protected namespace',
      target('kube-system'),
      {},
      'spec.target.namespace: must be none of kube-system, kube-public, kube-node-lease, kubernaut-system: kube-system is',
    ],
    ['for our own namespace', target('kubernaut-system'), {}, 'kubernaut-system is protected'],
    ['for a protected namespace itself', { target: { kind: 'Namespace', name: 'kube-public' } }, {}, 'kube-public is protected'],
    [
      'in the name of another',
      {},
      { annotations: { 'kubernaut.io/requested-by': 'bob' } },
      'metadata.annotations[kubernaut.io/requested-by]: is written by kubernaut itself',
    ],
    ['with another fingerprint on its label', {}, { labels: { 'kubernaut.io/fingerprint': 'f2' } }, 'metadata.labels[kubernaut.io/fingerprint]'],
    ['with another target on its label', {}, { labels: { 'kubernaut.io/target-hash': '0' } }, 'metadata.labels[kubernaut.io/target-hash]'],
    [
      'with an annotation that is ours',
      {},
      { annotations: { 'kubernaut.io/cancel-requested': 'true' } },
      'metadata.annotations[kubernaut.io/cancel-requested]',
    ],
    ['with a decision', {}, { annotations: { 'workflow.kubernaut.io/approve': 'true' } }, 'metadata.annotations[workflow.kubernaut.io/approve]'],
  ])('is refused %s', (_sentence, spec, metadata, says) => {
    expect(said(judged(byHand(spec, metadata)))).toContain(says);
  });

  it('is told what an alert may say: that is kept, and fails in processing with its reason', () => {
    const odd = byHand({ source: 'alertmanager', targetCluster: 'moon', ...target('kube-system') });
    expect(judged({ ...odd, user: { name: functions.username, groups: [] } })).toEqual({ kind: 'allowed' });
  });
});

describe('a workflow', () => {
  const created = (object: object, userInfo = functions) => aReview('WorkflowExecution', { object: plain(object), userInfo });

  it.each(Object.entries(badSteps))('of the functions is taken with a plan that cannot be, so that planning gives the verdict: %s', (_name, { steps }) => {
    expect(judged(created(aWorkflowOf('wf', steps)))).toEqual({ kind: 'allowed' });
    expect(said(judged(created(aWorkflowOf('wf', steps), admin)))).toContain('a WorkflowExecution is made by the functions of kubernaut only');
  });
});

describe('an execution', () => {
  const created = (spec: JsonObject) => {
    const object = plain(anExecutionObject({ phase: '' }));
    return aReview('KubernetesExecution', { object: { ...object, spec: { ...(object['spec'] as JsonObject), ...spec } }, userInfo: functions });
  };

  it.each(Object.entries(badExecutions))('is refused for what it would fail with: %s', (_name, [spec, , message]) => {
    expect(said(judged(created({ target: undefined, targetCluster: undefined, ...spec })))).toContain(message);
  });

  it('restores what stood there before only where it undoes another', () => {
    const restoring = { actionParams: scaleParameters({ restore: true }) };
    expect(said(judged(created(restoring)))).toContain('spec.actionParams.restore: is set by an undo only');
    expect(judged(created({ ...restoring, rollbackOf: 'rr-1-workflow-scale' }))).toEqual({ kind: 'allowed' });
  });
});

describe('what passes admission passes the next gate', () => {
  const catalogued = actions.flatMap(({ name, aliases, params }) => [name, ...aliases].map((action) => ({ action, keys: Object.keys(params.shape) })));
  const value = fc.oneof(
    fc.constantFrom('production', 'kube-system', 'payment-api', 'deployment', 'app', '512Mi', '--all', true, 5, -1, 10_000, null),
    fc.dictionary(fc.constantFrom('LOG_LEVEL', 'a b'), fc.string(), { maxKeys: 2 }),
  );
  const anAction = fc.constantFrom(...catalogued).chain(({ action, keys }) =>
    fc.record({
      action: fc.constant(action),
      parameters: fc.oneof(fc.constant(scaleParameters()), fc.dictionary(fc.constantFrom(...keys, 'replica'), value)),
    }),
  );

  it('of an execution: it is admitted by its own first phase', () => {
    fc.assert(
      fc.property(anAction, ({ action, parameters }) => {
        const object = plain(anExecutionObject({ phase: '' }));
        const spec = { actionType: action, actionParams: parameters, targetCluster: { name: 'primary-cluster' } };
        const review = aReview('KubernetesExecution', { object: { ...object, spec }, userInfo: functions });
        if (judged(review).kind === 'denied') return;
        expect(admit(parseKubernetesExecution(stored(review.object)).spec, settings).kind).toBe('admitted');
      }),
    );
  });

  function stored(object: JsonObject): KubernetesObject {
    return { ...object, metadata: { ...(object['metadata'] as JsonObject), uid: 'u', resourceVersion: '1' } } as unknown as KubernetesObject;
  }
});

describe('an update', () => {
  const workflow = anUndecidedWorkflow({ annotations: { 'kubernaut.io/traceparent': 't' } });
  const request: JsonObject = {
    ...aRequestByHand(),
    metadata: { name: 'rr-1', namespace: 'kubernaut-system', uid: 'rr1', labels: { 'kubernaut.io/fingerprint': 'f1' } },
  };
  const updated = (before: JsonObject, metadata: JsonObject, overrides: object = {}) =>
    aReview(before['kind'] as KindName, {
      object: { ...before, metadata: { ...(before['metadata'] as JsonObject), ...metadata } },
      oldObject: before,
      ...overrides,
    });
  const withSpec = (spec: JsonObject, overrides: object = {}) =>
    aReview('RemediationRequest', { object: { ...request, spec: { ...(request['spec'] as JsonObject), ...spec } }, oldObject: request, ...overrides });
  const cancelling = (name: string) =>
    aReview('RemediationRequest', {
      object: {
        ...request,
        metadata: {
          ...(request['metadata'] as JsonObject),
          annotations: { ...stringsAt(request, 'metadata', 'annotations'), 'kubernaut.io/cancelled-by': name },
        },
        spec: { ...(request['spec'] as JsonObject), cancel: true },
      },
      oldObject: request,
    });

  it.each<[string, Review]>([
    ['finalizers, by the garbage collector', updated(workflow, { finalizers: ['foregroundDeletion'] }, { userInfo: garbageCollector })],
    ['owner references, by the garbage collector', updated(workflow, { ownerReferences: [] }, { userInfo: garbageCollector })],
    ['finalizers, in another namespace', updated(workflow, { finalizers: [] }, { userInfo: garbageCollector, namespace: 'elsewhere' })],
    ['labels of others', updated(workflow, { labels: { team: 'payments', 'mykubernaut.io/x': 'y' } })],
    ['annotations of others', annotating(workflow, { 'example.com/ticket': '42' })],
    ['the pause of a request', withSpec({ pause: true })],
    ['the cancel of a request', withSpec({ cancel: true })],
    ['the cancel of a request, with the name that admission wrote', cancelling('alice')],
    ['our own annotation, by the functions', annotating(workflow, { 'kubernaut.io/cancel-requested': 'true' }, { userInfo: functions })],
    ['our own label, by the functions', updated(request, { labels: { 'kubernaut.io/target-hash': 'h' } }, { userInfo: functions })],
    ['nothing of a workflow that no schema knows any more', updated({ ...workflow, spec: { old: true } }, { finalizers: [] })],
  ])('may change %s', (_sentence, review) => {
    expect(judged(review)).toEqual({ kind: 'allowed' });
  });

  it.each<[sentence: string, review: Review, says: string]>([
    [
      'a label that is ours',
      updated(request, { labels: { 'kubernaut.io/fingerprint': 'f2' } }),
      'metadata.labels[kubernaut.io/fingerprint]: is written by kubernaut itself: leave it as it is',
    ],
    ['no label of ours', updated(request, { labels: {} }), 'metadata.labels[kubernaut.io/fingerprint]'],
    ['the order to cancel a child', annotating(workflow, { 'kubernaut.io/cancel-requested': 'true' }), 'metadata.annotations[kubernaut.io/cancel-requested]'],
    ['the trace', annotating(workflow, { 'kubernaut.io/traceparent': undefined }), 'metadata.annotations[kubernaut.io/traceparent]'],
    [
      'a decision on what is no workflow',
      annotating(request, { 'workflow.kubernaut.io/approve': 'true' }),
      'metadata.annotations[workflow.kubernaut.io/approve]',
    ],
    ['the name of whoever cancels', cancelling('bob'), 'metadata.annotations[kubernaut.io/cancelled-by]'],
    ['that name, when nothing is cancelled', annotating(request, { 'kubernaut.io/cancelled-by': 'alice' }), 'metadata.annotations[kubernaut.io/cancelled-by]'],
    [
      'that name, with the identity of the functions',
      annotating(request, { 'kubernaut.io/cancelled-by': 'alice' }, { userInfo: functions }),
      'metadata.annotations[kubernaut.io/cancelled-by]: is written by admission itself',
    ],
    ['the pause, with the identity of the functions', withSpec({ pause: true }, { userInfo: functions }), 'spec.pause: is a switch for people'],
    ['the cancel, with the identity of the functions', withSpec({ cancel: true }, { userInfo: functions }), 'spec.cancel: is a switch for people'],
  ])('may not change %s', (_sentence, review, says) => {
    expect(said(judged(review))).toContain(says);
  });
});

describe('a status', () => {
  const before = plain(aWorkflow());
  const written = (userInfo: typeof admin) =>
    aReview('WorkflowExecution', { object: { ...before, status: { phase: 'completed' } }, oldObject: before, subResource: 'status', userInfo });

  it('is written by the functions', () => {
    expect(judged(written(functions))).toEqual({ kind: 'allowed' });
  });

  it.each([admin, garbageCollector])('is refused from $username', (userInfo) => {
    expect(said(judged(written(userInfo)))).toBe(
      'status: is written by the functions of kubernaut only: to steer a remediation, set spec.pause or spec.cancel of its request',
    );
    expect(mutate(written(userInfo), settings, now)).toEqual({ kind: 'allowed' });
  });
});
