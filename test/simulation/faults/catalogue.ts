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
  /** Whether every kind of answer is tried at every call; else only what the thorough story does not show: each write, and each 500. */
  readonly thorough: boolean;
}

export const subjects: readonly Subject[] = [
  { story: 'payment-api-memory', verdict: 'completed', thorough: true },
  { story: 'failing-second-step', verdict: 'failed step_execution_failed', thorough: false },
];

const outageSeconds = 600;
const outageStarts = 6; // spread over the calls of the story
const orderSecondsMax = 15;
const twiceSecondsMax = 60;

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
  const { counts } = making;
  const death = (effect: number, moment: 'before' | 'after', person: 'nothing' | 'cancel' | 'delete the Job' = 'nothing'): Fault => ({
    kind: 'death',
    effect,
    moment,
    person,
  });
  const effects = upTo(counts.effects);
  return [
    row(
      making,
      'killed before each effect',
      effects.map((effect) => death(effect, 'before')),
    ),
    row(
      making,
      'killed after each effect',
      effects.map((effect) => death(effect, 'after')),
    ),
    row(
      making,
      'killed after each effect, and cancelled',
      effects.map((effect) => death(effect, 'after', 'cancel')),
      { verdicts: [] },
    ),
    row(
      making,
      'killed after each Job, which somebody deletes',
      counts.jobEffects.map((effect) => death(effect, 'after', 'delete the Job')),
      { verdicts: [] },
    ),
  ];
}

function answers(making: Making): readonly Row[] {
  const { counts, subject } = making;
  const numbered = counts.calls.map((kind, index) => ({ kind, number: index + 1 }));
  const lastOfFirstSweep = numbered.findIndex(({ kind }, index) => kind === 'sweep' && numbered[index + 1]?.kind !== 'sweep');
  const each = numbered.filter(({ kind }, index) => kind !== 'sweep' || index <= lastOfFirstSweep);
  const writes = each.filter(({ kind }) => kind === 'write');
  const call = (answer: 'lost' | '409' | '429' | '500', calls: typeof each): readonly Fault[] =>
    calls.map(({ number }) => ({ kind: 'call', call: number, answer }));
  return [
    row(making, `served and unanswered, each ${subject.thorough ? 'call' : 'write'}`, call('lost', subject.thorough ? each : writes)),
    row(making, '409 at each write', call('409', writes)),
    ...(subject.thorough ? [row(making, '429 at each call', call('429', each))] : []),
    row(making, '500 at each call', call('500', each)),
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
