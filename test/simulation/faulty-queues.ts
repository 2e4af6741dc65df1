import type { MemoryQueues } from '../../infra/local/queue/memory-queues.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { SendFailed, type OutgoingMessage } from '../../shared/queue/ports.ts';
import type { Invocations } from './dying-invocations.ts';
import type { Weather } from './weather.ts';

const disorderSecondsMax = 8;
const duplicateSecondsMax = 120;
const delaySecondsMax = 900; // SQS refuses more

export interface Heard {
  /** Every message that a queue took, before the sender knows. */
  heard(queue: string, message: OutgoingMessage): void;
}

/** Queues that keep no order, deliver twice, forget a deletion, lose a confirmation, and now and then what a watcher meant to send. */
export function faultyQueues(calm: MemoryQueues, weather: Weather, invocations: Invocations, { heard }: Heard): MemoryQueues {
  function disturbed(message: OutgoingMessage): readonly OutgoingMessage[] {
    if (stringAt(message.body, 'cause') === 'watch' && weather.strikes(weather.lostWatches)) return []; // the watcher died between seeing and sending
    const first = weather.strikes(weather.severity) ? later(message, disorderSecondsMax) : message;
    return weather.strikes(weather.severity) ? [first, later(message, duplicateSecondsMax)] : [first];
  }

  function later(message: OutgoingMessage, secondsMax: number): OutgoingMessage {
    const delaySeconds = Math.min(delaySecondsMax, (message.delaySeconds ?? 0) + Math.round(weather.between(0, secondsMax)));
    return { ...message, delaySeconds };
  }

  return {
    ...calm,
    send: (queue, messages) =>
      invocations.reach(async () => {
        if (weather.strikes(weather.severity / 2)) throw new SendFailed('a storm');
        const sent = messages.flatMap(disturbed);
        await calm.send(queue, sent);
        for (const message of sent) heard(queue, message);
        if (weather.strikes(weather.severity / 2)) throw new SendFailed('sent, and the answer was lost');
      }),
    sendRaw: (queue, body, attributes) => invocations.reach(() => calm.sendRaw(queue, body, attributes)),
    changeVisibility: (queue, receiptHandle, seconds) =>
      invocations.reach(async () => {
        if (weather.strikes(weather.severity / 2)) throw new Error('read ECONNRESET');
        await calm.changeVisibility(queue, receiptHandle, seconds);
      }),
    depth: (queue) => invocations.reach(() => calm.depth(queue)),
    acknowledge: (queue, records) =>
      calm.acknowledge(
        queue,
        records.filter(() => !weather.strikes(weather.severity / 2)),
      ),
  };
}
