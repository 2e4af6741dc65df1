import { approvalReasons } from '../../../functions/remediation-orchestrator/approval.ts';
import { judgeAnalysis } from '../../../functions/remediation-orchestrator/recommendation.ts';
import { calledTarget } from '../../../functions/remediation-orchestrator/targets.ts';
import type { BoundAction } from '../../../shared/actions/action.ts';
import { parseAction } from '../../../shared/actions/index.ts';
import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import type { Investigation } from '../../../shared/api/investigation.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import type { RemediationProcessing } from '../../../shared/api/remediation-processing.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import { maskJson, maskSecrets } from '../../../shared/api/text.ts';
import type { WorkflowStep } from '../../../shared/api/workflow-definition.ts';
import type { WorkflowExecution } from '../../../shared/api/workflow-execution.ts';
import { accountUser } from '../../../shared/kubernetes/cluster.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { objectPath } from '../../../shared/kubernetes/resource-path.ts';
import { difference, type FieldChange } from '../../local/rehearsal/difference.ts';
import type { Rehearsed, RehearsalTransport } from '../../local/rehearsal/rehearsal-transport.ts';
import type { Standing } from '../../local/rehearsal/standing.ts';

/** `would_act`: the steps passed every check. `nothing_to_do`: nothing is wrong that an action would mend. `would_fail`: it would stop before acting. */
export const PlanVerdict = ['would_act', 'nothing_to_do', 'would_fail'] as const;
export type PlanVerdict = (typeof PlanVerdict)[number];

/** What would be done about one alert, and why. */
export interface PlanReport {
  readonly alert: { readonly name: string; readonly severity: string; readonly fingerprint: string; readonly firingSince: string };
  readonly verdict: PlanVerdict;
  readonly message: string;
  readonly target: string | null;
  readonly environment: string | null;
  readonly priority: string | null;
  readonly cause: string | null;
  readonly findings: readonly { readonly detector: string; readonly confidence: number; readonly summary: string }[];
  readonly investigator: string | null;
  readonly action: string | null;
  readonly confidence: number | null;
  /** Why the chosen one stands where it stands. */
  readonly reasons: readonly string[];
  readonly alternatives: readonly string[];
  readonly rejected: readonly { readonly action: string; readonly reason: string; readonly message: string }[];
  readonly mode: string | null;
  readonly digest: string | null;
  readonly steps: readonly PlannedStep[];
  /** Sentences; none: nobody would be asked. */
  readonly approval: readonly string[];
  /** What would hold it now; null: nothing. */
  readonly heldBy: { readonly reason: string; readonly message: string; readonly until: string | null } | null;
  readonly absorbedBy: string | null;
  readonly notChecked: readonly string[];
}

export interface PlannedStep {
  readonly name: string;
  readonly action: string;
  readonly parameters: JsonObject;
  readonly dependencies: readonly string[];
  /** What the Job would run, and as whom; empty where the action or its target is not known. */
  readonly command: readonly string[];
  readonly serviceAccount: string;
  /** What would undo it; null: it cannot be undone. */
  readonly undo: { readonly action: string; readonly parameters: JsonObject } | null;
  readonly dryRun: string;
  readonly changes: readonly ObjectChange[];
}

export interface ObjectChange {
  /** `Deployment production/payment-api` */
  readonly object: string;
  readonly kind: 'changed' | 'deleted' | 'refused';
  readonly fields: readonly FieldChange[];
}

/** What the functions wrote, parsed. */
export interface RehearsedFamily {
  readonly request: RemediationRequest;
  readonly processing: RemediationProcessing | null;
  readonly analysis: AIAnalysis | null;
  readonly workflow: WorkflowExecution | null;
}

type Witness = Pick<RehearsalTransport, 'rehearsed' | 'lastRead'>;

/** Pure. `standing` null: it came to no plan, so nothing could hold it. */
export function planReport(family: RehearsedFamily, witness: Witness, standing: Standing | null): PlanReport {
  const { request, analysis, workflow } = family;
  const { alertName: name, severity, alertFingerprint: fingerprint, firingTime: firingSince } = request.spec;
  return {
    alert: { name, severity, fingerprint, firingSince },
    ...verdictOf(request),
    ...targetOf(family),
    ...findingsOf(analysis),
    ...choiceOf(analysis, workflow),
    mode: workflow?.spec.executionStrategy.mode ?? null,
    digest: workflow?.status?.executionPlan?.digest ?? null,
    steps: workflow === null ? [] : stepsInOrder(workflow).map((step) => plannedStep(step, workflow, witness)),
    heldBy: standing === null || standing.fence === null ? null : heldBy(standing.fence),
    absorbedBy: standing?.absorbedBy ?? null,
  };
}

function targetOf({ request, processing }: RehearsedFamily): Pick<PlanReport, 'target' | 'environment' | 'priority'> {
  const { resolvedTarget = request.spec.target, environment = null, priority = null } = processing?.status ?? {};
  return { target: resolvedTarget === undefined ? null : calledTarget(resolvedTarget), environment, priority };
}

