import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import { readKubernetesContext } from '../../../shared/api/kubernetes-context.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { boundedText } from '../../../shared/api/text.ts';
import { addSeconds, formatDuration, isAfter, secondsBetween, type Instant } from '../../../shared/api/time.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { StatusPatch } from '../../../shared/reconciler/effect.ts';
import { nothing, type Decision, type Phase } from '../../../shared/reconciler/phase.ts';
import { audit, transition, update } from '../../../shared/reconciler/transition.ts';
import { draftStatus } from '../draft.ts';
import type { Ports } from '../ports.ts';
import type { Answer, Question } from '../provider.ts';
import { parseAnswer } from '../answer-schema.ts';
import { crashLooping } from '../rules/crash-loop.ts';
import { analyseByRules } from '../rules/engine.ts';

/** `trouble`: the provider gave no answer, and why. `notYet`: it was not asked, because its next attempt is later. */
export type Observed =
  | { readonly kind: 'answer'; readonly question: Question; readonly answer: Answer }
  | { readonly kind: 'trouble'; readonly question: Question; readonly why: string }
  | { readonly kind: 'notYet' };

export const investigationSeconds = 420; // 5 minutes of attempts, and room for a slow answer
const patienceSeconds = 300;
const attemptWaitsSeconds = [5, 10, 20, 30];
const fallbackConfidence = 0.75;
const configMapsMax = 3; // with these, evidence stays well below the twelve requests that an investigation may cost

/** Asks the provider; when it stays in trouble for five minutes, the embedded rules answer with less confidence. */
export const investigating: Phase<AIAnalysis, Observed, Ports> = {
  async observe(analysis, ports, now) {
    const next = analysis.status?.investigation?.nextAttemptTime;
    if (next !== undefined && isAfter(next, now)) return { kind: 'notYet' };
    const question = await ask(analysis, ports);
    const { provider } = analysis.spec;
    const investigator = ports.providers[provider];
    if (investigator === undefined)
      return { kind: 'trouble', question, why: `provider ${provider} is not installed; known are ${Object.keys(ports.providers).join(', ')}` };
    try {
      return { kind: 'answer', question, answer: parseAnswer(provider, await investigator.investigate(question)) };
    } catch (error) {
      return { kind: 'trouble', question, why: boundedText(error instanceof Error ? error.message : String(error)) };
    }
  },

  decide(analysis, observed, now) {
    switch (observed.kind) {
      case 'notYet':
        return nothing;
      case 'answer':
        return answered(analysis, { answer: observed.answer, provider: analysis.spec.provider }, now);
      case 'trouble':
        return mayTryAgain(analysis, now) ? tryAgain(analysis, observed.why, now) : fallBack(analysis, observed, now);
    }
  },

  deadline: ({ status }) => (status?.phaseStartTime === undefined ? null : addSeconds(status.phaseStartTime, investigationSeconds)),
};

async function ask({ spec }: AIAnalysis, { cluster }: Ports): Promise<Question> {
  const context = readKubernetesContext(spec.kubernetesContext);
  const question: Question = { spec, context, configMaps: [] };
  const { namespace } = spec.target;
  if (namespace === undefined || crashLooping(question).length === 0) return question;
  const names = (context?.workload.configMaps ?? []).slice(0, configMapsMax);
  const found = await Promise.all(names.map((name) => readable(() => cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }))));
  return { ...question, configMaps: found.filter((object) => object !== null) };
}

/** Evidence that may not be read is evidence that is not there. */
async function readable(read: () => Promise<KubernetesObject | null>): Promise<KubernetesObject | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  }
}

function mayTryAgain({ status }: AIAnalysis, now: Instant): boolean {
  return status?.phaseStartTime !== undefined && secondsBetween(status.phaseStartTime, now) < patienceSeconds;
}

function tryAgain(analysis: AIAnalysis, why: string, now: Instant): Decision {
  const attempts = (analysis.status?.investigation?.providerAttempts ?? 0) + 1;
  const wait = attemptWaitsSeconds[Math.min(attempts, attemptWaitsSeconds.length) - 1] ?? 30;
  const status = { investigation: { provider: analysis.spec.provider, providerAttempts: attempts, nextAttemptTime: addSeconds(now, wait) } };
  const told = { type: 'analysis.provider_called', discriminator: String(attempts), reason: '', message: `attempt ${attempts}: ${why}` };
  return { effects: [audit(told, 'investigating', 'investigating'), update(analysis, status, [], now)], wakeAfterSeconds: [wait] };
}

function fallBack(analysis: AIAnalysis, { question, why }: { readonly question: Question; readonly why: string }, now: Instant): Decision {
  const answer = analyseByRules(question);
  const lowered = answer.candidates.map((candidate) => ({ ...candidate, confidence: candidate.confidence * fallbackConfidence }));
  return answered(analysis, { answer: { ...answer, candidates: lowered }, provider: 'rules', fallbackReason: why }, now);
}

interface Answered {
  readonly answer: Answer;
  readonly provider: string;
  readonly fallbackReason?: string;
}

function answered(analysis: AIAnalysis, { answer, provider, fallbackReason }: Answered, now: Instant): Decision {
  const { startTime } = analysis.status ?? {};
  const attempts = (analysis.status?.investigation?.providerAttempts ?? 0) + 1;
  const investigation: StatusPatch = {
    findings: answer.findings.map((finding) => ({ ...finding, evidence: finding.evidence.map((each) => ({ ...each, ref: { ...each.ref } })) })),
    provider,
    model: answer.model,
    tokens: answer.tokens,
    duration: formatDuration(startTime === undefined ? 0 : secondsBetween(startTime, now)),
    providerAttempts: attempts,
    nextAttemptTime: null,
    ...(fallbackReason !== undefined && { fallbackReason }),
  };
  const fellBack = fallbackReason !== undefined;
  return {
    effects: transition(
      analysis,
      {
        to: 'analyzing',
        status: { investigation, ...draftStatus(answer) },
        conditions: [{ type: 'InvestigationComplete', status: 'True', reason: fellBack ? 'FellBackToRules' : 'Completed', message: answer.summary }],
        audit: {
          type: fellBack ? 'analysis.fallback' : 'analysis.provider_called',
          discriminator: String(attempts),
          message: fellBack ? `the rules answer instead: ${fallbackReason}` : `${provider} answered: ${answer.summary}`,
          payload: { provider, model: answer.model, tokens: answer.tokens, findings: answer.findings.length, candidates: answer.candidates.length },
        },
        ...(fellBack && {
          event: { type: 'Warning', reason: 'AnalysisProviderFallback', message: `${analysis.spec.provider} gave no answer: ${fallbackReason}` },
        }),
      },
      now,
    ),
  };
}
