import type { ApprovalRefusal } from '../../functions/admission-webhook/rules/decision.ts';
import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { approveAnnotation, decidedAtAnnotation, decidedByAnnotation, planDigestAnnotation, rejectAnnotation } from '../../shared/api/labels.ts';
import type { Attacker, Scene } from './approval-world.ts';

/** One attempt to decide what one may not decide. */
export interface Attack {
  readonly sentence: string;
  readonly by: Attacker;
  /** Whom the attacker claims to be. */
  readonly as?: string;
  /** And what else of them. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly on: Scene;
  readonly write: Write;
  /** In the words that the attacker reads. */
  readonly words: RegExp;
  /** Null: nobody asked admission, or it was about no decision. */
  readonly audited: Audited | null;
}

/** Null takes an annotation away. */
export type Annotations = Readonly<Record<string, string | null>>;
export type Write = { readonly annotations: Annotations } | { readonly status: JsonObject };

export interface Audited {
  readonly reason: ApprovalRefusal;
  readonly actor: { readonly kind: 'user' | 'system'; readonly name: string };
}

const approve: Annotations = { [approveAnnotation]: 'true' };
const reject: Annotations = { [rejectAnnotation]: 'not today' };
const otherDigest = `sha256:${'0'.repeat(64)}`;
const stamps: Annotations = { [decidedByAnnotation]: 'ada', [decidedAtAnnotation]: '2026-01-15T10:36:00Z', [planDigestAnnotation]: otherDigest };
const approvedStatus: Write = { status: { approval: { decision: 'approved', user: 'ada' } } };
const functionsName = 'system:serviceaccount:kubernaut-system:kubernaut-functions';

/** By somebody who may write workflows, on one that asks for a decision. */
function byAda(sentence: string, reason: ApprovalRefusal, annotations: Annotations, words: RegExp): Attack {
  return { sentence, by: 'ada', on: 'asked', write: { annotations }, words, audited: { reason, actor: { kind: 'user', name: 'ada' } } };
}

const forged = (how: string, annotations: Annotations, words: RegExp) => byAda(`a decision forged ${how}`, 'stamp_not_ours', annotations, words);

const forgeries: readonly Attack[] = [
  forged('with all three stamps', { ...approve, ...stamps }, /decided-by\]: is stamped by admission only: write workflow\.kubernaut\.io\/approve/),
  forged('in the name of somebody else', { ...approve, [decidedByAnnotation]: 'the boss' }, /decided-by\]: is stamped by admission only/),
  forged('for another time', { ...approve, [decidedAtAnnotation]: '2026-01-15T10:36:00Z' }, /decided-at\]: is stamped by admission only/),
  forged('for another plan', { ...reject, [planDigestAnnotation]: otherDigest }, /plan-digest\]: is stamped by admission only/),
  forged('by stamps alone', stamps, /decided-by\]: is stamped by admission only/),
];

const onOtherPlans: readonly Attack[] = [
  byAda(
    'an approval of a plan that is another by now',
    'another_digest',
    { [approveAnnotation]: otherDigest },
    /approve\]: the plan is another by now, its digest is sha256:[0-9a-f]{64}: look at the plan again/,
  ),
  byAda('an approval in other words', 'another_digest', { [approveAnnotation]: 'yes' }, /approve\]: must be true, or the digest of the plan/),
  byAda('both decisions at once', 'both_decisions', { ...approve, ...reject }, /reject\]: stands beside an approval/),
];

const late = /the time to decide ended at 20\S+Z: let the alert fire again, or create a new RemediationRequest/;
const elsewhere = /a plan is decided in phase validating, and this one is in phase "completed": to stop it now, set spec\.cancel of its request/;

const atAnotherTime: readonly Attack[] = [
  { ...byAda('an approval after its time', 'approval_expired', approve, late), on: 'late' },
  { ...byAda('a rejection after its time', 'approval_expired', reject, late), on: 'late' },
  { ...byAda('another approval, of what is done', 'not_validating', { [approveAnnotation]: 'again' }, elsewhere), on: 'over' },
  { ...byAda('a rejection of what is done', 'not_validating', { ...reject, [approveAnnotation]: null }, elsewhere), on: 'over' },
  { ...byAda('an approval taken back when it is done', 'not_validating', { [approveAnnotation]: null }, elsewhere), on: 'over' },
];

const theFunctions = { on: 'asked', words: /the functions of kubernaut decide no plan: if nobody here tried this, the credentials/ } as const;
const told: Audited = { reason: 'not_a_person', actor: { kind: 'system', name: functionsName } };

const byTheFunctions: readonly Attack[] = [
  { ...theFunctions, sentence: 'an approval by the identity of the functions', by: 'functions', write: { annotations: approve }, audited: told },
  { ...theFunctions, sentence: 'a rejection by the identity of the functions', by: 'functions', write: { annotations: reject }, audited: told },
  { ...theFunctions, sentence: 'stamps by the identity of the functions', by: 'functions', write: { annotations: stamps }, audited: told },
  { ...theFunctions, sentence: 'an approval by who acts as the functions', by: 'mallory', as: functionsName, write: { annotations: approve }, audited: told },
];

const theirOwn = {
  on: 'byHand',
  write: { annotations: approve },
  words: /approve\]: bob made the request, and KUBERNAUT_SELF_APPROVAL is forbidden: ask somebody else to approve/,
  audited: { reason: 'self_approval', actor: { kind: 'user', name: 'bob' } },
} as const;

const byTheRequester: readonly Attack[] = [
  { ...theirOwn, sentence: 'an approval by who made the request', by: 'bob' },
  { ...theirOwn, sentence: 'an approval by who acts as the one who made the request', by: 'mallory', as: 'bob' },
];

/** The sandbox takes no extras at all. */
const byExtras: readonly Attack[] = [
  { ...theirOwn, sentence: 'an approval by who made the request, and claims another name in an extra', by: 'mallory', as: 'bob', extra: { approver: ['ada'] } },
];

const unheard = { on: 'asked', write: { annotations: approve }, audited: null } as const;

/** Who may not write a workflow is refused by the API itself, before anybody asks admission; an administrator writes no status either. */
const withoutPermission: readonly Attack[] = [
  { ...unheard, sentence: 'an approval by who may only look', by: 'eve', words: /User "eve" cannot patch resource "workflowexecutions"/ },
  {
    ...unheard,
    sentence: 'an approval by an account without a role',
    by: 'watcher',
    words: /kubernaut-watcher" cannot (get|patch) resource "workflowexecutions"/,
  },
  { ...unheard, sentence: 'an approval by who claims to be another', by: 'eve', as: 'ada', words: /User "eve" cannot impersonate/ },
  {
    ...unheard,
    sentence: 'an approval by who claims to be the functions',
    by: 'ada',
    as: functionsName,
    words: /User "ada" cannot impersonate/,
  },
  {
    ...unheard,
    sentence: 'an approval in the status',
    by: 'ada',
    write: approvedStatus,
    words: /User "ada" cannot (get|patch) resource "workflowexecutions\/status"/,
  },
  {
    ...unheard,
    sentence: 'an approval in the status by an administrator',
    by: 'root',
    write: approvedStatus,
    words: /status: is written by the functions of kubernaut only/,
  },
];

export function attacksOn(cluster: ClusterChoice): readonly Attack[] {
  const common = [...forgeries, ...onOtherPlans, ...atAnotherTime, ...byTheFunctions, ...byTheRequester, ...withoutPermission];
  return cluster === 'real' ? [...common, ...byExtras] : common;
}
