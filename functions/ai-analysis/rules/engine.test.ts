import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analysisStatusSchema } from '../../../shared/api/ai-analysis.ts';
import { aContext, aPodContext, aQuestion, crashLooping, oomKilled } from '../../../test/support/analyses.ts';
import { readAnswer } from '../answer.ts';
import { draftStatus } from '../draft.ts';
import { knownGoodAnnotation } from './bad-config.ts';
import { analyseByRules, rulesProvider } from './engine.ts';

const configMaps = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'payment-config', namespace: 'production', annotations: { [knownGoodAnnotation]: '{"LEVEL":"quiet"}' } },
    data: { LEVEL: 'loud' },
  },
];

/** Text as an attacker or a tired person writes it. */
const anyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 2_000 }),
  fc.constantFrom('--all', '$(id)', 'password=hunter2', ''),
);
const anyPod = fc
  .record({
    waitingReason: fc.constantFrom('CrashLoopBackOff', 'ImagePullBackOff'),
    lastTerminatedReason: fc.constantFrom('OOMKilled', 'Error'),
    container: anyText,
    restarts: fc.nat(),
  })
  .map((fields) => aPodContext('payment-api-1', fields));
const anyQuestion = fc
  .record({
    pods: fc.record({ total: fc.nat(), ready: fc.nat(), worst: fc.array(anyPod, { maxLength: 12 }) }),
    replicas: fc.nat(2_000),
    containers: fc.array(fc.record({ name: anyText, image: anyText, memoryLimit: anyText }), { maxLength: 3 }),
    knownGood: fc.oneof(
      anyText,
      fc.dictionary(anyText, anyText).map((values) => JSON.stringify(values)),
    ),
  })
  .map(({ pods, replicas, containers, knownGood }) =>
    aQuestion({ context: { pods, workload: { ...aContext().workload, replicas, containers } } }, [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'production', annotations: { [knownGoodAnnotation]: knownGood } }, data: {} },
    ]),
  );

describe('the rules', () => {
  it('put the more specific cause before the more general, and tell all that they found', () => {
    const pods = { total: 3, ready: 1, worst: [oomKilled, crashLooping] };
    const answer = analyseByRules(aQuestion({ context: { pods } }, configMaps));
    expect(answer.findings.map(({ id }) => id)).toEqual(['memory-pressure', 'bad-config', 'crash-loop']);
    expect(answer.candidates.map(({ action }) => action)).toEqual(['scale_deployment', 'increase_memory_limit', 'patch_configmap', 'restart_pod']);
    expect(answer).toMatchObject({ model: 'rules-1', tokens: 0, summary: 'Memory pressure causing OOM events' });
  });

  it('say so when they know nothing', () => {
    expect(analyseByRules(aQuestion())).toMatchObject({ findings: [], candidates: [], rootCause: 'Unknown', recommendation: 'Look at the workload yourself' });
  });

  it('give the same answer to the same question', async () => {
    const question = aQuestion({ context: { pods: { total: 3, ready: 1, worst: [oomKilled] } } });
    expect(await rulesProvider.investigate(question, AbortSignal.abort())).toEqual(analyseByRules(question));
  });

  it('always give an answer that the status can hold, whatever names and values they find', () => {
    fc.assert(
      fc.property(anyQuestion, (question) => {
        const reading = readAnswer(analyseByRules(question));
        expect(reading.kind).toBe('answer');
        if (reading.kind !== 'answer') return;
        const status = { phase: 'analyzing', investigation: { findings: reading.answer.findings }, ...draftStatus(reading.answer) };
        expect(analysisStatusSchema.safeParse(JSON.parse(JSON.stringify(status))).error?.issues ?? []).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
