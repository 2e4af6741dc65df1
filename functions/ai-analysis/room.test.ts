import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatchObject } from '../../infra/local/sandbox/merge-patch.ts';
import { AnalysisPhase, analysisStatusSchema, parseAIAnalysis, type AIAnalysis, type AnalysisStatus } from '../../shared/api/ai-analysis.ts';
import { aDeployment } from '../../test/support/actions.ts';
import { aCandidate, aDraft, aFinding, anAnalysisIn, anAnalysisWith, anAnswer, aQuestion, now, oomKilled } from '../../test/support/analyses.ts';
import { conditionsOf, patchOf } from '../../test/support/workflows.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { failedByKernel } from '../../shared/reconciler/failure.ts';
import { readAnswer } from './answer.ts';
import type { Observed as Investigated } from './phases/investigating.ts';
import { investigating } from './phases/investigating.ts';
import { analyzing } from './phases/analyzing.ts';
import { recommending } from './phases/recommending.ts';
import { fresh } from './phases/new.ts';
import { ended } from './phases/ended.ts';
import { analysisRoom, cancelled, phases } from './room.ts';
import type { FoundTarget } from './validate.ts';

/** api.md §4: exactly these, and nothing else. */
const transitions: Readonly<Record<AnalysisPhase, readonly AnalysisPhase[]>> = {
  '': ['investigating', 'failed'],
  investigating: ['analyzing', 'failed'],
  analyzing: ['recommending', 'failed'],
  recommending: ['completed', 'failed'],
  completed: [],
  failed: [],
};

const asked = { 'kubernaut.io/cancel-requested': 'true' };
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 1_200 }), fc.constantFrom('password=hunter2', '$(id)', '--all', '\u0000'));
const anyParameters = fc.oneof(
  fc.record({
    deployment: fc.constantFrom('payment-api', 'gone', '--all'),
    namespace: fc.constantFrom('production', 'kube-system'),
    targetReplicas: fc.integer({ min: -1, max: 1_200 }),
  }),
  fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 }),
);
const anyCandidate = fc
  .record({
    action: fc.oneof(fc.constantFrom('scale_deployment', 'delete_pod', 'reboot'), anyText),
    description: anyText,
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    parameters: anyParameters,
  })
  .map((fields) => aCandidate({ ...fields, parameters: fields.parameters as Record<string, never> }));
const anyAnswer = fc
  .record({
    summary: anyText,
    rootCause: anyText,
    findings: fc.array(
      anyText.map((text) => aFinding({ summary: text, evidence: [] })),
      { maxLength: 3 },
    ),
    candidates: fc.array(anyCandidate, { maxLength: 10 }),
  })
  .map((fields) => anAnswer({ ...fields, findings: [aFinding(), ...fields.findings] }));

const anyInvestigated: fc.Arbitrary<Investigated> = fc.oneof(
  fc.constant<Investigated>({ kind: 'notYet' }),
  anyAnswer.map(readAnswer).map((reading): Investigated => (reading.kind === 'answer' ? reading : { kind: 'notYet' })),
  fc
    .record({ why: anyText.map((text) => text.slice(0, 900)), forGood: fc.boolean() })
    .map((fields): Investigated => ({ kind: 'trouble', question: aQuestion({ context: { pods: { total: 1, ready: 0, worst: [oomKilled] } } }), ...fields })),
);

/** What a decision makes of the status, as the API would store it. */
function after(analysis: AIAnalysis, decision: Decision): AnalysisStatus {
  const written = JSON.parse(JSON.stringify(patchOf(decision) ?? {})) as JsonObject;
  const stored = mergePatchObject((analysis.status ?? {}) as JsonObject, written);
  expect(analysisStatusSchema.safeParse(stored).error?.issues ?? []).toEqual([]);
  return parseAIAnalysis({ ...analysis, status: stored }).status ?? { phase: '' };
}

const anyTarget = fc.constantFrom<FoundTarget | null>(aDeployment(), 'absent', 'unreadable', null);
const anyRates = fc.constantFrom(null, { actions: {}, categories: {} }, { actions: { scale_deployment: { samples: 9, successes: 8 } }, categories: {} });
const anyQuotas = fc.constantFrom(null, [], [{ name: 'q', hard: { pods: '1' }, used: { pods: '1' } }]);

