import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { parseWorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { planDigest } from '../../../shared/planning/plan-digest.ts';
import { alice, annotating, anUndecidedWorkflow, aReview, functions, now, patched, settings } from '../../../test/support/admission.ts';
import type { WorkflowOverrides } from '../../../test/support/workflows.ts';
import type { Settings } from '../settings.ts';
import { sentenceOf, type Decision } from './decision.ts';
import { mutate } from './mutate.ts';
import { validate } from './validate.ts';

const key = (name: string) => `workflow.kubernaut.io/${name}`;
const [approve, reject, decidedBy, decidedAt, digestKey] = ['approve', 'reject', 'decided-by', 'decided-at', 'plan-digest'].map(key) as [
  string,
  string,
  string,
  string,
  string,
];
const digestOf = (workflow: JsonObject) => {
  const { spec, status } = parseWorkflowExecution(workflow as unknown as KubernetesObject);
  return planDigest(spec, status?.executionPlan?.executionOrder ?? []);
};
const undecided = anUndecidedWorkflow();
const digest = digestOf(undecided);
const stampsOfAlice = { [decidedBy]: 'alice', [decidedAt]: now, [digestKey]: digest };
const bob = { username: 'bob', groups: [] };
const strict: Settings = { ...settings, selfApproval: 'forbidden' };

/** Both doors, one after the other, as the API server asks them. */
function decide(review: ReturnType<typeof annotating>, ours = settings): { readonly decision: Decision; readonly object: JsonObject } {
  const mutated = mutate(review, ours, now);
  if (mutated.kind === 'denied') return { decision: mutated, object: review.object };
  const object = patched(review, mutated);
  return { decision: validate({ ...review, object }, ours, now), object };
}
const annotationsAfter = (review: ReturnType<typeof annotating>) => (decide(review).object['metadata'] as JsonObject)['annotations'];

describe('a decision of a person', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['an approval', { [approve]: 'true' }],
    ['an approval of the digest that was shown', { [approve]: digest }],
    ['a rejection with its reason', { [reject]: 'not in the week of the sale' }],
    ['a rejection without one', { [reject]: '' }],
  ])('is stamped with the user, the time and the plan: %s', (_sentence, decision) => {
    const review = annotating(undecided, decision);
    expect(decide(review).decision).toEqual({ kind: 'allowed' });
    expect(annotationsAfter(review)).toEqual({ ...decision, ...stampsOfAlice });
  });

  it('is bound to the plan that is stored, not to the one that the caller sends', () => {
    const review = annotating(undecided, { [approve]: 'true' });
    const status = { ...(undecided['status'] as JsonObject), executionPlan: { executionOrder: [] }, phase: 'completed' };
    expect((decide({ ...review, object: { ...review.object, status } }).object['metadata'] as JsonObject)['annotations']).toMatchObject({
      [digestKey]: digest,
    });
  });

  it('may be made before it is asked for, changed, and taken back, as long as the plan waits', () => {
    expect(decide(annotating(anUndecidedWorkflow({ status: { approval: undefined as never } }), { [approve]: 'true' })).decision.kind).toBe('allowed');
    const rejected = anUndecidedWorkflow({ annotations: { [reject]: 'no', ...stampsOfAlice } });
    const changed = annotating(rejected, { [approve]: 'true', [reject]: undefined }, { userInfo: bob });
    expect(annotationsAfter(changed)).toEqual({ [approve]: 'true', ...stampsOfAlice, [decidedBy]: 'bob' });
    const withdrawn = annotating(rejected, { [reject]: undefined });
    expect(decide(withdrawn).decision.kind).toBe('allowed');
    expect(annotationsAfter(withdrawn)).toEqual({});
  });

  it('may still reject what another has approved while nothing has begun', () => {
    const approval = { expiresAt: '2026-01-15T10:40:10Z', decision: 'approved' as const, user: 'alice', at: now, planDigest: digest };
    const approved = anUndecidedWorkflow({ annotations: { [approve]: 'true', ...stampsOfAlice }, status: { approval } });
    expect(decide(annotating(approved, { [approve]: undefined, [reject]: 'wait' }, { userInfo: bob })).decision.kind).toBe('allowed');
    expect(decide(annotating(approved, { [approve]: digest }, { userInfo: bob })).decision).toMatchObject({ approval: 'already_approved' });
  });

  it('is stamped once: a second review of the same request changes nothing', () => {
    const review = annotating(undecided, { [approve]: 'true' });
    expect(mutate({ ...review, object: decide(review).object }, settings, now)).toEqual({ kind: 'allowed' });
  });

  it.each<[sentence: string, refusal: string, changes: Readonly<Record<string, string | undefined>>, workflow: WorkflowOverrides, says: string]>([
    [
      'both at once',
      'both_decisions',
      { [approve]: 'true', [reject]: 'no' },
      {},
      `metadata.annotations[${reject}]: stands beside an approval: remove ${approve}`,
    ],
    ['a rejection beside an approval', 'both_decisions', { [reject]: 'no' }, { annotations: { [approve]: 'true', ...stampsOfAlice } }, 'with the same command'],
    [
      'in phase planning',
      'not_validating',
      { [approve]: 'true' },
      { status: { phase: 'planning' } },
      'in phase validating, and this one is in phase "planning"',
    ],
    ['in phase executing', 'not_validating', { [reject]: 'stop' }, { status: { phase: 'executing' } }, 'set spec.cancel of its request'],
    [
      'after the end',
      'not_validating',
      { [approve]: undefined },
      { annotations: { [approve]: 'true', ...stampsOfAlice }, status: { phase: 'failed' } },
      '"failed"',
    ],
    ['where nobody is asked', 'approval_not_required', { [reject]: 'no' }, { strategy: { approvalRequired: false } }, 'runs without anybody’s decision'],
    ['too late', 'approval_expired', { [approve]: 'true' }, { status: { approval: { expiresAt: '2026-01-15T10:35:09Z' } } }, 'ended at 2026-01-15T10:35:09Z'],
    ['of another plan', 'another_digest', { [approve]: `sha256:${'0'.repeat(64)}` }, {}, `the plan is another by now, its digest is ${digest}`],
    ['in other words', 'another_digest', { [approve]: 'yes' }, {}, 'must be true, or the digest of the plan'],
    [
      'with the name of another',
      'stamp_not_ours',
      { [approve]: 'true', [decidedBy]: 'bob' },
      {},
      `metadata.annotations[${decidedBy}]: is stamped by admission only`,
    ],
    ['with their own name', 'stamp_not_ours', { [approve]: 'true', [decidedBy]: 'alice' }, {}, 'and nothing beside it'],
    ['with a time of their own', 'stamp_not_ours', { [reject]: 'no', [decidedAt]: '2026-01-01T00:00:00Z' }, {}, `metadata.annotations[${decidedAt}]`],
    ['by stamps alone', 'stamp_not_ours', stampsOfAlice, {}, `metadata.annotations[${decidedBy}]`],
    ['with another stamp later', 'stamp_not_ours', { [decidedBy]: 'bob' }, { annotations: { [approve]: 'true', ...stampsOfAlice } }, decidedBy],
    ['with a stamp gone', 'stamp_not_ours', { [digestKey]: undefined }, { annotations: { [approve]: 'true', ...stampsOfAlice } }, digestKey],
  ])('is refused %s', (_sentence, refusal, changes, workflow, says) => {
    const { decision } = decide(annotating(anUndecidedWorkflow(workflow), changes));
    expect(decision).toMatchObject({ kind: 'denied', cause: 'forbidden', approval: refusal });
    expect(decision.kind === 'denied' && sentenceOf(decision)).toContain(says);
  });

  it('is refused by both doors: where the mutating one is not asked, the other one sees that nobody stamped', () => {
    expect(validate(annotating(undecided, { [approve]: 'true' }), settings, now)).toMatchObject({ approval: 'stamp_not_ours' });
    const fake = { [approve]: 'true', ...stampsOfAlice };
    expect(validate(annotating(undecided, { ...fake, [decidedBy]: 'bob' }), settings, now)).toMatchObject({ approval: 'stamp_not_ours' });
    expect(validate(annotating(undecided, { ...fake, [decidedAt]: '2026-01-15T10:33:10Z' }), settings, now)).toMatchObject({ approval: 'stamp_not_ours' });
    expect(validate(annotating(undecided, { ...fake, [decidedAt]: '2026-01-15T10:35:06Z' }), settings, now)).toEqual({ kind: 'allowed' });
  });

  it('is refused for a workflow that cannot be read', () => {
    const unreadable = { ...undecided, spec: {} };
    expect(decide(annotating(unreadable, { [approve]: 'true' })).decision).toMatchObject({
      approval: 'unreadable_workflow',
      remedy: 'cancel its request instead',
    });
  });
});

