import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import { boundedText } from '../../../shared/api/text.ts';
import { addSeconds, formatDuration, isAfter, secondsBetween, type Instant } from '../../../shared/api/time.ts';
import type { StatusPatch } from '../../../shared/reconciler/effect.ts';
import { nothing, type Decision, type Phase } from '../../../shared/reconciler/phase.ts';
import { audit, transition, update } from '../../../shared/reconciler/transition.ts';
import { untilSeconds } from '../../../shared/reconciler/wait.ts';
import { readAnswer, type Answer } from '../answer.ts';
import { ask } from '../ask.ts';
import { investigationSeconds, nextWaitSeconds } from '../attempts.ts';
import { draftStatus } from '../draft.ts';
import { gatherEvidence } from '../evidence.ts';
import { fail } from '../fail.ts';
import type { Ports } from '../ports.ts';
import type { Question } from '../provider.ts';
import { analyseByRules, rulesProvider } from '../rules/engine.ts';

/** `trouble`: there was no answer, and why; `forGood`: there never will be one. `notYet`: nobody was asked, because the next attempt is later. */
export type Observed =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'trouble'; readonly question: Question; readonly why: string; readonly forGood: boolean }
  | { readonly kind: 'notYet' };

const fallbackConfidence = 0.75;
const clockSkewSeconds = 5; // a timer that another machine's clock fires early is set once more; a longer rest has its own timer

/** Asks the provider; when it stays in trouble for five minutes, the embedded rules answer with less confidence. */
export const investigating: Phase<AIAnalysis, Observed, Ports> = {
  async observe(analysis, ports, now) {
    if (isAfter(nextAttempt(analysis) ?? now, now)) return { kind: 'notYet' };
    const question = await gatherEvidence(analysis, ports);
    const { provider: name } = analysis.spec;
    const provider = Object.hasOwn(ports.providers, name) ? ports.providers[name] : undefined;
    if (provider === undefined) {
      const why = `provider ${name} is not installed; known are ${Object.keys(ports.providers).join(', ')}`;
      return { kind: 'trouble', question, why: boundedText(why), forGood: true };
    }
    const attempt = await ask(provider, question, ports.clock);
    return attempt.kind === 'answer' ? attempt : { kind: 'trouble', question, why: boundedText(`provider ${name}: ${attempt.why}`), forGood: false };
  },

  decide(analysis, observed, now) {
    switch (observed.kind) {
      case 'notYet':
        return waitOn(analysis, now);
      case 'answer':
        return answered(analysis, { answer: observed.answer, provider: analysis.spec.provider }, now);
      case 'trouble':
        return inTrouble(analysis, observed, now);
    }
  },

  deadline: ({ status }) => (status?.phaseStartTime === undefined ? null : addSeconds(status.phaseStartTime, investigationSeconds)),
};

function nextAttempt({ status }: AIAnalysis): Instant | undefined {
  return status?.investigation?.nextAttemptTime;
}

function attemptsOf({ status }: AIAnalysis): number {
  return status?.investigation?.providerAttempts ?? 0;
}

function waitOn(analysis: AIAnalysis, now: Instant): Decision {
  const next = nextAttempt(analysis);
  if (next === undefined || secondsBetween(now, next) > clockSkewSeconds) return nothing;
  return { effects: [], wakeAfterSeconds: [untilSeconds(next, now)] };
}

type Trouble = Extract<Observed, { readonly kind: 'trouble' }>;

function inTrouble(analysis: AIAnalysis, trouble: Trouble, now: Instant): Decision {
  const attempts = attemptsOf(analysis) + 1;
  const wait = trouble.forGood ? null : nextWaitSeconds(attempts, analysis.status?.phaseStartTime ?? now, now);
  if (wait === null) return fallBack(analysis, trouble, now);
  const { provider } = analysis.spec;
  const status = { investigation: { provider, providerAttempts: attempts, nextAttemptTime: addSeconds(now, wait) } };
  const told = { type: 'analysis.provider_called', discriminator: String(attempts), reason: '', message: `attempt ${attempts}: ${trouble.why}` };
  return { effects: [audit(told, 'investigating', 'investigating'), update(analysis, status, [], now)], wakeAfterSeconds: [wait] };
}

/** The rules are held to what every investigator is held to: what they say is read like any other answer. */
function fallBack(analysis: AIAnalysis, { question, why }: Trouble, now: Instant): Decision {
  const reading = readAnswer(analyseByRules(question));
  if (reading.kind === 'mistake') return fail(analysis, { reason: 'invalid_analysis', message: `${why}; and of the rules: ${reading.message}` }, now);
  const candidates = reading.answer.candidates.map((candidate) => ({ ...candidate, confidence: candidate.confidence * fallbackConfidence }));
  return answered(analysis, { answer: { ...reading.answer, candidates }, provider: rulesProvider.name, fallbackReason: why }, now);
}

interface Answered {
  readonly answer: Answer;
  readonly provider: string;
  readonly fallbackReason?: string;
}

function answered(analysis: AIAnalysis, said: Answered, now: Instant): Decision {
  const { answer, provider, fallbackReason } = said;
  const attempts = attemptsOf(analysis) + 1;
  const fellBack = fallbackReason !== undefined;
  return {
    effects: transition(
      analysis,
      {
        to: 'analyzing',
        status: { investigation: investigationOf(analysis, said, now), ...draftStatus(answer) },
        conditions: [{ type: 'InvestigationComplete', status: 'True', reason: fellBack ? 'FellBackToRules' : 'Completed', message: answer.summary }],
        audit: {
          type: fellBack ? 'analysis.fallback' : 'analysis.provider_called',
          discriminator: String(attempts),
          message: fellBack ? `the rules answer instead: ${fallbackReason}` : `${provider} answered: ${answer.summary}`,
          payload: { provider, model: answer.model, tokens: answer.tokens, findings: answer.findings.length, candidates: answer.candidates.length },
        },
        ...(fellBack && {
          event: { type: 'Warning', reason: 'AnalysisProviderFallback', message: `the rules answer instead: ${fallbackReason}` },
        }),
      },
      now,
    ),
  };
}

function investigationOf(analysis: AIAnalysis, { answer, provider, fallbackReason }: Answered, now: Instant): StatusPatch {
  const { findings, model, tokens } = answer;
  return {
    findings: findings.map((finding) => ({ ...finding, evidence: finding.evidence.map((each) => ({ ...each, ref: { ...each.ref } })) })),
    provider,
    model,
    tokens,
    duration: formatDuration(secondsBetween(analysis.status?.startTime ?? now, now)),
    providerAttempts: attemptsOf(analysis) + 1,
    nextAttemptTime: null,
    ...(fallbackReason !== undefined && { fallbackReason }),
  };
}
