import { boundedText } from '../../shared/api/text.ts';
import type { Clock } from '../../shared/clock.ts';
import { millisecondsLeft, TimeIsOver } from '../../shared/time-left.ts';
import { readAnswer, type Answer } from './answer.ts';
import type { AnalysisProvider, Question } from './provider.ts';

/** `trouble`: there was no answer, and why. */
export type Attempt = { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'trouble'; readonly why: string };

const answerMillisecondsMax = 40_000; // a model may think for half a minute; who needs longer is not there when an alert fires
const writingMilliseconds = 8_000; // kept back for what follows: audit, status, Event
const answerMillisecondsMin = 1_000; // an attempt that would be cut sooner is left to the next delivery

/** Asks once, for no longer than leaves time to write down what came of it. Whatever happens to the provider is an answer or trouble, never an exception. */
export async function ask(provider: AnalysisProvider, question: Question, clock: Pick<Clock, 'sleep'>): Promise<Attempt> {
  const milliseconds = Math.min(answerMillisecondsMax, millisecondsLeft() - writingMilliseconds);
  if (milliseconds < answerMillisecondsMin) throw new TimeIsOver(`${provider.name} is not asked: too little time is left to write down its answer`);
  const over = new AbortController();
  const answered = new AbortController();
  const tooLate = clock.sleep(milliseconds, answered.signal).then(
    () => {
      over.abort();
      return trouble(`no answer came within ${Math.round(milliseconds / 1_000)} seconds`);
    },
    () => trouble('was answered'), // the sleep was cut short because the race is over
  );
  try {
    return await Promise.race([attempt(provider, question, over.signal), tooLate]);
  } finally {
    answered.abort();
  }
}

async function attempt(provider: AnalysisProvider, question: Question, signal: AbortSignal): Promise<Attempt> {
  try {
    const reading = readAnswer(await provider.investigate(question, signal));
    return reading.kind === 'answer' ? reading : trouble(`what came is no answer: ${reading.message}`);
  } catch (error) {
    return trouble(error instanceof Error ? error.message : String(error));
  }
}

/** A provider's own words may hold the key that it was asked with. */
function trouble(why: string): Attempt {
  return { kind: 'trouble', why: boundedText(why) };
}
