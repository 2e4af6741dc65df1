import { describe, expect, it } from 'vitest';
import type { AIAnalysis } from '../../../shared/api/ai-analysis.ts';
import { addSeconds, type Instant } from '../../../shared/api/time.ts';
import { aCandidate, anAnalysisIn, anAnswer, aQuestion, began, oomKilled, type AnalysisOverrides } from '../../../test/support/analyses.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import { stillClock } from '../../../test/support/kernel.ts';
import { said } from '../../../test/support/requests.ts';
import { conditionsOf, eventsOf, patchOf, rowsOf } from '../../../test/support/workflows.ts';
import type { Ports } from '../ports.ts';
import type { AnalysisProvider } from '../provider.ts';
import { investigating, type Observed } from './investigating.ts';

const at = (seconds: number) => addSeconds(began, seconds);
const anInvestigation = (overrides: AnalysisOverrides = {}) => anAnalysisIn('investigating', { ...overrides, spec: { provider: 'holmes', ...overrides.spec } });
const sick = { context: { pods: { total: 3, ready: 2, worst: [oomKilled] } } };
const trouble = (overrides: Partial<Extract<Observed, { kind: 'trouble' }>> = {}): Observed => ({
  kind: 'trouble',
  question: aQuestion(sick),
  why: 'provider holmes: connect ECONNREFUSED',
  forGood: false,
  ...overrides,
});
const decide = (observed: Observed, now: Instant = at(10), analysis: AIAnalysis = anInvestigation(sick)) => investigating.decide(analysis, observed, now);
const waiting = (attempts: number, next: Instant) => anInvestigation({ status: { investigation: { providerAttempts: attempts, nextAttemptTime: next } } });

describe('investigating, with an answer', () => {
  const decision = decide({ kind: 'answer', answer: anAnswer() }, at(12));

  it('writes findings and drafts, and goes on', () => {
    expect(said(decision)).toEqual(['audit analysis.provider_called', 'enter analyzing']);
    expect(patchOf(decision)).toMatchObject({
      investigation: {
        findings: anAnswer().findings,
        provider: 'holmes',
        model: 'recorded-1',
        tokens: 1_234,
        duration: '12s',
        providerAttempts: 1,
        nextAttemptTime: null,
      },
      recommendations: [{ id: 'rec-001', action: 'scale_deployment', confidence: 0.92, reasons: ['finding memory-pressure'] }],
      investigationReport: { rootCause: 'Insufficient memory limits for current workload' },
    });
    expect(conditionsOf(decision)).toContain('InvestigationComplete=True Completed');
    expect(decision).not.toHaveProperty('wakeAfterSeconds');
  });

  it('shows a draft as nothing that was judged or chosen', () => {
    expect(patchOf(decision)).not.toHaveProperty('topRecommendation');
    expect(patchOf(decision)).toMatchObject({ recommendations: [{ safetyLevel: 'dangerous' }] });
    expect(patchOf(decision)?.['recommendations']).not.toEqual([expect.objectContaining({ historicalTier: expect.anything() })]);
  });

  it('names its drafts in the order of the answer', () => {
    const candidates = Array.from({ length: 10 }, (_, index) => aCandidate({ description: `${index}`, confidence: 0.123_4 }));
    const drafts = patchOf(decide({ kind: 'answer', answer: anAnswer({ candidates }) }))?.['recommendations'] as readonly { readonly id: string }[];
    expect(drafts.map(({ id }) => id)).toEqual(['rec-001', 'rec-002', 'rec-003', 'rec-004', 'rec-005', 'rec-006', 'rec-007', 'rec-008', 'rec-009', 'rec-010']);
    expect(drafts).toMatchObject([{ confidence: 0.12 }, ...Array(9).fill({})]);
  });

  it('keeps ten of the findings that speak for a draft, and steps and mode as they came', () => {
    const steps = [{ name: 'a', action: 'restart_pod', parameters: { pod: 'p' }, dependencies: [] }];
    const candidates = [aCandidate({ findings: Array.from({ length: 12 }, (_, index) => `f${index}`), steps, mode: 'parallel' })];
    expect(patchOf(decide({ kind: 'answer', answer: anAnswer({ candidates }) }))).toMatchObject({
      recommendations: [{ steps, mode: 'parallel', reasons: Array.from({ length: 10 }, (_, index) => `finding f${index}`) }],
    });
  });

  it('takes an answer that comes after all patience is over', () => {
    expect(said(decide({ kind: 'answer', answer: anAnswer() }, at(3_600)))).toContain('enter analyzing');
  });
});

