import type { MemoryQueues } from '../../../infra/local/queue/memory-queues.ts';
import { SendFailed, type DeadLetterQueueName, type OutgoingMessage, type QueueName } from '../../../shared/queue/ports.ts';
import type { Heard } from '../faulty-queues.ts';
import type { Trouble } from './troubled-transport.ts';

const delaySecondsMax = 900; // SQS refuses more

/** Everybody's way to the queues; the watcher's too, which is in no invocation. */
export function troubledQueues(calm: MemoryQueues, { fault, lives, outage, draw }: Trouble, { heard }: Heard): MemoryQueues {
  function delivered(message: OutgoingMessage): readonly OutgoingMessage[] {
    if (fault.kind !== 'deliveries') return [message];
    const { how, secondsMax } = fault;
    switch (how) {
      case 'twice':
        return [message, later(message, draw() * secondsMax)];
      case 'at once':
        return [message, message];
      case 'late':
        return [later(message, secondsMax)];
      case 'any order':
        return [later(message, draw() * secondsMax)];
    }
  }

  async function take(queue: QueueName | DeadLetterQueueName, messages: readonly OutgoingMessage[]): Promise<void> {
    const isWatcher = lives.current() === null;
    if (isWatcher && outage.isAway('watcher')) return; // it died before it sent them
    mustBeThere();
    const number = lives.counts.sends;
    await calm.send(queue, messages.flatMap(delivered));
    for (const message of messages) heard(queue, message);
    if (fault.kind === 'send' && !isWatcher && fault.send === number) throw new SendFailed('sent, and the answer was lost');
  }

  function mustBeThere(): void {
    if (outage.isAway('queue')) throw new SendFailed('connect ECONNREFUSED');
  }

  return {
    ...calm,
    send: (queue, messages) => lives.cross({ kind: 'send' }, () => take(queue, messages)),
    sendRaw: (queue, body, attributes) =>
      lives.cross({ kind: 'send' }, async () => {
        mustBeThere();
        await calm.sendRaw(queue, body, attributes);
      }),
    changeVisibility: (queue, receiptHandle, seconds) =>
      lives.cross({ kind: 'other' }, async () => {
        mustBeThere();
        await calm.changeVisibility(queue, receiptHandle, seconds);
      }),
    async receive(queue, countMax, signal, waitSecondsMax) {
      mustBeThere();
      // One message an invocation, so that the same key twice is two passes at once.
      const records = await calm.receive(queue, fault.kind === 'deliveries' && fault.how === 'at once' ? 1 : countMax, signal, waitSecondsMax);
      mustBeThere();
      return records;
    },
    async acknowledge(queue, records) {
      mustBeThere();
      await calm.acknowledge(queue, records);
    },
  };
}

function later(message: OutgoingMessage, seconds: number): OutgoingMessage {
  return { ...message, delaySeconds: Math.min(delaySecondsMax, (message.delaySeconds ?? 0) + seconds) };
}
