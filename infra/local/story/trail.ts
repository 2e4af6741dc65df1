import { remediationRequestLabel } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { secondsBetween, type Instant } from '../../../shared/api/time.ts';

/** One change that a reader of a story wants to see. */
export interface Step {
  readonly at: Instant;
  readonly kind: string;
  /** `rr`, `wf`, `ke/scale-deployment`, `job/scale-deployment`; of the story's second remediation `rr-2`, `ke-2/scale-deployment`. */
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly message: string;
}

const shortNames: Readonly<Record<string, string>> = {
  RemediationRequest: 'rr',
  RemediationProcessing: 'rp',
  AIAnalysis: 'aia',
  WorkflowExecution: 'wf',
  KubernetesExecution: 'ke',
  Job: 'job',
};

/** What somebody does in a story, between the changes that it makes. */
const actKind = 'Act';

export function actStep(says: string, at: Instant): Step {
  return { at, kind: actKind, subject: '', from: '', to: '', reason: '', message: says };
}

export interface TrailRecorder {
  /** Whom a step of this object is about. Remediations are numbered as they are first seen. */
  subjectOf(object: KubernetesObject): string;
  /** Takes a change as a watch tells it; a change that moves neither a phase nor an outcome is none. */
  note(object: KubernetesObject, at: Instant): Step | null;
  /** Takes what somebody does. */
  add(step: Step): void;
  readonly steps: readonly Step[];
}

/** Turns the changes of our resources into steps: phases that were entered, Jobs that were made and ended. */
export function createTrailRecorder(): TrailRecorder {
  const phases = new Map<string, string>();
  const outcomes = new Map<string, string>();
  const steps: Step[] = [];
  const numbers = new Map<string, number>();
  const numberedSubjectOf = (object: KubernetesObject): string => {
    const remediation = remediationOf(object);
    const number = numbers.get(remediation) ?? numbers.size + 1;
    numbers.set(remediation, number);
    return number === 1 ? subjectOf(object) : subjectOf(object).replace(/^[a-z]+/, `$&-${number}`); // most stories are about one
  };
  const moved = (object: KubernetesObject, at: Instant): Step | null => {
    const uid = object.metadata.uid ?? '';
    const to = stateOf(object);
    const from = phases.get(uid) ?? '';
    const outcome = outcomeOf(object);
    const told = outcomes.get(uid) ?? '';
    phases.set(uid, to);
    outcomes.set(uid, outcome);
    const subject = numberedSubjectOf(object);
    if (to !== from) return { at, kind: object.kind, subject, from, to, ...verdictOf(object) };
    // An outcome that comes with the phase goes without saying; one that comes later is what the story waited for.
    return outcome === told ? null : { at, kind: object.kind, subject, from: to, to: outcome, reason: '', message: '' };
  };
  return {
    steps,
    subjectOf: numberedSubjectOf,
    note(object, at) {
      const step = moved(object, at);
      if (step !== null) steps.push(step);
      return step;
    },
    add(step) {
      steps.push(step);
    },
  };
}

const subjectWidth = 27; // job/enlarge-cache-rollback; a longer one moves its line

/** `+00:04 ke/scale   validating → executing`, with reason and message where there is one: plain text, no uid and no wall-clock time. */
export function trailLine(step: Step, begun: Instant): string {
  if (step.kind === actKind) return `${elapsed(begun, step.at)} * ${step.message}`;
  const said = [step.reason, step.message].filter((part) => part !== '' && part !== step.to).join(': ');
  const from = step.from === '' ? '""' : step.from;
  return `${elapsed(begun, step.at)} ${step.subject.padEnd(subjectWidth)} ${from.padEnd(12)} → ${step.to.padEnd(13)} ${said}`.trimEnd();
}

export function elapsed(from: Instant, to: Instant): string {
  const seconds = Math.max(0, Math.floor(secondsBetween(from, to)));
  return `+${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

function stateOf(object: KubernetesObject): string {
  const status = object['status'] as
    | { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
    | undefined;
  if (object.kind !== 'Job') return status?.phase ?? '';
  const ended = (status?.conditions ?? []).find(({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'));
  if (ended !== undefined) return ended.type.toLowerCase();
  return (object['spec'] as { readonly suspend?: boolean } | undefined)?.suspend === true ? 'void' : 'created';
}

function outcomeOf({ kind, ...object }: KubernetesObject): string {
  const { outcome = '' } = (object['status'] ?? {}) as { readonly outcome?: string };
  return kind === 'RemediationRequest' ? outcome : '';
}

function verdictOf(object: KubernetesObject): Pick<Step, 'reason' | 'message'> {
  const { reason = '', message = '', executionResults } = (object['status'] ?? {}) as StatusText;
  if (object.kind === 'Job') return { reason: '', message: '' };
  const told = message === '' ? (executionResults?.message ?? '') : message;
  return { reason, message: told.replaceAll(uidPattern, '<uid>') };
}

const uidPattern = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

interface StatusText {
  readonly reason?: string;
  readonly message?: string;
  readonly executionResults?: { readonly message?: string };
}

const executionLabel = 'kubernaut.io/execution';

/** A workflow that a story begins with belongs to no request. */
function remediationOf({ kind, metadata }: KubernetesObject): string {
  return kind === 'RemediationRequest' ? metadata.name : (metadata.labels?.[remediationRequestLabel] ?? '');
}

/** Executions and Jobs by their step: the rest of the name is the request's. */
export function subjectOf({ kind, metadata }: KubernetesObject): string {
  const short = shortNames[kind] ?? kind.toLowerCase();
  const name = kind === 'Job' ? (metadata.labels?.[executionLabel] ?? metadata.name) : metadata.name;
  const step = /-workflow-(.+)$/.exec(name)?.[1];
  return step === undefined ? short : `${short}/${step}`;
}