describe('who asked for the remediation by hand', () => {
  const ofAlice = anUndecidedWorkflow({ annotations: { 'kubernaut.io/requested-by': 'alice' } });

  it.each<[string, Settings, typeof alice, Readonly<Record<string, string>>]>([
    ['approves where that is allowed', settings, alice, { [approve]: 'true' }],
    ['rejects where approving is forbidden', strict, alice, { [reject]: 'a mistake of mine' }],
    ['is approved by somebody else', strict, { ...alice, ...bob }, { [approve]: 'true' }],
  ])('%s', (_sentence, ours, userInfo, decision) => {
    expect(decide(annotating(ofAlice, decision, { userInfo }), ours).decision).toEqual({ kind: 'allowed' });
  });

  it('does not approve where it is forbidden', () => {
    expect(decide(annotating(ofAlice, { [approve]: 'true' }), strict).decision).toMatchObject({
      approval: 'self_approval',
      message: 'alice made the request, and KUBERNAUT_SELF_APPROVAL is forbidden',
    });
  });

  it('cannot be made another by the caller', () => {
    const review = annotating(ofAlice, { [approve]: 'true', 'kubernaut.io/requested-by': 'bob' });
    expect(decide(review, strict).decision).toMatchObject({ approval: 'self_approval' });
    expect(decide(review).decision).toMatchObject({ kind: 'denied', field: 'metadata.annotations[kubernaut.io/requested-by]' });
  });
});

