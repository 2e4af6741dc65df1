import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../virtual-clock.ts';
import { createMemoryQueues } from './memory-queues.ts';

const definitions = [{ name: 'alerts' as const, visibilitySeconds: 30, receivesMax: 2 }];

function aQueue() {
  const clock = createVirtualClock({ start: '2026-01-15T10:00:00Z' });
  return { clock, queues: createMemoryQueues(clock, definitions), never: new AbortController().signal };
}

describe('the in-memory queue twin', () => {
  it('gives a message once, and again when it was not acknowledged before its visibility ended', async () => {
    const { clock, queues, never } = aQueue();
    await queues.send('alerts', [{ body: { n: 1 } }]);
    const [first] = await queues.receive('alerts', 10, never);
    const again: string[] = [];
    void queues.receive('alerts', 10, never).then((records) => again.push(...records.map(({ attributes }) => attributes.ApproximateReceiveCount)));
    await clock.run(() => again.length > 0, { virtualSeconds: 60 });
    expect(first?.attributes.ApproximateReceiveCount).toBe('1');
    expect([again, clock.now()]).toEqual([['2'], '2026-01-15T10:00:30Z']);
  });

  it('holds a delayed message back, and refuses a delay that SQS would refuse', async () => {
    const { clock, queues, never } = aQueue();
    await queues.send('alerts', [{ body: 'late', delaySeconds: 900 }]);
    const seen: string[] = [];
    void queues.receive('alerts', 1, never).then((records) => seen.push(...records.map(({ body }) => body)));
    await clock.run(() => seen.length > 0, { virtualSeconds: 1_000 });
    expect([seen, clock.now()]).toEqual([['"late"'], '2026-01-15T10:15:00Z']);
    expect(() => queues.send('alerts', [{ body: 'x', delaySeconds: 901 }])).toThrow('delaySeconds 901');
  });

  it('moves what was received too often to the dead-letter queue, byte for byte', async () => {
    const { clock, queues, never } = aQueue();
    await queues.send('alerts', [{ body: 'poison', attributes: { a: 'b' } }]);
    await queues.receive('alerts', 1, never);
    let receives = 1;
    const stop = new AbortController();
    void (async () => {
      while (!stop.signal.aborted) receives += (await queues.receive('alerts', 1, stop.signal)).length;
    })();
    await clock.run(() => queues.peek('alerts-dlq').length > 0, { virtualSeconds: 300 });
    stop.abort();
    expect(receives).toBe(2);
    expect(queues.peek('alerts-dlq')).toEqual([{ body: '"poison"', attributes: { a: 'b' } }]);
  });

  it('ignores the handle of an older receive', async () => {
    const { clock, queues, never } = aQueue();
    await queues.send('alerts', [{ body: 1 }]);
    const old = await queues.receive('alerts', 1, never);
    let newer: unknown[] = [];
    void queues.receive('alerts', 1, never).then((records) => (newer = [...records]));
    await clock.run(() => newer.length > 0, { virtualSeconds: 60 });
    await queues.acknowledge('alerts', old);
    expect(await queues.depth('alerts')).toBe(1);
  });

  it('gives up after the wait that it was told, with nothing', async () => {
    const { clock, queues, never } = aQueue();
    await queues.send('alerts', [{ body: 'late', delaySeconds: 60 }]);
    let answer: readonly unknown[] | null = null;
    void queues.receive('alerts', 10, never, 5).then((records) => (answer = records));
    await clock.run(() => answer !== null, { virtualSeconds: 30 });
    expect([answer, clock.now()]).toEqual([[], '2026-01-15T10:00:05Z']);
  });

  it('gives at most ten at once', async () => {
    const { queues, never } = aQueue();
    await queues.send(
      'alerts',
      Array.from({ length: 12 }, (_, n) => ({ body: n })),
    );
    expect(await queues.receive('alerts', 100, never)).toHaveLength(10);
  });
});
