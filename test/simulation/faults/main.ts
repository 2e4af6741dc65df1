import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { rowsOf, subjects, type Row, type Subject } from './catalogue.ts';
import { hireCrew, type Crew } from './crew.ts';
import { hunt } from './mutant-hunt.ts';
import { faultSchema, type Run } from './run.ts';
import { heading, rowLine, violationLines, type Played } from './table.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);

const { values: options } = parseArgs({
  options: {
    /** The first seed; `--fault` with it plays a row again, `--run` a single run as it was printed. */
    seed: { type: 'string', default: '1' },
    fault: { type: 'string' },
    story: { type: 'string' },
    run: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});

/** Plays the calm run of a story, then each of its rows. Answers how many runs violated a promise. */
async function playStory(crew: Crew, subject: Subject): Promise<number> {
  const calm: Run = { story: subject.story, rivals: 0, seed: Number(options.seed), fault: { kind: 'none' }, mutant: null, verdicts: [subject.verdict] };
  const report = await crew.play(calm);
  const { effects, sends, calls } = report.counts;
  print(`\n${subject.story}: ${effects} effects, ${sends} sends and ${calls.length} calls to the cluster on a good day; seeds from ${options.seed}`);
  print(heading);
  let violated = tell({ fault: 'none', story: subject.story }, [{ run: calm, report }]);
  const rows = rowsOf({ subject, counts: report.counts, seed: Number(options.seed) }).filter(
    ({ fault }) => options.fault === undefined || fault.includes(options.fault),
  );
  // Every run is handed in at once, so that no worker waits for a row's slowest; the rows are told in their order.
  const begun = rows.map((each) => ({ row: each, played: Promise.all(each.runs.map((run) => playOne(crew, run))) }));
  for (const { row, played } of begun) violated += tell(row, await played);
  return violated;
}

async function playOne(crew: Crew, run: Run): Promise<Played> {
  return { run, report: await crew.play(run) };
}

const toldMax = 3;

function tell(row: Pick<Row, 'fault' | 'story'>, played: readonly Played[]): number {
  print(rowLine(row, played));
  const violating = played.filter(({ report }) => report.violations.length > 0);
  for (const each of violating.slice(0, toldMax)) for (const line of violationLines(each)) print(line);
  return violating.length;
}

async function playAgain(crew: Crew, text: string): Promise<number> {
  const given = JSON.parse(text) as Partial<Run>;
  const run: Run = {
    story: 'payment-api-memory',
    rivals: 0,
    seed: Number(options.seed),
    mutant: null,
    verdicts: [],
    ...given,
    fault: faultSchema.parse(given.fault),
  };
  const report = await crew.play(run);
  print(report.trail);
  return tell({ fault: run.fault.kind, story: run.story }, [{ run, report }]);
}

async function playAll(crew: Crew): Promise<number> {
  if (options.run !== undefined) return playAgain(crew, options.run);
  if (options.mutants) return hunt(crew, Number(options.seed), print);
  let violated = 0;
  for (const subject of subjects) if (options.story === undefined || options.story === subject.story) violated += await playStory(crew, subject);
  return violated;
}

const begun = performance.now();
const crew = await hireCrew(Number(options.workers));
try {
  const violated = await playAll(crew);
  print(
    `\n${violated === 0 ? 'every promise held' : `${violated} violated`}, in ${Math.round((performance.now() - begun) / 1_000)} s on ${options.workers} workers`,
  );
  process.exitCode = violated === 0 ? 0 : 1;
} finally {
  crew.dismiss();
}
