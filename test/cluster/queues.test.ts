import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNumbers } from '../../infra/cli/queues/numbers.ts';
import { aQueueWorld, type QueueWorld } from '../support/queue-world.ts';

let world: QueueWorld;
beforeEach(async () => {
  world = await aQueueWorld();
});
afterEach(() => world.close());

const key = (name: string) => JSON.stringify({ cluster: 'c', kind: 'WorkflowExecution', namespace: 'kubernaut-system', name, cause: 'watch' });
const row = (text: string, queue: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(`${queue} `))
    ?.split(/\s+/);
const numbersOf = async (queue: string) => (await readNumbers(world.stage)).find(({ name }) => name === queue);

describe('kubernaut queues', () => {
  it('shows what waits in each', async () => {
    await world.put('workflow-executions', key('a'));
    await world.put('workflow-executions', key('b'));
    await world.put('audit-dlq', 'no JSON', { reason: 'is no JSON' });
    const { code, stdout, stderr } = await world.kubernaut(['queues']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toMatch(/^QUEUE +VISIBLE +IN FLIGHT +DELAYED +OLDEST +DEAD LETTERS$/);
    expect(row(stdout, 'workflow-executions')).toEqual(['workflow-executions', '2', '0', '0', '-', '0']);
    expect(row(stdout, 'audit')).toEqual(['audit', '0', '0', '0', '-', '1']);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 dead letter waits: npx kubernaut redrive --dry-run says why');
  });

  it('gives a program the same', async () => {
    await world.put('alerts', '{}');
    const { stdout } = await world.kubernaut(['queues', '-o', 'json']);
    const { items } = JSON.parse(stdout) as { readonly items: readonly object[] };
    expect(items).toHaveLength(7);
    expect(items[0]).toEqual({ name: 'alerts', visible: 1, inFlight: 0, delayed: 0, oldestSeconds: null, deadLetters: 0 });
  });
});

describe('kubernaut redrive', () => {
  it('shows what would be moved, and moves nothing', async () => {
    await world.put('workflow-executions-dlq', key('given-up'));
    await world.put('alerts-dlq', '{"alert":{"status":"firing","labels":{"alertname":"A\\u001b[31mred"}}}', { reason: 'must be 4', field: 'version' });
    const { code, stdout } = await world.kubernaut(['redrive', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^workflow-executions +\S+Z +WorkflowExecution given-up +given up after too many tries: see condition Stalled/m);
    expect(stdout).toMatch(/^alerts +\S+Z +alert A \[31mred +version: must be 4$/m);
    expect(stdout).toContain('2 dead letters would be sent again: npx kubernaut redrive does it');
    expect(await numbersOf('alerts')).toMatchObject({ visible: 0, inFlight: 0, deadLetters: 1 });
    expect((await world.kubernaut(['redrive', '--dry-run'])).stdout).toContain('2 dead letters would be sent again');
  });

  it('moves all of them, each with its attributes', async () => {
    for (let count = 0; count < 23; count += 1) await world.put('workflow-executions-dlq', key(`wf-${count}`), { traceparent: '00-a-b-01' });
    await world.put('audit-dlq', '{"type":"execution.failed","requestName":"rr-1"}');
    const { code, stdout, stderr } = await world.kubernaut(['redrive']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('execution.failed rr-1');
    expect(stdout).toContain('24 dead letters sent again');
    expect(await numbersOf('workflow-executions')).toMatchObject({ visible: 23, deadLetters: 0 });
    expect(await numbersOf('audit')).toMatchObject({ visible: 1, deadLetters: 0 });
  });

  it('moves no more than it is told, and only of the queue that is named', async () => {
    for (const name of ['a', 'b', 'c']) await world.put('workflow-executions-dlq', key(name));
    await world.put('audit-dlq', '{}');
    const { stdout } = await world.kubernaut(['redrive', '--queue', 'workflow-executions', '--limit', '2', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: false, items: [{ queue: 'workflow-executions', count: 2, letters: [{ reason: '' }, { reason: '' }] }] });
    expect(await numbersOf('workflow-executions')).toMatchObject({ visible: 2, deadLetters: 1 });
    expect(await numbersOf('audit')).toMatchObject({ deadLetters: 1 });
  });

  it('says so when nothing waits', async () => {
    expect(await world.kubernaut(['redrive'])).toEqual({ code: 0, stdout: 'no dead letters wait\n', stderr: '' });
  });
});

describe('what is wrong with the queues', () => {
  it.each<[sentence: string, argv: readonly string[], variables: Readonly<Record<string, string>>, code: number, message: string]>([
    ['nothing says which', ['queues'], { KUBERNAUT_QUEUE_URL_PREFIX: '' }, 1, 'which queues? Set KUBERNAUT_QUEUE_URL_PREFIX'],
    ['the prefix is no URL', ['queues', '--queue-url-prefix', 'kubernaut-dev-'], {}, 2, 'kubernaut-dev- is no beginning of a URL'],
    [
      'another stage is meant',
      ['redrive', '--queue-url-prefix', 'http://127.0.0.1/000000000000/other-'],
      {},
      1,
      'other-alerts-dlq: check KUBERNAUT_QUEUE_URL_PREFIX',
    ],
    ['nobody answers', ['queues'], { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' }, 1, 'is not reached ('],
    ['a queue is not one of ours', ['redrive', '--queue', 'orders'], {}, 2, "argument 'orders' is invalid"],
    ['a limit is none', ['redrive', '--limit', '0'], {}, 2, 'Give at least 1.'],
  ])('is told in one sentence: %s', async (_sentence, argv, variables, code, message) => {
    const ended = await world.kubernaut(argv, variables);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(/^error: [^\n]*\n$/);
    expect(ended.stderr).toContain(message);
  });
});