describe('the functions', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['approve', { [approve]: 'true' }],
    ['reject', { [reject]: 'no' }],
    ['stamp', stampsOfAlice],
    ['approve with all stamps', { [approve]: 'true', ...stampsOfAlice, [decidedBy]: functions.username }],
  ])('never %s', (_sentence, changes) => {
    const review = annotating(undecided, changes, { userInfo: functions });
    for (const door of [mutate, validate]) expect(door(review, settings, now)).toMatchObject({ kind: 'denied', approval: 'not_a_person' });
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['decided already', { [approve]: 'true' }, 'not_validating'],
    ['stamped already', stampsOfAlice, 'stamp_not_ours'],
  ])('make no workflow that is %s', (_sentence, annotations, refusal) => {
    const { status: _status, ...workflow } = anUndecidedWorkflow({ annotations });
    expect(validate(aReview('WorkflowExecution', { object: workflow, userInfo: functions }), settings, now)).toMatchObject({ approval: refusal });
  });

  it('go on after a decision', () => {
    const decided = anUndecidedWorkflow({ annotations: { [approve]: 'true', ...stampsOfAlice }, status: { phase: 'executing' } });
    const review = annotating(decided, { 'kubernaut.io/cancel-requested': 'true' }, { userInfo: functions });
    for (const door of [mutate, validate]) expect(door(review, settings, now)).toEqual({ kind: 'allowed' });
  });
});
