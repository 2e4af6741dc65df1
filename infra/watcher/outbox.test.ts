import { describe, expect, it } from 'vitest';
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
});
