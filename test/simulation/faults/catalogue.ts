import type { Counts, Fault, Run } from './run.ts';

/** One line of the table: a kind of fault in a story, and the runs that it takes. */
export interface Row {
  readonly fault: string;
  readonly story: string;
  readonly runs: readonly Run[];
}

/** A story that the faults befall, and what it comes to on a good day. */
export interface Subject {
  readonly story: string;
  readonly verdict: string;
  /** Whether trouble is tried at every call; else at every write, since the other stories read in the same way. */
  readonly thorough: boolean;
}

export const subjects: readonly Subject[] = [
  { story: 'payment-api-memory', verdict: 'completed', thorough: true },
  { story: 'failing-second-step', verdict: 'failed step_execution_failed (health_check_failed)', thorough: false },
];

const outageSeconds = 600;
const outageStarts = 6; // spread over the calls of the story
const orderSecondsMax = 15;
const twiceSecondsMax = 60;
export const lateSeconds = [30, 60, 120, 240]; // after its sender gave up, by when the execution has its verdict

interface Making {
  readonly subject: Subject;
  readonly counts: Counts;
  readonly seed: number;
}

/** Every row of a story; the indices come from its calm run. */
export function rowsOf(making: Making): readonly Row[] {
  return [...deaths(making), ...answers(making), ...deliveries(making), ...absences(making)];
}

function row({ subject, seed }: Making, fault: string, faults: readonly Fault[], more: Partial<Run> = {}): Row {
  const run: Omit<Run, 'fault'> = { story: subject.story, rivals: 0, seed, mutant: null, verdicts: [subject.verdict], ...more };
  return { fault, story: subject.story, runs: faults.map((each) => ({ ...run, fault: each })) };
}

function deaths(making: Making): readonly Row[] {
  const { counts, subject } = making;
  const death = (moment: 'before' | 'after', person: 'nothing' | 'cancel' | 'delete the Job', effects: readonly number[]): readonly Fault[] =>
    effects.map((effect) => ({ kind: 'death', effect, moment, person }));
  const effects = upTo(counts.effects);
  return [
    // Before a later effect of an invocation is after the one before it: nothing but reads lies between.
    row(making, 'killed before the first effect of a function', death('before', 'nothing', counts.firstEffects)),
    row(making, 'killed after each effect', death('after', 'nothing', effects)),
    ...(subject.thorough ? [row(making, 'killed after each effect, and cancelled', death('after', 'cancel', effects), { verdicts: [] })] : []),
    row(
      making,
      'a Job made late, cancelled meanwhile',
      counts.jobEffects.flatMap((effect) => lateSeconds.map((seconds) => ({ kind: 'late Job', effect, seconds }) as const)),
      { verdicts: [] },
    ),
    row(making, 'killed after each Job, which somebody deletes', death('after', 'delete the Job', counts.jobEffects), { verdicts: [] }),
  ];
}

function answers(making: Making): readonly Row[] {
  const { counts, subject } = making;
  const numbered = counts.calls.map((kind, index) => ({ kind, number: index + 1 }));
  const lastOfFirstSweep = numbered.findIndex(({ kind }, index) => kind === 'sweep' && numbered[index + 1]?.kind !== 'sweep');
  const writes = numbered.filter(({ kind }) => kind === 'write');
  const all = numbered.filter(({ kind }, index) => kind !== 'sweep' || index <= lastOfFirstSweep);
  const each = subject.thorough ? all : writes;
  const called = subject.thorough ? 'each call' : 'each write';
  const call = (answer: 'lost' | '409' | '429' | '500', calls: typeof each): readonly Fault[] =>
    calls.map(({ number }) => ({ kind: 'call', call: number, answer }));
  return [
    row(making, `served and unanswered, ${called}`, call('lost', each)),
    row(making, '409 at each write', call('409', writes)),
    row(making, `429 at ${called}`, call('429', each)),
    row(making, `500 at ${called}`, call('500', each)),
    row(
      making,
      'sent and unconfirmed, each send',
      upTo(counts.sends).map((send) => ({ kind: 'send', send })),
    ),
  ];
}

function deliveries(making: Making): readonly Row[] {
  const { seed } = making;
  const delivery = (how: 'twice' | 'late' | 'any order' | 'at once', secondsMax: number): Fault => ({ kind: 'deliveries', how, secondsMax });
  const seeded = (fault: string, each: Fault, count: number): Row => {
    const { runs, ...rest } = row(
      making,
      fault,
      Array.from({ length: count }, () => each),
    );
    return { ...rest, runs: runs.map((run, index) => ({ ...run, seed: seed + index })) };
  };
  return [
    seeded('every message twice', delivery('twice', twiceSecondsMax), 10),
    row(
      making,
      'every message late',
      [20, 90, 240].map((seconds) => delivery('late', seconds)),
    ),
    seeded('messages in any order', delivery('any order', orderSecondsMax), 100),
    seeded('two passes of a key at once', delivery('at once', 0), 20),
  ];
}

function absences(making: Making): readonly Row[] {
  const last = making.counts.calls.lastIndexOf('write') + 1;
  const starts = upTo(outageStarts).map((index) => 1 + Math.floor(((index - 1) * last) / outageStarts));
  const away = (what: Extract<Fault, { kind: 'away' }>['what']): readonly Fault[] =>
    starts.map((call) => ({ kind: 'away', what, call, seconds: outageSeconds }));
  const always: Fault = { kind: 'away', what: 'sweeper', call: 1, seconds: 3_600 };
  return [
    row(making, 'the queue away for 10 minutes', away('queue')),
    row(making, 'the database away for 10 minutes', away('database')),
    row(making, 'the API away for 10 minutes', away('API')),
    row(making, 'the watcher dead for 10 minutes, resumes', away('watcher')),
    row(making, 'the watcher dead for 10 minutes, then 410', away('watcher killed')),
    row(making, 'the sweeper dead', [always]),
    row(making, 'sweeper and watcher dead for 10 minutes', away('sweeper and watcher')),
  ];
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
