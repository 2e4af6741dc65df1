import { styleText } from 'node:util';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { secondsBetween, type Instant } from '../../shared/api/time.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { elapsed, trailLine, type Step } from '../local/story/trail.ts';
import type { Screen } from './screen.ts';

export interface LiveTimeline {
  changed(object: KubernetesObject, step: Step | null, begun: Instant): void;
  stop(): void;
}

interface Monitoring {
  readonly startedAt: Instant;
  readonly until: Instant;
}

const tickMilliseconds = 1_000;
const plainEverySeconds = 10; // without a terminal a line stays, so there are few of them

/** A line for each phase that is entered, and below it what is waited for: who is in which phase, and how far the monitoring is. */
export function createLiveTimeline(
  screen: Screen,
  { now, isTerminal, colour }: { readonly now: () => Instant; readonly isTerminal: boolean; readonly colour: boolean },
): LiveTimeline {
  let begun: Instant | null = null;
  let last: Step | null = null;
  let monitoring: Monitoring | null = null;
  let ticks = 0;
  const timer = setInterval(() => {
    if (begun === null || last === null) return;
    ticks += 1;
    if (isTerminal) screen.progress(progressLine({ begun, last, monitoring }, now()));
    else if (monitoring !== null && ticks % plainEverySeconds === 0) screen.line(progressLine({ begun, last, monitoring }, now()));
  }, tickMilliseconds);
  return {
    changed(object, step, storyBegun) {
      begun = storyBegun;
      if (object.kind === 'WorkflowExecution') monitoring = monitoringOf(object);
      if (step === null) return;
      last = step;
      ticks = 0;
      screen.line(coloured(trailLine(step, storyBegun), step.to, colour));
    },
    stop() {
      clearInterval(timer);
      screen.progress(null);
    },
  };
}

function monitoringOf(workflow: KubernetesObject): Monitoring | null {
  if (stringAt(workflow, 'status', 'phase') !== 'monitoring') return null;
  const [startedAt, until] = [stringAt(workflow, 'status', 'monitoring', 'startedAt'), stringAt(workflow, 'status', 'monitoring', 'until')];
  return startedAt === null || until === null ? null : { startedAt, until };
}

function progressLine(
  { begun, last, monitoring }: { readonly begun: Instant; readonly last: Step; readonly monitoring: Monitoring | null },
  now: Instant,
): string {
  const at = elapsed(begun, now);
  if (monitoring === null) return `${at} ${last.subject.padEnd(24)} ${last.to}`;
  const total = secondsBetween(monitoring.startedAt, monitoring.until);
  const done = Math.min(total, Math.max(0, secondsBetween(monitoring.startedAt, now)));
  return `${at} ${'wf'.padEnd(24)} monitoring: stable for ${done} of ${total} s`;
}

function coloured(line: string, phase: string, colour: boolean): string {
  if (!colour) return line;
  if (phase === 'failed') return styleText('red', line, { validateStream: false });
  return phase === 'completed' || phase === 'complete' ? styleText('green', line, { validateStream: false }) : line;
}