describe('the room of the analysis', () => {
  it('has every phase of the kind', () => {
    expect(Object.keys(phases)).toEqual([...AnalysisPhase]);
  });

  it('begins at once, and arms the deadline of the investigation', () => {
    const decision = fresh.decide(anAnalysisIn(''), null, now);
    expect(patchOf(decision)).toMatchObject({ phase: 'investigating', startTime: now });
    expect(decision.wakeAfterSeconds).toEqual([420]);
  });

  it('goes any way to its end by allowed transitions only, and writes only what the schema takes', () => {
    fc.assert(
      fc.property(anyInvestigated, anyTarget, anyRates, anyQuotas, (investigated, target, rates, quotas) => {
        const investigation = anAnalysisIn('investigating');
        const first = after(investigation, investigating.decide(investigation, investigated, now));
        if (first.phase === 'investigating') return;
        expect(transitions.investigating).toContain(first.phase);
        expect(first.topRecommendation).toBeUndefined();

        const analysis = { ...investigation, status: first };
        const targets = new Map(target === null ? [] : [['apps/v1/Deployment/production/payment-api', target]]);
        const second = after(analysis, analyzing.decide(analysis, targets, now));
        expect(transitions.analyzing).toContain(second.phase);
        expect(second.topRecommendation).toBeUndefined();
        expect(second.phase === 'failed' ? second.recommendations : []).toEqual([]);
        if (second.phase === 'failed') return;

        const validated = { ...investigation, status: second };
        const third = after(validated, recommending.decide(validated, { rates, quotas }, now));
        expect(third.phase).toBe('completed');
        expect(third.topRecommendation?.id).toBe(third.recommendations?.[0]?.id);
        expect(third.recommendations?.every(({ historicalTier }) => historicalTier !== undefined)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('decides nothing after its end', () => {
    expect(ended.decide(anAnalysisIn('completed'), null, now)).toEqual({ effects: [] });
  });
});

describe('a cancelled analysis', () => {
  it.each<AIAnalysis>([
    anAnalysisIn('', { metadata: { annotations: asked } }),
    anAnalysisIn('investigating', { metadata: { annotations: asked } }),
    anAnalysisWith('analyzing', [aDraft()], { metadata: { annotations: asked } }),
    anAnalysisWith('recommending', [aDraft()], { metadata: { annotations: asked } }),
  ])('ends at once, with the condition of its phase: $status.phase', (analysis) => {
    const decision = cancelled(analysis, null, now) ?? { effects: [] };
    const status = after(analysis, decision);
    expect(status).toMatchObject({ phase: 'failed', reason: 'cancelled', message: 'the request asked its analysis to cancel' });
    expect(conditionsOf(decision)).toHaveLength(3);
  });

  it('leaves no draft behind that somebody might take for a recommendation', () => {
    const analysis = anAnalysisWith('analyzing', [aDraft()], { metadata: { annotations: asked } });
    expect(after(analysis, cancelled(analysis, null, now) ?? { effects: [] })).toMatchObject({
      recommendations: [],
      investigationReport: { summary: 'Memory pressure causing OOM events', recommendation: 'Nothing is recommended: the analysis failed' },
    });
  });

  it('is none that nobody asked to cancel', () => {
    expect(cancelled(anAnalysisIn('investigating'), null, now)).toBeNull();
  });
});

it('an analysis that the kernel fails leaves no draft behind either', () => {
  const analysis = anAnalysisWith('recommending', [aDraft()]);
  const status = after(analysis, failedByKernel(analysisRoom, analysis, { reason: 'deadline_exceeded', message: 'too late' }, now));
  expect(status).toMatchObject({
    phase: 'failed',
    recommendations: [],
    investigationReport: { recommendation: 'Nothing is recommended: the analysis failed' },
  });
});

describe('deadlines', () => {
  it.each<[phase: AnalysisPhase, deadline: string | null]>([
    ['', null],
    ['investigating', '2026-01-15T10:42:10Z'],
    ['analyzing', '2026-01-15T10:36:10Z'],
    ['recommending', '2026-01-15T10:36:10Z'],
    ['completed', null],
  ])('of phase "%s"', (phase, deadline) => {
    expect(phases[phase]?.deadline(anAnalysisIn(phase))).toBe(deadline);
  });
});
