import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../infra/local/virtual-clock.ts';
import { endingBy, TimeIsOver } from '../../shared/time-left.ts';
import { anAnswer, aQuestion } from '../../test/support/analyses.ts';
import { ask, type Attempt } from './ask.ts';
import type { AnalysisProvider } from './provider.ts';

interface Asked {
  /** What came of it, or what was thrown. */
  readonly came: Attempt | Error;
  readonly milliseconds: number;
}

/** Asks with so much time left for the invocation. */
async function asked(investigate: AnalysisProvider['investigate'], leftMilliseconds = 58_000): Promise<Asked> {
  const clock = createVirtualClock({ start: '2026-01-15T10:35:20Z' });
  const begun = clock.milliseconds();
  let came: Asked['came'] | undefined;
  const asking = clock.track(() => endingBy(clock, begun + leftMilliseconds, () => ask({ name: 'holmes', investigate }, aQuestion(), clock)));
  void asking.then(
    (attempt) => (came = attempt),
    (error: unknown) => (came = error as Error),
  );
  await clock.run(() => came !== undefined, { virtualSeconds: 120 });
  return { came: came ?? new Error('nothing came'), milliseconds: clock.milliseconds() - begun };
}

const never = () => new Promise<never>(() => undefined);

describe('asking a provider', () => {
  it('brings its answer', async () => {
    expect(await asked(() => Promise.resolve(anAnswer()))).toEqual({ came: { kind: 'answer', answer: anAnswer() }, milliseconds: 0 });
  });

  it.each<[sentence: string, investigate: AnalysisProvider['investigate'], why: string]>([
    ['is away', () => Promise.reject(new Error('connect ECONNREFUSED')), 'connect ECONNREFUSED'],
    [
      'throws before it begins',
      () => {
        throw new Error('no such model');
      },
      'no such model',
    ],
    ['rejects with no error', () => Promise.reject('quota exceeded' as unknown as Error), 'quota exceeded'], // oxlint-disable-line prefer-promise-reject-errors
    ['says what is no answer', () => Promise.resolve({ text: 'restart it' }), 'what came is no answer: answer.findings: Invalid input'],
    ['says nothing', () => Promise.resolve(undefined), 'what came is no answer: answer: must be an object of JSON'],
    ['tells its key when it fails', () => Promise.reject(new Error('401 for api_key=sk-abcdefGH')), '401 for api_key=[masked]'],
  ])('is trouble when it %s', async (_sentence, investigate, why) => {
    expect((await asked(investigate)).came).toEqual({ kind: 'trouble', why: expect.stringContaining(why) });
  });

  it('bounds what a provider says about its trouble', async () => {
    const { came } = await asked(() => Promise.reject(new Error('x'.repeat(5_000))));
    expect(came).toMatchObject({ why: expect.stringMatching(/^x{900,} \[cut\]$/) });
  });

  it.each<[sentence: string, leftMilliseconds: number, milliseconds: number]>([
    ['forty seconds where there is time', 58_000, 40_000],
    ['what leaves time to write it down', 20_000, 12_000],
  ])('gives it %s, and then tells it to stop', async (_sentence, leftMilliseconds, milliseconds) => {
    let stopped = false;
    const hangs: AnalysisProvider['investigate'] = (_question, signal) => {
      signal.addEventListener('abort', () => (stopped = true));
      return never();
    };
    expect(await asked(hangs, leftMilliseconds)).toEqual({
      came: { kind: 'trouble', why: `no answer came within ${milliseconds / 1_000} seconds` },
      milliseconds,
    });
    expect(stopped).toBe(true);
  });

  it('is left to the next delivery when too little time is left', async () => {
    const { came, milliseconds } = await asked(() => Promise.reject(new Error('was asked')), 8_500);
    expect(came).toBeInstanceOf(TimeIsOver);
    expect(milliseconds).toBe(0);
  });
});
