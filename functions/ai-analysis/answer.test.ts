import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aCandidate, aFinding, anAnswer } from '../../test/support/analyses.ts';
import { bytesOf } from '../../shared/api/json.ts';
import { readAnswer, type Answer } from './answer.ts';

function answerOf(said: unknown): Answer {
  const reading = readAnswer(said);
  if (reading.kind === 'mistake') throw new Error(reading.message);
  return reading.answer;
}

describe('readAnswer', () => {
  it('takes an answer as it is', () => {
    expect(answerOf(anAnswer())).toEqual(anAnswer());
  });

  it('needs neither model nor tokens', () => {
    const { model: _model, tokens: _tokens, ...said } = anAnswer();
    expect(answerOf(said)).toMatchObject({ model: 'unknown', tokens: 0 });
  });

  it('resolves an alias, here and nowhere behind it', () => {
    const steps = [{ name: 'a', action: 'delete_pod', parameters: {}, dependencies: [] }];
    expect(answerOf(anAnswer({ candidates: [aCandidate({ action: 'update_configmap', steps })] })).candidates).toMatchObject([
      { action: 'patch_configmap', steps: [{ action: 'restart_pod' }] },
    ]);
  });

  it.each<[sentence: string, said: unknown, message: string]>([
    ['nothing', undefined, 'answer: must be an object of JSON'],
    ['null', null, 'answer: Invalid input: expected object, received null'],
    ['prose', 'I would restart it', 'answer: Invalid input: expected object, received string'],
    ['what JSON cannot say', { tokens: 1n }, 'answer: must be an object of JSON'],
    ['what is made of itself', circular(), 'answer: must be an object of JSON'],
    ['no findings', { ...anAnswer(), findings: undefined }, 'answer.findings: Invalid input: expected array, received undefined'],
    ['a confidence of 92', anAnswer({ candidates: [aCandidate({ confidence: 92 })] }), 'answer.candidates[0].confidence: Too big'],
    ['a negative confidence', anAnswer({ findings: [aFinding({ confidence: -0.1 })] }), 'answer.findings[0].confidence: Too small'],
    ['an unknown impact', { ...anAnswer(), candidates: [{ ...aCandidate(), impact: 'huge' }] }, 'answer.candidates[0].impact: Invalid option'],
    ['parameters that are a list', { ...anAnswer(), candidates: [{ ...aCandidate(), parameters: [] }] }, 'answer.candidates[0].parameters: must be an object'],
    [
      'evidence about no object',
      { ...anAnswer(), findings: [{ ...aFinding(), evidence: [{ field: 'a', text: 'b' }] }] },
      'answer.findings[0].evidence[0].ref: ',
    ],
    ['a plan of 21 steps', anAnswer({ candidates: [aCandidate({ steps: steps(21) })] }), 'answer.candidates[0].steps: Too big'],
    ['a plan without a step', anAnswer({ candidates: [aCandidate({ steps: [] })] }), 'answer.candidates[0].steps: Too small'],
    ['half a megabyte', anAnswer({ summary: 'a'.repeat(500_000) }), 'answer: must not exceed 262144 bytes as JSON, and has 50'],
  ])('says of %s what is wrong with it', (_sentence, said, message) => {
    expect(readAnswer(said)).toEqual({ kind: 'mistake', message: expect.stringContaining(message) });
  });

  it('repeats nothing of what it refuses', () => {
    const password = 'hunter2-is-my-password';
    expect(readAnswer({ ...anAnswer(), candidates: [{ ...aCandidate(), impact: password }] })).toMatchObject({
      message: expect.not.stringContaining(password),
    });
  });

  it.each<[sentence: string, text: string, shown: string]>([
    ['a password', 'the log says password=hunter2', 'the log says password=[masked]'],
    ['an access key', 'found AKIAIOSFODNN7EXAMPLE in it', 'found [masked] in it'],
    ['a connection string', 'postgres://app:hunter2@db/app', 'postgres://app:[masked]@db/app'],
    ['half of a surrogate pair', 'broken \ud83d text', 'broken \ufffd text'],
    ['words for a shell', '$(rm -rf /) `id` && kubectl delete ns', '$(rm -rf /) `id` && kubectl delete ns'],
  ])('keeps text as text, masked: %s', (_sentence, text, shown) => {
    const said = anAnswer({
      summary: text,
      rootCause: text,
      recommendation: text,
      findings: [aFinding({ summary: text, evidence: [{ ref: { apiVersion: 'v1', kind: 'Pod', name: 'a' }, field: 'log', text }] })],
      candidates: [aCandidate({ description: text })],
    });
    const { summary, rootCause, recommendation, findings, candidates } = answerOf(said);
    expect([summary, rootCause, recommendation, findings[0]?.summary, findings[0]?.evidence[0]?.text, candidates[0]?.description]).toEqual(
      Array(6).fill(shown),
    );
  });

  it('cuts what is too long or too many, and begins with the first', () => {
    const long = 'ü'.repeat(2_000);
    const evidence = Array.from({ length: 15 }, () => ({ ref: { apiVersion: 'v1', kind: 'Pod', name: 'a' }, field: long, text: long }));
    const answer = answerOf(
      anAnswer({
        model: long,
        summary: long,
        findings: [aFinding({ evidence }), ...Array.from({ length: 60 }, (_, index) => aFinding({ id: `finding-${index}`, evidence: [] }))],
        candidates: Array.from({ length: 14 }, (_, index) => aCandidate({ description: `${index}` })),
      }),
    );
    expect(bytesOf(answer.model)).toBeLessThanOrEqual(128);
    expect(bytesOf(answer.summary)).toBeLessThanOrEqual(1_024);
    expect(answer.summary).toMatch(/ \[cut\]$/);
    expect(answer.findings).toHaveLength(50);
    expect(answer.findings[0]?.evidence).toHaveLength(10);
    expect(bytesOf(answer.findings[0]?.evidence[0]?.field ?? '')).toBeLessThanOrEqual(253);
    expect(bytesOf(answer.findings[0]?.evidence[0]?.text ?? '')).toBeLessThanOrEqual(512);
    expect(answer.candidates.map(({ description }) => description)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('cuts the name of a finding alike where it is given and where it is claimed', () => {
    const id = 'token=abcdef '.repeat(9);
    const { findings, candidates } = answerOf(anAnswer({ findings: [aFinding({ id })], candidates: [aCandidate({ findings: [id] })] }));
    expect(candidates[0]?.findings).toEqual([findings[0]?.id]);
    expect(findings[0]?.id).not.toContain('abcdef');
  });

  it('is total: whatever is said is an answer or a mistake', () => {
    fc.assert(
      fc.property(fc.anything(), (said) => {
        expect(['answer', 'mistake']).toContain(readAnswer(said).kind);
      }),
    );
  });
});

function steps(count: number) {
  return Array.from({ length: count }, (_, index) => ({ name: `s${index}`, action: 'restart_pod', parameters: {}, dependencies: [] }));
}

function circular(): object {
  const ring: { next?: object } = {};
  ring.next = ring;
  return ring;
}
