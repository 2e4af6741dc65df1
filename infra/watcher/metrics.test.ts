import { describe, expect, it } from 'vitest';
import { stillClock } from '../../test/support/kernel.ts';
import type { Notice } from './follow.ts';
import { createWatcherMetrics } from './metrics.ts';

function aWatched() {
  const clock = stillClock();
  const metrics = createWatcherMetrics(clock, ['RemediationRequest', 'Job']);
  const lines = (name: string) =>
    metrics
      .render({ pendingCount: 3 })
      .split('\n')
      .filter((line) => line.startsWith(name));
  return { clock, metrics, lines };
}

describe('the watcher’s metrics', () => {
  it('are in the text format of Prometheus, each family with its help and type', () => {
    const { metrics } = aWatched();
    const text = metrics.render({ pendingCount: 0 });
    expect(text.endsWith('\n')).toBe(true);
    const names = text.split('\n').flatMap((line) => (line.startsWith('# TYPE ') ? [line.split(' ').slice(2).join(' ')] : []));
    expect(names).toEqual([
      'kubernaut_watcher_lists_total counter',
      'kubernaut_watcher_troubles_total counter',
      'kubernaut_watcher_reopened_total counter',
      'kubernaut_watcher_last_event_seconds gauge',
      'kubernaut_watcher_forwarded_total counter',
      'kubernaut_watcher_send_failures_total counter',
      'kubernaut_watcher_pending gauge',
      'process_resident_memory_bytes gauge',
    ]);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples.filter((line) => !/^[a-z_]+(\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\})? -?\d+(\.\d+)?$/.test(line))).toEqual([]);
  });

  it('count what was noticed, by kind and cause', () => {
    const { metrics, lines } = aWatched();
    metrics.noticed('Job', { kind: 'listed', count: 7 });
    metrics.noticed('Job', { kind: 'trouble', error: new Error('away') });
    metrics.noticed('Job', { kind: 'reopened', why: 'expired' });
    metrics.noticed('Job', { kind: 'reopened', why: 'expired' });
    expect(lines('kubernaut_watcher_lists_total{kind="Job"}')).toEqual(['kubernaut_watcher_lists_total{kind="Job"} 1']);
    expect(lines('kubernaut_watcher_troubles_total')).toEqual([
      'kubernaut_watcher_troubles_total{kind="RemediationRequest"} 0',
      'kubernaut_watcher_troubles_total{kind="Job"} 1',
    ]);
    expect(lines('kubernaut_watcher_reopened_total{kind="Job"')).toEqual([
      'kubernaut_watcher_reopened_total{kind="Job",cause="ended"} 0',
      'kubernaut_watcher_reopened_total{kind="Job",cause="expired"} 2',
      'kubernaut_watcher_reopened_total{kind="Job",cause="silent"} 0',
    ]);
  });

  it('count what was sent and what failed, by queue, and what waits', () => {
    const { metrics, lines } = aWatched();
    metrics.sent('ai-analyses', 3);
    metrics.sent('ai-analyses', 2);
    metrics.sendFailed('remediation-requests');
    expect(lines('kubernaut_watcher_forwarded_total')).toEqual(['kubernaut_watcher_forwarded_total{queue="ai-analyses"} 5']);
    expect(lines('kubernaut_watcher_send_failures_total')).toEqual(['kubernaut_watcher_send_failures_total{queue="remediation-requests"} 1']);
    expect(lines('kubernaut_watcher_pending')).toEqual(['kubernaut_watcher_pending 3']);
  });

  it('tell the memory of a process that is the watcher alone', () => {
    const { metrics, lines } = aWatched();
    expect(metrics.render({ pendingCount: 0, memoryBytes: 71_000_000 })).toContain('\nprocess_resident_memory_bytes 71000000\n');
    expect(lines('process_resident_memory_bytes')).toEqual([]);
  });

  it('know nothing of a kind that nobody follows', () => {
    const { metrics } = aWatched();
    const before = metrics.render({ pendingCount: 0 });
    metrics.noticed('Secret', { kind: 'alive' });
    expect(metrics.render({ pendingCount: 0 })).toBe(before);
  });
});

it('is ready when every kind was listed, and stays so', () => {
  const { metrics } = aWatched();
  expect(metrics.unreadiness()).toBe('RemediationRequest: not listed yet; Job: not listed yet');
  metrics.noticed('Job', { kind: 'listed', count: 0 });
  expect(metrics.unreadiness()).toBe('RemediationRequest: not listed yet');
  metrics.noticed('RemediationRequest', { kind: 'listed', count: 3 });
  metrics.noticed('RemediationRequest', { kind: 'trouble', error: new Error('away') });
  expect(metrics.unreadiness()).toBeNull();
});

describe('the watcher’s health', () => {
  it.each<[sentence: string, notice: Notice]>([
    ['a list came', { kind: 'listed', count: 0 }],
    ['anything came, if only a bookmark', { kind: 'alive' }],
    ['the server ended a watch in due form', { kind: 'reopened', why: 'ended' }],
  ])('is well for ten minutes after %s', (_sentence, notice) => {
    const { clock, metrics, lines } = aWatched();
    clock.advance(500);
    for (const kind of ['RemediationRequest', 'Job']) metrics.noticed(kind, notice);
    clock.advance(600);
    expect(metrics.illness()).toBeNull();
    expect(lines('kubernaut_watcher_last_event_seconds{kind="Job"}')).toEqual(['kubernaut_watcher_last_event_seconds{kind="Job"} 600']);
    clock.advance(1);
    expect(metrics.illness()).toBe('RemediationRequest: nothing came for more than 10 minutes; Job: nothing came for more than 10 minutes');
  });

  it.each<[sentence: string, notice: Notice]>([
    ['a silent watch that is opened anew', { kind: 'reopened', why: 'silent' }],
    ['a version that was too old', { kind: 'reopened', why: 'expired' }],
    ['trouble', { kind: 'trouble', error: new Error('away') }],
  ])('is not made well by %s', (_sentence, notice) => {
    const { clock, metrics } = aWatched();
    clock.advance(601);
    metrics.noticed('Job', notice);
    metrics.noticed('RemediationRequest', { kind: 'alive' });
    expect(metrics.illness()).toBe('Job: nothing came for more than 10 minutes');
  });
});
