import { lateSeconds, subjects } from './catalogue.ts';
import type { Crew } from './crew.ts';
import { mutants, type Counts, type Fault, type Mutant, type Run } from './run.ts';

type Print = (line: string) => void;

const seedCount = 20;

/** Takes away one thing after another, and plays the faults that it is there for. Answers how many mutants nothing noticed. */
export async function hunt(crew: Crew, seed: number, print: Print): Promise<number> {
  const [main] = subjects;
  const story = main?.story ?? '';
  const { counts } = await crew.play(aRun(story, seed, { kind: 'none' }));
  let survivors = 0;
  for (const mutant of mutants) {
    const baits = baitsFor(mutant, { story, seed, counts });
    const reports = await Promise.all(baits.map((run) => crew.play({ ...run, mutant })));
    const caught = new Map<string, number>();
    for (const { violations } of reports) {
      for (const check of new Set(violations.map((violation) => violation.check))) caught.set(check, (caught.get(check) ?? 0) + 1);
    }
    if (caught.size === 0) survivors += 1;
    print(
      `without ${mutant}: ${caught.size === 0 ? 'SURVIVES' : 'caught'} in ${reports.filter(({ violations }) => violations.length > 0).length} of ${baits.length} runs`,
    );
    for (const [check, runs] of [...caught].sort((a, b) => b[1] - a[1])) print(`    ${check}: ${runs} runs, e.g. ${firstSentence(reports, check)}`);
  }
  return survivors;
}

function firstSentence(reports: readonly { readonly violations: readonly { readonly check: string; readonly sentence: string }[] }[], check: string): string {
  const sentence = reports.flatMap(({ violations }) => violations).find((violation) => violation.check === check)?.sentence ?? '';
  return sentence.split('\n')[0] ?? '';
}

interface Hunting {
  readonly story: string;
  readonly seed: number;
  readonly counts: Counts;
}

/** The same runs are played, with nothing taken away, by the faults themselves: what is caught here is caught for what is missing. */
function baitsFor(mutant: Mutant, { story, seed, counts }: Hunting): readonly Run[] {
  const deaths = (moment: 'before' | 'after', person: 'nothing' | 'cancel' | 'delete the Job', effects: readonly number[]): readonly Run[] =>
    effects.map((effect) => aRun(story, seed, { kind: 'death', effect, moment, person }));
  const all = Array.from({ length: counts.effects }, (_, index) => index + 1);
  const seeds = Array.from({ length: seedCount }, (_, index) => seed + index);
  const atOnce = seeds.map((each) => aRun(story, each, { kind: 'deliveries', how: 'at once', secondsMax: 0 }));
  switch (mutant) {
    case 'Lease':
      return seeds.map((each) => ({ ...aRun(story, each, { kind: 'deliveries', how: 'any order', secondsMax: 5 }), rivals: 1, verdicts: [] }));
    case 'finalizer':
      return deaths('after', 'delete the Job', counts.jobEffects);
    case 'lookup by name':
      return deaths('after', 'nothing', counts.jobEffects);
    case 'permission to act':
      return deaths('after', 'cancel', all).map((run) => ({ ...run, verdicts: [] }));
    case 'audit before act':
      return deaths('after', 'nothing', all);
    case 'resourceVersion':
      return atOnce;
    case 'void Job':
      return counts.jobEffects.flatMap((effect) =>
        lateSeconds.map((seconds) => ({ ...aRun(story, seed, { kind: 'late Job', effect, seconds }), verdicts: [] })),
      );
  }
}

function aRun(story: string, seed: number, fault: Fault): Run {
  const verdict = subjects.find((subject) => subject.story === story)?.verdict;
  return { story, rivals: 0, seed, fault, mutant: null, verdicts: verdict === undefined ? [] : [verdict] };
}
