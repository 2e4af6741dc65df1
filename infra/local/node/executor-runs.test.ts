import { describe, expect, it } from 'vitest';
import { aPodView } from '../../../test/support/pods.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import type { Executor } from './executor.ts';
import { createExecutorRuns } from './executor-runs.ts';

const pod = aPodView({ container: { command: ['kubectl', 'get', 'pods'] } });

function aStory(run: Executor['run']) {
  const clock = createVirtualClock({ start: '2026-01-15T10:00:00Z' });
  let log = '';
  const ended: string[] = [];
  const runs = createExecutorRuns({
    clock,
    executor: { description: 'scripted', run, close: async () => undefined },
    logs: { appendLog: (uid, container, text) => (log += `${uid}/${container}: ${text}`) },
    ended: ({ metadata }) => void ended.push(metadata.name),
  });
  return { runs, log: () => log, ended, until: (holds: () => boolean) => clock.run(holds, { virtualSeconds: 60 }) };
}

describe('the runs of executors', () => {
  it('are remembered with their end, and told of it', async () => {
    const { runs, log, ended, until } = aStory(async (_pod, append) => {
      append('hello\n');
      return { exitCode: 3 };
    });
    runs.start(pod);
    expect(runs.of(pod)).toEqual({ kind: 'running' });
    await until(() => ended.length === 1);
    expect(runs.of(pod)).toEqual({ kind: 'ended', exitCode: 3, message: undefined });
    expect(log()).toBe('pod1/app: hello\n');
  });

  it('begin once for a pod, however often they are asked for', async () => {
    let count = 0;
    const { runs, ended, until } = aStory(async () => {
      count += 1;
      return { exitCode: 0 };
    });
    runs.start(pod);
    runs.start(pod);
    await until(() => ended.length === 1);
    runs.start(pod);
    expect(count).toBe(1);
  });

  it('keep a mebibyte of the output, and say that more was dropped', async () => {
    const { runs, log, ended, until } = aStory(async (_pod, append) => {
      for (let line = 0; line < 40; line += 1) append('x'.repeat(65_536));
      return { exitCode: 0 };
    });
    runs.start(pod);
    await until(() => ended.length === 1);
    expect(log().replaceAll('pod1/app: ', '')).toBe(`${'x'.repeat(1_048_576)}\n[cut: more than 1048576 characters]\n`);
  });

  it('are all asked to end and awaited, when the node stops', async () => {
    const trail: string[] = [];
    const { runs } = aStory(async (_pod, _append, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      trail.push('asked');
      await Promise.resolve();
      trail.push('ended');
      return { exitCode: 143 };
    });
    runs.start(pod);
    await runs.stopAll();
    expect(trail).toEqual(['asked', 'ended']);
  });
});
