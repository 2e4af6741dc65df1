import type { Row } from './catalogue.ts';
import type { Report, Run } from './run.ts';

export interface Played {
  readonly run: Run;
  readonly report: Report;
}

const widths = { fault: 46, story: 20, runs: 6, completed: 10, jobs: 12, seconds: 9 };

export const heading = line(['fault', 'story', 'runs', 'completed', 'Jobs (void)', 'longest', 'failed']);

/** One line: how many runs, what their requests came to, how many Jobs were made. */
export function rowLine({ fault, story }: Pick<Row, 'fault' | 'story'>, played: readonly Played[]): string {
  const verdicts = played.flatMap(({ report }) => report.verdicts);
  const completed = verdicts.filter((verdict) => verdict === 'completed').length;
  const sum = (figure: (report: Report) => number) => played.reduce((total, { report }) => total + figure(report), 0);
  const missed = sum(({ missedDeadlines }) => missedDeadlines);
  const violated = played.filter(({ report }) => report.violations.length > 0).length;
  const jobs = `${sum((report) => report.jobs)} (${sum((report) => report.voidJobs)})`;
  const longest = `${Math.max(0, ...played.map(({ report }) => report.seconds))} s`;
  const others = [
    tally(verdicts.filter((verdict) => verdict !== 'completed')),
    missed > 0 ? `${missed} by a deadline` : '',
    violated > 0 ? `${violated} RUNS VIOLATE` : '',
  ];
  return line([fault, story, String(played.length), String(completed), jobs, longest, others.filter((part) => part !== '').join('; ')]);
}

/** `3 failed deadline_exceeded, 1 cancelled` */
function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}

function line([fault = '', story = '', runs = '', completed = '', jobs = '', longest = '', rest = '']: readonly string[]): string {
  return [
    fault.padEnd(widths.fault),
    story.padEnd(widths.story),
    runs.padStart(widths.runs),
    completed.padStart(widths.completed),
    jobs.padStart(widths.jobs),
    longest.padStart(widths.seconds),
    ` ${rest}`,
  ]
    .join(' ')
    .trimEnd();
}

const violationsShown = 6;

/** All that one needs to see what happened, and to play it again. */
export function violationLines({ run, report }: Played): readonly string[] {
  const shown = report.violations.slice(0, violationsShown).map(({ check, sentence }) => `      ${check}: ${sentence}`);
  const more = report.violations.length > violationsShown ? [`      and ${report.violations.length - violationsShown} more`] : [];
  return [`    VIOLATED ${JSON.stringify(run)}`, ...shown, ...more];
}