function findingsOf(analysis: AIAnalysis | null): Pick<PlanReport, 'cause' | 'findings' | 'investigator' | 'alternatives' | 'rejected' | 'notChecked'> {
  const { investigation, investigationReport, rejected = [] } = analysis?.status ?? {};
  const { rootCause: cause = null, alternatives = [], notChecked = [] } = investigationReport ?? {};
  return {
    cause,
    findings: (investigation?.findings ?? []).map(({ detector, confidence, summary }) => ({ detector, confidence, summary })),
    investigator: investigatorOf(investigation),
    alternatives,
    rejected: rejected.map(({ action, reason, message }) => ({ action, reason, message })),
    notChecked,
  };
}

function heldBy({ reason, message, until }: NonNullable<Standing['fence']>): PlanReport['heldBy'] {
  return { reason, message, until: until ?? null };
}

function verdictOf({ status }: RemediationRequest): Pick<PlanReport, 'verdict' | 'message'> {
  const { outcome, reason = '', message = '' } = status ?? {};
  if (outcome === 'suggested') return { verdict: 'would_act', message: message === '' ? reason : message };
  if (outcome === 'noActionNeeded') return { verdict: 'nothing_to_do', message: message === '' ? reason : message };
  return { verdict: 'would_fail', message: [reason, message].filter((text) => text !== '').join(': ') };
}

function investigatorOf({ provider, model, fallbackReason }: Investigation = {}): string | null {
  if (provider === undefined) return null;
  const asked = model === undefined ? provider : `${provider} (${model})`;
  return fallbackReason === undefined ? asked : `${asked}, since ${fallbackReason}`;
}

function choiceOf(analysis: AIAnalysis | null, workflow: WorkflowExecution | null): Pick<PlanReport, 'action' | 'confidence' | 'reasons' | 'approval'> {
  const judged = analysis === null ? null : judgeAnalysis(analysis);
  if (analysis === null || judged?.kind !== 'valid') return { action: null, confidence: null, reasons: [], approval: [] };
  const { top, recommendation } = judged.chosen;
  const steps = workflow?.spec.workflowDefinition.steps ?? [];
  return { action: top.action, confidence: top.confidence, reasons: recommendation.reasons, approval: approvalReasons(analysis, judged.chosen, steps) };
}

/** As planned; without a plan, as defined. */
function stepsInOrder({ spec, status }: WorkflowExecution): readonly WorkflowStep[] {
  const { steps } = spec.workflowDefinition;
  const order = status?.executionPlan?.executionOrder.flatMap((batch) => batch.steps);
  return order === undefined ? steps : order.flatMap((name) => steps.filter((step) => step.name === name));
}

function plannedStep(step: WorkflowStep, { metadata, status }: WorkflowExecution, witness: Witness): PlannedStep {
  const { name, action, parameters, dependencies } = step;
  const checked = status?.validationResults?.steps?.find(({ stepName }) => stepName === name);
  const dryRun = checked?.dryRunOutput ?? `${checked?.dryRun ?? 'skipped'}: it was not tried`;
  const said = { name, action, parameters: maskJson(parameters), dependencies, dryRun };
  const known = knownStep(step, witness);
  if (known === null) return { ...said, command: [], serviceAccount: '', undo: null, changes: [] };
  return {
    ...said,
    command: ['kubectl', ...known.action.argv(known.target).map(maskSecrets)],
    serviceAccount: known.action.serviceAccount,
    undo: undoOf(step, known),
    changes: changesOf(known, metadata.namespace, witness),
  };
}

interface KnownStep {
  readonly action: BoundAction;
  /** As it was read for the plan. */
  readonly target: KubernetesObject;
}

function knownStep({ action: name, parameters }: WorkflowStep, { lastRead }: Witness): KnownStep | null {
  const parsed = parseAction(name, parameters);
  if (parsed.kind !== 'known') return null;
  const target = lastRead(objectPath(parsed.action.target));
  return target === null ? null : { action: parsed.action, target: target as unknown as KubernetesObject };
}

function undoOf({ rollback }: WorkflowStep, { action, target }: KnownStep): PlannedStep['undo'] {
  const undo = rollback ?? action.undo(target);
  return undo === null ? null : { action: undo.action, parameters: maskJson(undo.parameters) };
}

/** The dry runs of this step: the requests that its action sends for the target as it was read, as the action's identity. */
function changesOf({ action, target }: KnownStep, systemNamespace: string, { rehearsed }: Witness): readonly ObjectChange[] {
  const user = accountUser(systemNamespace, action.serviceAccount);
  const wanted = action.requests(target).filter(({ method }) => method !== 'GET');
  return wanted.flatMap(({ method, path, body }) => {
    const found = rehearsed.find(({ request }) => {
      const isSame = request.method === method && request.path === path && request.impersonate === user;
      return isSame && (method === 'DELETE' || JSON.stringify(request.body) === JSON.stringify(body));
    });
    return found === undefined ? [] : [changeOf(found, calledTarget(action.target))];
  });
}

function changeOf({ request, before, answer }: Rehearsed, object: string): ObjectChange {
  if (answer.status >= 300) return { object, kind: 'refused', fields: [] };
  if (request.method === 'DELETE') return { object, kind: 'deleted', fields: [] };
  return { object, kind: 'changed', fields: difference(before ?? {}, answer.body) };
}
