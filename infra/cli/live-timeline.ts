import { styleText } from 'node:util';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { secondsBetween, type Instant } from '../../shared/api/time.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { elapsed, trailLine, type Step } from '../local/story/trail.ts';
import type { Screen } from './screen.ts';
import { visible } from './visible.ts';

export interface LiveTimeline {
  changed(object: KubernetesObject, step: Step | null, begun: Instant): void;
  /** What somebody does beside the product. */
  acted(step: Step, begun: Instant): void;
  stop(): void;
}

export interface LiveTimelineOptions {
  readonly now: () => Instant;
  readonly isTerminal: boolean;
  readonly colour: boolean;
}

interface Monitoring {
  readonly startedAt: Instant;
  readonly until: Instant;
}

interface State {
  begun: Instant | null;
  monitoring: Monitoring | null;
  /** Resources that are in no terminal phase, by subject, the latest last. */
  readonly live: Map<string, Step>;
}

const tickMilliseconds = 1_000;
const plainEverySeconds = 10; // without a terminal a line stays, so there are few of them

/** A line for each phase that is entered, and below it what is waited for: who is in which phase since when, and how far the monitoring is. */
export function createLiveTimeline(screen: Screen, { now, isTerminal: hasTerminal, colour }: LiveTimelineOptions): LiveTimeline {
  const state: State = { begun: null, monitoring: null, live: new Map() };
  let ticks = 0;
  const timer = setInterval(() => {
    if (state.begun === null) return;
    ticks += 1;
    const line = `${elapsed(state.begun, now())} ${waitOf(state, now())}`;
    if (hasTerminal) screen.progress(line);
    else if (state.monitoring !== null && ticks % plainEverySeconds === 0) screen.line(line);
  }, tickMilliseconds);
  return {
    changed(object, step, begun) {
      state.begun = begun;
      if (object.kind === 'WorkflowExecution') state.monitoring = monitoringOf(object);
      if (step === null) return;
      note(state, step);
      ticks = 0;
      screen.line(coloured(visible(trailLine(step, begun)), step.to, colour));
    },
    acted(step, begun) {
      screen.line(visible(trailLine(step, begun)));
    },
    stop() {
      clearInterval(timer);
      screen.progress(null);
    },
  };
}

/** A Job is not waited for: its execution is. */
function note({ live }: State, step: Step): void {
  live.delete(step.subject);
  if (step.kind !== 'Job' && !isTerminal(step.to)) live.set(step.subject, step);
}

function waitOf({ monitoring, live }: State, now: Instant): string {
  const last = [...live.values()].at(-1);
  if (last === undefined) return 'all has ended: locks are released, the audit is written';
  if (monitoring === null) return `${last.subject} ${last.to} for ${seconds(last.at, now)} s`;
  const total = secondsBetween(monitoring.startedAt, monitoring.until);
  return `${last.subject} ${last.to}: stable for ${Math.min(total, seconds(monitoring.startedAt, now))} of ${total} s`;
}

function seconds(from: Instant, to: Instant): number {
  return Math.max(0, Math.floor(secondsBetween(from, to)));
}

function monitoringOf(workflow: KubernetesObject): Monitoring | null {
  if (stringAt(workflow, 'status', 'phase') !== 'monitoring') return null;
  const startedAt = stringAt(workflow, 'status', 'monitoring', 'startedAt');
  const until = stringAt(workflow, 'status', 'monitoring', 'until');
  return startedAt === null || until === null ? null : { startedAt, until };
}

function coloured(line: string, phase: string, colour: boolean): string {
  if (!colour) return line;
  if (phase === 'failed') return styleText('red', line, { validateStream: false });
  return phase === 'completed' || phase === 'complete' ? styleText('green', line, { validateStream: false }) : line;
}
