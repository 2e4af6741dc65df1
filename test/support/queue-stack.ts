import { callAws } from '../../infra/local/cloud/call-aws.ts';
import type { Emulator } from '../../infra/local/cloud/start-ministack.ts';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { waitUntil } from '../../infra/local/story/wait-until.ts';
import { packageTemplate } from './packaged-template.ts';

type Place = Pick<Emulator, 'endpoint' | 'region'>;

export interface QueueStack {
  /** What the URLs of its queues begin with. */
  readonly urlPrefix: string;
  remove(): Promise<void>;
}

const secondsMax = 60;
const account = '000000000000';

/** The queues of the packaged template, with their policies and dead-letter queues, made by CloudFormation as they stand there. */
export async function createQueueStack(emulator: Place, stage: string): Promise<QueueStack> {
  const template = await packageTemplate('dev');
  const ours = Object.entries(template.resources).filter(([, { Type }]) => Type.startsWith('AWS::SQS::'));
  await template.remove();
  const text = JSON.stringify({ Resources: Object.fromEntries(ours) }).replaceAll('kubernaut-dev-', `kubernaut-${stage}-`);
  const name = `kubernaut-${stage}-queues`;
  await ask(emulator, { Action: 'CreateStack', StackName: name, TemplateBody: text });
  const clock = createRealClock();
  const wait = { clock, secondsMax, signal: new AbortController().signal };
  await waitUntil(async () => (await statusOf(emulator, name)) === 'CREATE_COMPLETE', { ...wait, what: `${name} is created` });
  return {
    urlPrefix: `${emulator.endpoint}/${account}/kubernaut-${stage}-`,
    async remove() {
      await ask(emulator, { Action: 'DeleteStack', StackName: name });
      await waitUntil(async () => /^(DELETE_COMPLETE|)$/.test(await statusOf(emulator, name)), { ...wait, what: `${name} is deleted` });
    },
  };
}

/** Empty when there is none. Throws when it failed. */
async function statusOf(emulator: Place, name: string): Promise<string> {
  const text = await ask(emulator, { Action: 'DescribeStacks', StackName: name }).catch((error: unknown) => {
    if (error instanceof Error && error.message.includes('does not exist')) return '';
    throw error;
  });
  const status = /<StackStatus>(\w+)</.exec(text)?.[1] ?? '';
  if (/FAILED|ROLLBACK/.test(status)) throw new Error(`${name} is ${status}: ${text.slice(0, 1_000)}`);
  return status;
}

function ask(emulator: Place, parameters: Readonly<Record<string, string>>): Promise<string> {
  return callAws(emulator, {
    service: 'cloudformation',
    path: '/',
    method: 'POST',
    body: new URLSearchParams({ Version: '2010-05-15', ...parameters }).toString(),
  });
}
