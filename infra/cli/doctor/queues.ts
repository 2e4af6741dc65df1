import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { stringAt, numberAt } from '../../../shared/kubernetes/unstructured.ts';
import type { DeadLetterQueueName, QueueName } from '../../../shared/queue/ports.ts';
import { readServerlessFile, type QueueDefinition } from '../../local/stack/serverless-file.ts';
import { OperatorFailure } from '../operator/operator-failure.ts';
import { readNumbers } from '../queues/numbers.ts';
import type { Stage } from '../queues/stage.ts';
import { root } from '../root.ts';
import { fail, ok, warn, type Verdict } from './finding.ts';
import type { Check } from './patient.ts';

const backlogMax = 1_000; // beyond it the sweeper adds nothing

/** Every queue as infra/cloud/queues.yml declares it. */
export const queuesCheck: Check = {
  name: 'queues',
  async look(patient) {
    const stage = patient.stage();
    const { queues } = readServerlessFile(root);
    const faults = (await Promise.all(queues.map((queue) => faultsOf(stage, queue)))).flat();
    return faults.length === 0 ? [ok(`${queues.length} queues and their dead-letter queues at ${stage.urlPrefix}`)] : faults;
  },
};

export const deadLettersCheck: Check = {
  name: 'dead letters',
  needs: 'queues',
  async look(patient) {
    const numbers = await readNumbers(patient.stage());
    const dead = numbers.filter(({ deadLetters }) => deadLetters > 0);
    const late = numbers.filter(({ visible }) => visible > backlogMax);
    const verdicts = [
      ...dead.map(({ name, deadLetters }) => warn(`${deadLetters} in ${name}`, `npx kubernaut redrive --dry-run --queue ${name} says why`)),
      ...late.map(({ name, visible }) => warn(`${visible} messages wait in ${name}`, 'is its function throttled, or does it fail? Its log says so')),
    ];
    return verdicts.length === 0 ? [ok('none, and no queue is long')] : verdicts;
  },
};

async function faultsOf(stage: Stage, { name, receivesMax, visibilitySeconds }: QueueDefinition): Promise<readonly Verdict[]> {
  const [queue, dead] = await Promise.all([attributesOf(stage, name), attributesOf(stage, `${name}-dlq`)]);
  const gone = [queue, dead].filter((found) => typeof found === 'string').map((message) => fail(message, ''));
  if (typeof queue === 'string' || typeof dead === 'string') return gone;
  const policy = parseJson(queue['RedrivePolicy'] ?? '');
  if (stringAt(policy, 'deadLetterTargetArn') !== dead['QueueArn']) {
    return [fail(`${name} does not give up to ${name}-dlq: what fails is tried until it ends, and then lost`, 'deploy the stage again')];
  }
  return [
    ...(Number(numberAt(policy, 'maxReceiveCount') ?? stringAt(policy, 'maxReceiveCount')) === receivesMax
      ? []
      : [warn(`${name} gives up after another number of receives than ${receivesMax}`, 'deploy the stage again')]),
    ...(Number(queue['VisibilityTimeout']) >= visibilitySeconds
      ? []
      : [warn(`${name} shows a message again before ${visibilitySeconds} s, while its function may still work on it`, 'deploy the stage again')]),
    ...(Number(dead['MessageRetentionPeriod']) > Number(queue['MessageRetentionPeriod'])
      ? []
      : [warn(`${name}-dlq keeps a dead letter no longer than ${name} did`, 'give it a retention of 14 days')]),
  ];
}

/** Or what is wrong with it, as a sentence. */
async function attributesOf(stage: Stage, queue: QueueName | DeadLetterQueueName): Promise<Readonly<Record<string, string>> | string> {
  try {
    const { Attributes: attributes = {} } = await stage.client.send(new GetQueueAttributesCommand({ QueueUrl: stage.urlOf(queue), AttributeNames: ['All'] }));
    return attributes;
  } catch (error) {
    if (error instanceof OperatorFailure) return error.message;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
