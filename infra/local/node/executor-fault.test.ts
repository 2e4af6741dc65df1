import { describe, expect, it } from 'vitest';
import { aPodView } from '../../../test/support/pods.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { executorFaultOf, hanging } from './executor-fault.ts';
import type { Executor } from './executor.ts';

const node = (annotations?: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'sandbox-node', ...(annotations !== undefined && { annotations }) },
});

describe('the executors of a node', () => {
  it.each<[sentence: string, said: string | null, fault: string | null]>([
    ['nothing is said', null, null],
    ['nobody knows what is said', 'sleep', null],
    ['their image is missing', 'image-pull-fails', 'image-pull-fails'],
    ['they hang', 'hang', 'hang'],
  ])('are as its annotation says, where %s', (_sentence, said, fault) => {
    expect(executorFaultOf(node(said === null ? undefined : { 'sandbox.kubernaut.io/executors': said }))).toBe(fault);
  });

  it('hang until they are ended, and only those for which that is said', async () => {
    const clock = createVirtualClock({ start: '2026-01-15T10:00:00Z' });
    const executor: Executor = { description: 'at once', run: () => Promise.resolve({ exitCode: 0 }), close: () => Promise.resolve() };
    const pod = aPodView();
    const calm = hanging(executor, clock, () => false);
    expect(await calm.run(pod, () => undefined, new AbortController().signal)).toEqual({ exitCode: 0 });
    const ending = new AbortController();
    const lines: string[] = [];
    const run = hanging(executor, clock, () => true).run(pod, (text) => lines.push(text), ending.signal);
    ending.abort();
    expect(await run).toEqual({ exitCode: 143 });
    expect(lines.join('')).toContain('it hangs, as its node says');
  });
});