describe('investigating, with a provider in trouble', () => {
  it.each<[attempts: number, elapsedSeconds: number, wait: number]>([
    [0, 0, 5],
    [1, 5, 10],
    [2, 15, 20],
    [3, 35, 30],
    [4, 65, 30],
    [11, 275, 25],
  ])('after %i failed attempts and %i seconds asks again in %i', (attempts, elapsedSeconds, wait) => {
    const decision = decide(trouble(), at(elapsedSeconds), waiting(attempts, at(elapsedSeconds)));
    expect(said(decision)).toEqual(['audit analysis.provider_called', 'write status']);
    expect(patchOf(decision)).toEqual({ investigation: { provider: 'holmes', providerAttempts: attempts + 1, nextAttemptTime: at(elapsedSeconds + wait) } });
    expect(decision.wakeAfterSeconds).toEqual([wait]);
    expect(rowsOf(decision)).toMatchObject([
      { discriminator: String(attempts + 1), message: `attempt ${attempts + 1}: provider holmes: connect ECONNREFUSED` },
    ]);
  });

  it('lets the rules answer after five minutes, with three quarters of the confidence', () => {
    const decision = decide(trouble(), at(300), waiting(12, at(300)));
    expect(said(decision)).toEqual(['audit analysis.fallback', 'enter analyzing', 'event Warning AnalysisProviderFallback']);
    expect(patchOf(decision)).toMatchObject({
      investigation: {
        provider: 'rules',
        model: 'rules-1',
        providerAttempts: 13,
        nextAttemptTime: null,
        fallbackReason: 'provider holmes: connect ECONNREFUSED',
        duration: '5m',
      },
      recommendations: [
        { action: 'scale_deployment', confidence: 0.69 },
        { action: 'increase_memory_limit', confidence: 0.66 },
      ],
    });
    expect(conditionsOf(decision)).toContain('InvestigationComplete=True FellBackToRules');
    expect(eventsOf(decision)).toMatchObject([{ message: 'the rules answer instead: provider holmes: connect ECONNREFUSED' }]);
    expect(rowsOf(decision)).toMatchObject([
      { message: 'the rules answer instead: provider holmes: connect ECONNREFUSED', payload: { provider: 'rules', candidates: 2 } },
    ]);
  });

  it('waits for nobody who will never answer', () => {
    const decision = decide(trouble({ forGood: true, why: 'provider holmes is not installed; known are rules' }), at(0));
    expect(said(decision)).toContain('event Warning AnalysisProviderFallback');
    expect(patchOf(decision)).toMatchObject({ investigation: { fallbackReason: 'provider holmes is not installed; known are rules' } });
  });
});

describe('investigating, before its next attempt', () => {
  it.each<[sentence: string, next: Instant, wakeAfterSeconds: readonly number[] | undefined]>([
    ['leaves the waking to the timer that is armed', at(40), undefined],
    ['sets a timer once more that came early by another machine’s clock', at(12), [5]],
  ])('%s', (_sentence, next, wakeAfterSeconds) => {
    const decision = decide({ kind: 'notYet' }, at(10), waiting(2, next));
    expect(decision).toEqual({ effects: [], ...(wakeAfterSeconds !== undefined && { wakeAfterSeconds }) });
  });
});

describe('what investigating looks at', () => {
  const look = (providers: Ports['providers'], analysis = anInvestigation(), now = at(10)) => {
    const cluster = clusterTwin();
    const ports: Ports = { cluster, providers, clock: stillNever, readRates: () => Promise.reject(new Error('asked')) };
    return investigating.observe(analysis, ports, now);
  };
  /** Nobody is late in these tests. */
  const stillNever = { ...stillClock(), sleep: () => new Promise<never>(() => undefined) };
  const answering: AnalysisProvider = { name: 'holmes', investigate: () => Promise.resolve(anAnswer()) };
  const failing: AnalysisProvider = { name: 'holmes', investigate: () => Promise.reject(new Error('asked')) };

  it('is the answer of the provider that the spec names', async () => {
    expect(await look({ holmes: answering })).toEqual({ kind: 'answer', answer: anAnswer() });
  });

  it('is nothing before the next attempt: the provider is left alone', async () => {
    expect(await look({ holmes: failing }, waiting(1, at(11)))).toEqual({ kind: 'notYet' });
    expect(await look({ holmes: failing }, waiting(1, at(10)))).toMatchObject({ kind: 'trouble', why: 'provider holmes: asked', forGood: false });
  });

  it.each(['constructor', 'tostring', 'unheard-of'])('is trouble for good with provider %s, which nobody installed', async (provider) => {
    expect(await look({ holmes: failing }, anInvestigation({ spec: { provider } }))).toMatchObject({
      kind: 'trouble',
      why: `provider ${provider} is not installed; known are holmes`,
      forGood: true,
    });
  });
});
