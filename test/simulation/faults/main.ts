import { availableParallelism } from 'node:os';
import { z, ZodError } from 'zod';
import { Command, InvalidArgumentError, Option } from 'commander';
import { rowsOf, subjects, type Row, type Subject } from './catalogue.ts';
import { hireCrew, type Crew } from './crew.ts';
import { hunt } from './mutant-hunt.ts';
import { runSchema, type Run } from './run.ts';
import { heading, rowLine, violationLines, type Played } from './table.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);

interface Options {
  readonly seed: number;
  readonly workers: number;
  readonly fault?: string;
  readonly story?: string;
  readonly run?: Run;
  readonly mutants: boolean;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

function parseRun(text: string): Run {
  try {
    return runSchema.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof ZodError ? z.prettifyError(error).replaceAll(/\s+/g, ' ') : String(error);
    throw new InvalidArgumentError(`Give the JSON that a violation was printed with: ${why}`);
  }
}

const command = new Command('npm run test:faults --')
  .description('Plays remediations through every fault, in virtual time, and holds each promise against what the store remembers.')
  .addOption(new Option('--fault <text>', 'only the rows whose name holds this'))
  .addOption(new Option('--story <name>', 'only this story').choices(subjects.map(({ story }) => story)))
  .addOption(new Option('--seed <n>', 'the first seed').argParser(wholeNumber).default(1))
  .addOption(new Option('--run <json>', 'a single run as it was printed, with its trail').argParser(parseRun))
  .addOption(new Option('--mutants', 'takes each safeguard away in turn: a promise must break').default(false))
  .addOption(new Option('--workers <n>', 'processes that play').argParser(wholeNumber).default(availableParallelism()))
  .addHelpText('after', '\nExit codes: 0 every promise held; 1 one did not, or no check caught a mutant; 2 the command line is wrong.')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const options = command.opts<Options>();

/** Plays the calm run of a story, then each of its rows. Answers how many runs violated a promise. */
async function playStory(crew: Crew, subject: Subject): Promise<number> {
  const calm: Run = { story: subject.story, rivals: 0, seed: options.seed, fault: { kind: 'none' }, mutant: null, verdicts: [subject.verdict] };
  const report = await crew.play(calm);
  const { effects, sends, calls } = report.counts;
  print(`\n${subject.story}: ${effects} effects, ${sends} sends and ${calls.length} calls to the cluster on a good day; seeds from ${options.seed}`);
  print(heading);
  let violated = tell({ fault: 'none', story: subject.story }, [{ run: calm, report }]);
  const rows = rowsOf({ subject, counts: report.counts, seed: options.seed }).filter(
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

async function playAgain(crew: Crew, run: Run): Promise<number> {
  const report = await crew.play(run);
  print(report.trail);
  return tell({ fault: run.fault.kind, story: run.story }, [{ run, report }]);
}

async function playAll(crew: Crew): Promise<number> {
  if (options.run !== undefined) return playAgain(crew, options.run);
  if (options.mutants) return hunt(crew, options.seed, print);
  let violated = 0;
  for (const subject of subjects) if (options.story === undefined || options.story === subject.story) violated += await playStory(crew, subject);
  return violated;
}

const begun = performance.now();
const crew = await hireCrew(options.workers);
try {
  const violated = await playAll(crew);
  print(
    `\n${violated === 0 ? 'every promise held' : `${violated} violated`}, in ${Math.round((performance.now() - begun) / 1_000)} s on ${options.workers} workers`,
  );
  process.exitCode = violated === 0 ? 0 : 1;
} finally {
  crew.dismiss();
}
