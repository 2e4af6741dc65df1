import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { stringAt, numberAt } from '../../../shared/kubernetes/unstructured.ts';
import type { DeadLetterQueueName, QueueName } from '../../../shared/queue/ports.ts';
import { readServerlessFile, type QueueDefinition } from '../../local/stack/serverless-file.ts';
import { OperatorFailure } from '../operator/operator-failure.ts';
import { readNumbers } from '../queues/numbers.ts';
import { missingRemedy, QueueMissing, QueueRefused } from '../queues/queue-failure.ts';
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
    const looks = await Promise.all(queues.map((queue) => lookAt(stage, queue)));
    const faults = [...unseen(looks.flatMap(({ failures }) => failures)), ...missing(stage, looks), ...looks.flatMap(({ verdicts }) => verdicts)];
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

interface Look {
  readonly verdicts: readonly Verdict[];
  readonly missing: readonly (QueueName | DeadLetterQueueName)[];
  readonly failures: readonly OperatorFailure[];
}

async function lookAt(stage: Stage, definition: QueueDefinition): Promise<Look> {
  const names = [definition.name, `${definition.name}-dlq`] as const;
  const [queue, dead] = await Promise.all([attributesOf(stage, names[0]), attributesOf(stage, names[1])]);
  if (!(queue instanceof OperatorFailure) && !(dead instanceof OperatorFailure))
    return { verdicts: faultsOf(definition, queue, dead), missing: [], failures: [] };
  const found = [queue, dead];
  return {
    verdicts: [],
    missing: names.filter((_, index) => found[index] instanceof QueueMissing),
    failures: found.filter((one) => one instanceof OperatorFailure).filter((failure) => !(failure instanceof QueueMissing)),
  };
}

const ofEachQueue: readonly string[] = ['denied', 'busy', 'other']; // the rest is about the account or the way there

/** What AWS says of every queue alike is one line, not fourteen. */
function unseen(failures: readonly OperatorFailure[]): readonly Verdict[] {
  const kindOf = (failure: OperatorFailure) => (failure instanceof QueueRefused ? failure.kind : failure.message);
  return [...Map.groupBy(failures, kindOf)].flatMap(([kind, [first, ...like]]) => {
    const more = like.length === 0 || !ofEachQueue.includes(kind) ? '' : `; so it is with ${like.length} other queues`;
    return first === undefined ? [] : [fail(`${first.message}${more}`, '')];
  });
}

function missing({ urlPrefix }: Stage, looks: readonly Look[]): readonly Verdict[] {
  const names = looks.flatMap((look) => look.missing);
  if (names.length === 0) return [];
  const which = names.length === looks.length * 2 ? 'none of the queues' : `no queue ${names.join(', ')}`;
  return [fail(`there is ${which} at ${urlPrefix}`, missingRemedy)];
}

type Attributes = Readonly<Record<string, string>>;

function faultsOf({ name, receivesMax, visibilitySeconds }: QueueDefinition, queue: Attributes, dead: Attributes): readonly Verdict[] {
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

/** Or what is wrong with it. */
async function attributesOf(stage: Stage, queue: QueueName | DeadLetterQueueName): Promise<Attributes | OperatorFailure> {
  try {
    const { Attributes: attributes = {} } = await stage.client.send(new GetQueueAttributesCommand({ QueueUrl: stage.urlOf(queue), AttributeNames: ['All'] }));
    return attributes;
  } catch (error) {
    if (error instanceof OperatorFailure) return error;
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
