import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BaseClient } from '../../../shared/queue/sqs.ts';
import { aQueueWorld, type QueueWorld } from '../../../test/support/queue-world.ts';
import { moveByHand, moveByTask } from './move.ts';
import { readNumbers } from './numbers.ts';
import { OperationUnknown } from './queue-failure.ts';
import type { Stage } from './stage.ts';

const clock = () => {
  let now = 0;
  return { now: () => '', milliseconds: () => now, sleep: async (milliseconds: number) => void (now += milliseconds) };
};

/** An SQS that knows move tasks, and reports them so, one answer after another; the last one stays. */
function aStage(reports: readonly ListMessageMoveTasksResultEntry[]) {
  const started: object[] = [];
  const left = [...reports];
  const send = async (command: object) => {
    if (command instanceof GetQueueAttributesCommand) return { Attributes: { QueueArn: `arn of ${command.input.QueueUrl}` } };
    if (command instanceof StartMessageMoveTaskCommand) {
      started.push(command.input);
      return { TaskHandle: 'ours' };
    }
    if (command instanceof ListMessageMoveTasksCommand) return { Results: [left.length > 1 ? left.shift() : left[0]] };
    throw new OperationUnknown('unknown');
  };
  const stage: Stage = { client: { send: send as BaseClient['send'] }, urlPrefix: '', urlOf: (queue) => queue, ages: async () => new Map() };
  return { stage, started };
}

describe('a move by SQS itself', () => {
  it('goes to the queue that the dead letters came from, and is awaited', async () => {
    const { stage, started } = aStage([
      { Status: 'RUNNING', TaskHandle: 'ours' },
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 7 },
    ]);
    expect(await moveByTask(stage, 'audit', clock())).toBe(7);
    expect(started).toEqual([{ SourceArn: 'arn of audit-dlq', DestinationArn: 'arn of audit' }]);
  });

  it.each<[sentence: string, report: ListMessageMoveTasksResultEntry, message: string]>([
    [
      'fails',
      { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' },
      'stopped moving the dead letters of audit (CouldNotDetermineMessageSource): try again with --limit',
    ],
    ['takes too long', { Status: 'RUNNING', TaskHandle: 'ours' }, 'still moves the dead letters of audit: npx kubernaut queues shows how far it is'],
  ])('that %s is told', async (_sentence, report, message) => {
    await expect(moveByTask(aStage([report]).stage, 'audit', clock())).rejects.toThrow(message);
  });
});

describe('a move by hand', () => {
  let world: QueueWorld;
  beforeAll(async () => {
    world = await aQueueWorld();
  });
  afterAll(() => world.close());

  it('is what is left where SQS does not know how', async () => {
    expect(await moveByTask(world.stage, 'audit', clock())).toBe(null);
  });

  it('that is killed before it deletes leaves the message in both queues, and in none less', async () => {
    await world.put('alerts-dlq', '{}');
    const { client } = world.stage;
    const send = async (command: Parameters<BaseClient['send']>[0]) => {
      if (command instanceof DeleteMessageBatchCommand) throw new Error('killed');
      return client.send(command);
    };
    const dying = { ...world.stage, client: { send: send as BaseClient['send'] } };
    await expect(moveByHand(dying, 'alerts', 10, () => undefined)).rejects.toThrow('killed');
    expect((await readNumbers(world.stage))[0]).toMatchObject({ name: 'alerts', visible: 1, deadLetters: 1 });
  });
});
