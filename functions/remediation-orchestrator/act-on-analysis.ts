import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import { phaseOf } from '../../shared/api/status.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { nothing, type Decision } from '../../shared/reconciler/phase.ts';
import { alertIsResolved } from './alert-state.ts';
import { hold } from './blocking.ts';
import { readAnalysis, readOwnWorkflow, type Family, type Ports } from './children.ts';
import { deadlineTimer, overallDeadline } from './deadlines.ts';
import { completeWithoutAction, fail, failWithChild, failWithoutChild } from './ending.ts';
import { closedFence, readFences, type Concern, type FenceWorld } from './fences.ts';
import { judgeAnalysis, type Chosen } from './recommendation.ts';
import type { Settings } from './settings.ts';
import { startWorkflow } from './start-workflow.ts';
import { stepsOf } from './steps.ts';
import { hashOf, namespacesOf, targetHashes } from './targets.ts';

/** What analyzing, and blocked after it, look at. `fences` null: there is nothing to be held, so nobody looked. */
export interface AnalysisWorld extends Family {
  readonly analysis: AIAnalysis | null;
  readonly fences: FenceWorld | null;
  readonly leftover: WorkflowExecution | null;
}

export async function lookAtAnalysis(request: RemediationRequest, ports: Ports, settings: Settings, now: Instant): Promise<AnalysisWorld> {
  const analysis = await readAnalysis(request, ports);
  const world = { children: analysis === null ? [] : [analysis], analysis, fences: null, leftover: null };
  if (analysis === null || request.spec.cancel || alertIsResolved(request)) return world;
  const judged = judgeAnalysis(analysis);
  if (judged.kind !== 'valid') return world;
  const fences = await readFences(request, concernOf(request, analysis, judged.chosen), ports, settings);
  const mayStart = phaseOf(request) === 'blocked' && closedFence(request, fences, settings, now) === null;
  return { ...world, fences, leftover: mayStart ? await readOwnWorkflow(request, ports) : null };
}

function concernOf(request: RemediationRequest, { spec: { target } }: AIAnalysis, chosen: Chosen): Concern {
  const steps = stepsOf(chosen);
  return {
    namespaces: [target.namespace ?? '', ...namespacesOf(steps)],
    targetHash: hashOf(request, target),
    hashes: targetHashes(request, target, steps),
  };
}

/** The analysis says what to do; the fences say whether it may be done now. An alert that is over ends the request whatever the analysis says. */
export function actOnAnalysis(request: RemediationRequest, world: AnalysisWorld, settings: Settings, now: Instant): Decision {
  if (alertIsResolved(request)) return completeWithoutAction(request, 'alert_resolved', settings, now);
  const { analysis } = world;
  if (analysis === null) return failWithoutChild(request, 'AIAnalysis', settings, now);
  const judged = judgeAnalysis(analysis);
  switch (judged.kind) {
    case 'running':
      return { effects: [], ...deadlineTimer(overallDeadline(request), now) };
    case 'failed':
      return failWithChild(request, analysis, settings, now);
    case 'nothing_to_do':
      return completeWithoutAction(request, 'no_action_needed', settings, now);
    case 'invalid': {
      const { message } = judged;
      return fail(request, { reason: 'invalid_analysis', message, failure: { kind: analysis.kind, name: analysis.metadata.name, message } }, settings, now);
    }
    case 'valid':
      return startOrHold(request, { ...world, analysis, chosen: judged.chosen }, settings, now);
  }
}

interface Ready extends AnalysisWorld {
  readonly analysis: AIAnalysis;
  readonly chosen: Chosen;
}

/** Closed by default: where nobody looked at the fences, nothing is begun. */
function startOrHold(request: RemediationRequest, { analysis, chosen, fences, leftover }: Ready, settings: Settings, now: Instant): Decision {
  if (fences === null) return nothing;
  const { leases } = fences;
  const fence = closedFence(request, fences, settings, now);
  if (fence !== null) return hold(request, { fence, resumePhase: 'executing', leases, status: { topAction: chosen.top.action } }, settings, now);
  return startWorkflow(request, { analysis, chosen, steps: stepsOf(chosen), leases, leftover }, settings, now);
}
