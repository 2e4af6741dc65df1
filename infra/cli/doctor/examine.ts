import type { Clock } from '../../../shared/clock.ts';
import { asOperatorFailure } from '../operator/operator-failure.ts';
import { fail, warn, type Finding, type Verdict } from './finding.ts';
import type { Check, Patient } from './patient.ts';

const checkMilliseconds = 20_000; // a call that is in vain takes ten seconds, and few of a check's come one after another

interface Look {
  readonly verdicts: readonly Verdict[];
  /** It failed, or had nothing to look at: who needs it has neither. */
  readonly isInVain: boolean;
}

/** Makes every check, whatever becomes of the others; the findings come in the order of the checks. */
export async function examine(checks: readonly Check[], patient: Patient): Promise<readonly Finding[]> {
  const looks = new Map<string, Promise<Look>>();
  for (const check of checks) {
    const needed = check.needs === undefined ? undefined : looks.get(check.needs);
    looks.set(check.name, lookAfter(needed, check, patient));
  }
  const found = await Promise.all([...looks].map(async ([name, look]) => (await look).verdicts.map((verdict) => ({ check: name, ...verdict }))));
  return found.flat();
}

async function lookAfter(needed: Promise<Look> | undefined, check: Check, patient: Patient): Promise<Look> {
  if ((await needed)?.isInVain === true) return { verdicts: [warn('not looked at', `mend "${check.needs}" first`)], isInVain: true };
  const verdicts = await within(patient.clock, check.look(patient)).catch((error: unknown) => [fail(wordsOf(asOperatorFailure(error)), '')]);
  return { verdicts, isInVain: verdicts.some(({ status }) => status === 'fail') };
}

async function within(clock: Clock, look: Promise<readonly Verdict[]>): Promise<readonly Verdict[]> {
  const done = new AbortController();
  const late = clock.sleep(checkMilliseconds, done.signal).then(
    () => [fail(`took longer than ${checkMilliseconds / 1_000} s`, 'is the way there slow, or closed by something that does not answer?')],
    () => [],
  );
  try {
    return await Promise.race([look, late]);
  } finally {
    done.abort();
  }
}

/** An aggregate of refused connections, as Node has one for each address, says nothing by itself. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOf).join('; ');
  return error.message.replace(/\s+/g, ' ');
}
