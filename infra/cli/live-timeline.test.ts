import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds, type Instant } from '../../shared/api/time.ts';
import type { Step } from '../local/story/trail.ts';
import { createLiveTimeline } from './live-timeline.ts';

const begun = '2026-01-15T10:34:00Z';
let now: Instant = begun;
beforeEach(() => {
  now = begun;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(seconds: number): void {
  for (let second = 0; second < seconds; second += 1) {
    now = addSeconds(now, 1);
    vi.advanceTimersByTime(1_000);
  }
}

function aTimeline(isTerminal: boolean) {
  const lines: string[] = [];
  let progress: string | null = null;
  const screen = { line: (text: string) => void lines.push(text), progress: (text: string | null) => void (progress = text) };
  const timeline = createLiveTimeline(screen, { now: () => now, isTerminal, colour: false });
  const enters = (kind: string, subject: string, to: string, status: object = {}) => {
    const step: Step = { at: now, kind, subject, from: '', to, reason: '', message: '' };
    const object: KubernetesObject = { apiVersion: 'v1', kind, metadata: { name: subject }, status: { phase: to, ...status } };
    timeline.changed(object, step, begun);
  };
  return { timeline, lines, enters, progress: () => progress };
}

const monitoring = { startedAt: '2026-01-15T10:34:03Z', until: '2026-01-15T10:35:03Z' };

describe('the live timeline', () => {
  it('keeps a line for every phase that is entered', () => {
    const { lines, enters } = aTimeline(false);
    enters('RemediationRequest', 'rr', 'processing');
    pass(2);
    enters('RemediationProcessing', 'rp', 'enriching');
    expect(lines).toEqual(['+00:00 rr                          ""           → processing', '+00:02 rp                          ""           → enriching']);
  });

  it('says on a terminal who is waited for, which a Job never is', () => {
    const { enters, progress } = aTimeline(true);
    enters('WorkflowExecution', 'wf', 'executing');
    enters('KubernetesExecution', 'ke/scale', 'executing');
    enters('Job', 'job/scale', 'created');
    pass(4);
    expect(progress()).toBe('+00:04 ke/scale executing for 4 s');
    enters('KubernetesExecution', 'ke/scale', 'completed');
    pass(1);
    expect(progress()).toBe('+00:05 wf executing for 5 s');
  });

  it('says how far the monitoring is, and stops at its end', () => {
    const { enters, progress } = aTimeline(true);
    pass(3);
    enters('WorkflowExecution', 'wf', 'monitoring', { monitoring });
    pass(20);
    expect(progress()).toBe('+00:23 wf monitoring: stable for 20 of 60 s');
    pass(45);
    expect(progress()).toBe('+01:08 wf monitoring: stable for 60 of 60 s');
  });

  it('adds a line every ten seconds of monitoring where there is no terminal, and none otherwise', () => {
    const { enters, lines } = aTimeline(false);
    enters('WorkflowExecution', 'wf', 'executing');
    pass(30);
    expect(lines).toHaveLength(1);
    enters('WorkflowExecution', 'wf', 'monitoring', { monitoring });
    pass(25);
    expect(lines.slice(2)).toEqual(['+00:40 wf monitoring: stable for 37 of 60 s', '+00:50 wf monitoring: stable for 47 of 60 s']);
  });

  it('says what follows when everything has ended, and nothing after it was stopped', () => {
    const { timeline, enters, progress } = aTimeline(true);
    enters('RemediationRequest', 'rr', 'completed');
    pass(1);
    expect(progress()).toBe('+00:01 all has ended: locks are released, the audit is written');
    timeline.stop();
    pass(5);
    expect(progress()).toBeNull();
  });
});
