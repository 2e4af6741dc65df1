import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely, QueryResult, UnknownRow } from 'kysely';
import type { MemoryQueues } from '../../infra/local/queue/memory-queues.ts';
import type { StoryStackOptions } from '../../infra/local/stack/story-stack.ts';
import type { Database } from '../../shared/audit/tables.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { sqsQueues, type BaseClient } from '../../shared/queue/sqs.ts';

/** `sqs:SendMessage audit`, by function. Batches need the permission of their single form. */
export type Calls = ReadonlyMap<string, ReadonlySet<string>>;

export interface CallRecorder {
  readonly calls: Calls;
  /** For a function that is called outside of the story. */
  queuesOf(functionName: string): Queues;
  /** Records what each function sends to SQS by the production adapter, and keeps the API server from each of them for its first minutes. */
  readonly disturb: NonNullable<StoryStackOptions['disturb']>;
  /** The same database, which is away from audit-writer at first. */
  failingAtFirst(database: Kysely<Database>): Kysely<Database>;
}

const urlPrefix = 'http://queues.invalid/';
const awaySeconds = 100; // the sweeper sends a key again after a minute, and eight receives last for two

export function createCallRecorder(): CallRecorder {
  const calls = new Map<string, Set<string>>();
  const running = new AsyncLocalStorage<string>();
  const queuesOf = (functionName: string): Queues => sqsQueues({ client: recordingClient(calls, functionName), urlPrefix });
  let storesLeft = 2;
  return {
    calls,
    queuesOf,
    disturb(calm, clock) {
      const began = new Map<string, number>();
      return {
        ...calm,
        queues: recorded(calm.queues, () => queuesOf(running.getStore() ?? 'outside')),
        functionsTransport: awayAtFirst(calm.functionsTransport, () => {
          const name = running.getStore() ?? 'sweeper';
          const since = began.get(name) ?? clock.milliseconds();
          began.set(name, since);
          return name !== 'sweeper' && clock.milliseconds() < since + awaySeconds * 1_000;
        }),
        aroundInvocation: (functionName, invoke) => running.run(functionName, invoke),
      };
    },
    failingAtFirst: (database) =>
      database.withPlugin({
        transformQuery({ node }) {
          if (running.getStore() === 'audit-writer' && storesLeft > 0) {
            storesLeft -= 1;
            throw new Error('the database is away');
          }
          return node;
        },
        transformResult: ({ result }): Promise<QueryResult<UnknownRow>> => Promise.resolve(result),
      }),
  };
}

function recorded(queues: MemoryQueues, recording: () => Queues): MemoryQueues {
  return {
    ...queues,
    async send(queue, messages) {
      await recording().send(queue, messages);
      await queues.send(queue, messages);
    },
    async sendRaw(queue, body, attributes) {
      await recording().sendRaw(queue, body, attributes);
      await queues.sendRaw(queue, body, attributes);
    },
    async changeVisibility(queue, receiptHandle, seconds) {
      await recording().changeVisibility(queue, receiptHandle, seconds);
      await queues.changeVisibility(queue, receiptHandle, seconds);
    },
    async depth(queue) {
      await recording().depth(queue);
      return queues.depth(queue);
    },
  };
}

/** Confirms everything: what counts is which command went to which queue. */
function recordingClient(calls: Map<string, Set<string>>, functionName: string): BaseClient {
  const send = (command: {
    readonly constructor: { readonly name: string };
    readonly input: { readonly QueueUrl?: string; readonly Entries?: readonly object[] };
  }) => {
    const action = command.constructor.name.replace(/Command$/, '').replace(/Batch$/, '');
    const queue = (command.input.QueueUrl ?? '').slice(urlPrefix.length);
    calls.set(functionName, (calls.get(functionName) ?? new Set<string>()).add(`sqs:${action} ${queue}`));
    return Promise.resolve({ Successful: command.input.Entries ?? [] });
  };
  return { send: send as BaseClient['send'] };
}

function awayAtFirst(transport: Transport, isAway: () => boolean): Transport {
  return {
    send: (request, milliseconds) => (isAway() ? Promise.reject(new Error('the API server is away')) : transport.send(request, milliseconds)),
    watch: (path, query, signal) => transport.watch(path, query, signal),
  };
}
