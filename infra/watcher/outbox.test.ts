import { describe, expect, it } from 'vitest';
import { millisecondsOf } from '../../shared/api/time.ts';
import type { OutgoingMessage } from '../../shared/queue/ports.ts';
import { createVirtualClock } from '../local/virtual-clock.ts';
import type { Forwarding } from './forward.ts';
import { createOutbox } from './outbox.ts';

const forwarding = (name: string): Forwarding => ({
  queue: 'remediation-requests',
  message: { cluster: 'c', kind: 'RemediationRequest', namespace: 'n', name, cause: 'watch' },
});

/** A queue whose sends are let through one by one, or fail as often as asked. */
function aQueue(failures = 0) {
  const clock = createVirtualClock({ start: '2026-01-15T10:00:00Z' });
  const batches: string[][] = [];
  const gates: (() => void)[] = [];
  let left = failures;
  const outbox = createOutbox({
    clock,
    sent: () => undefined,
    failed: () => undefined,
    track: (work) => clock.track(work),
    queues: {
      send: async (_queue, messages: readonly OutgoingMessage[]) => {
        if (left > 0) {
          left -= 1;
          throw new Error('the queue is away');
        }
        batches.push(messages.map(({ body }) => (body as { name: string }).name));
        if (failures === 0) await new Promise<void>((resolve) => gates.push(resolve));
      },
    },
  });
  const open = async () => {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, outbox, batches, open };
}

describe('the outbox', () => {
  it('sends what arrived during a send as one batch, each key once', async () => {
    const { outbox, batches, open } = aQueue();
    await outbox.put([forwarding('a')]);
    await outbox.put([forwarding('b')]);
    await outbox.put([forwarding('c'), forwarding('b')]);
    await open();
    expect(batches).toEqual([['a'], ['b', 'c']]);
    await open();
    expect(outbox.pendingCount()).toBe(0);
  });

  it('sends a key again that changed while its send was under way', async () => {
    const { outbox, batches, open } = aQueue();
    await outbox.put([forwarding('a')]);
    await outbox.put([forwarding('a')]);
    await open();
    await open();
    expect(batches).toEqual([['a'], ['a']]);
  });

  it('keeps what a queue that is away refused, and sends it when it is back', async () => {
    const { clock, outbox, batches } = aQueue(3);
    await outbox.put([forwarding('a')]);
    await clock.run(() => batches.length > 0, { virtualSeconds: 60 });
    expect(batches).toEqual([['a']]);
    expect(clock.now()).toBe('2026-01-15T10:00:03Z');
  });

  it('starts anew after it ran empty', async () => {
    const { outbox, batches, open } = aQueue();
    await outbox.put([forwarding('a')]);
    await open();
    await outbox.put([forwarding('b')]);
    await open();
    expect(batches).toEqual([['a'], ['b']]);
  });

  it('sends a storm in rounds, so that a failure repeats no more than one of them', async () => {
    const { outbox, batches, open } = aQueue();
    const keys = Array.from({ length: 250 }, (_, index) => `k-${index}`);
    await outbox.put([forwarding('first')]);
    await outbox.put(keys.map(forwarding));
    for (let round = 0; round < 4; round += 1) await open();
    expect(batches.map(({ length }) => length)).toEqual([1, 100, 100, 50]);
    expect(batches.flat().slice(1)).toEqual(keys);
  });

  it('lets the watch wait when too much is pending for a queue that is away, and goes on when it is back', async () => {
    const { clock, outbox, batches } = aQueue(5);
    let isPut = false;
    const putting = outbox.put(Array.from({ length: 2_000 }, (_, index) => forwarding(`k-${index}`))).then(() => (isPut = true));
    await clock.run(() => clock.milliseconds() >= millisecondsOf('2026-01-15T10:00:10Z') || batches.length > 0, { virtualSeconds: 60 });
    await putting;
    expect(isPut).toBe(true);
    expect(outbox.pendingCount()).toBeLessThan(2_000);
  });

  it('holds up no other queue by one that is away', async () => {
    const { outbox } = aQueue(Infinity);
    void outbox.put(Array.from({ length: 2_000 }, (_, index) => forwarding(`k-${index}`)));
    await outbox.put([{ ...forwarding('other'), queue: 'ai-analyses' }]);
    expect(outbox.pendingCount()).toBe(2_001);
  });
});

describe('draining the outbox', () => {
  it('sends what is pending', async () => {
    const { clock, outbox, batches } = aQueue(2);
    await outbox.put([forwarding('a')]);
    let isDrained = false;
    const draining = outbox.drain(new AbortController().signal).then(() => (isDrained = true));
    await clock.run(() => isDrained, { virtualSeconds: 60 });
    await draining;
    expect(batches).toEqual([['a']]);
  });

  it('ends at once where nothing is pending', async () => {
    const { outbox } = aQueue();
    await outbox.drain(new AbortController().signal);
    expect(outbox.pendingCount()).toBe(0);
  });

  it('gives up when it is told to, and frees who waits for room', async () => {
    const { outbox, batches } = aQueue(Infinity);
    const patience = new AbortController();
    const putting = outbox.put(Array.from({ length: 2_000 }, (_, index) => forwarding(`k-${index}`)));
    const draining = outbox.drain(patience.signal);
    patience.abort();
    await Promise.all([putting, draining]);
    expect(batches).toEqual([]);
    expect(outbox.pendingCount()).toBe(2_000);
  });
});
