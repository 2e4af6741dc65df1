import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObject } from '../../../infra/local/stack/install.ts';
import { aSickDeployment, benchNamespace, benchNamespaceObject } from '../../bench/world.ts';
import { aCommandLine, type CommandLine } from '../../support/command-line.ts';
import { theDeployment, type TestedDeployment } from '../../support/deployed.ts';
import { linesOf } from '../../support/function-logs.ts';
import { forbidFunctions } from '../../support/functions-role.ts';
import { listAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { emulatorCredentials } from '../../../infra/local/cloud/osls.ts';

let product: TestedDeployment;
let commandLine: CommandLine;
beforeAll(async () => {
  product = await theDeployment();
  commandLine = await aCommandLine();
});
afterAll(async () => {
  await commandLine.close();
  await product.close();
});

const kubernaut = (...argv: string[]) =>
  commandLine.run(argv, {
    KUBERNAUT_QUEUE_URL_PREFIX: product.queueUrlPrefix,
    AWS_ENDPOINT_URL: product.emulator.endpoint,
    AWS_REGION: product.emulator.region,
    AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey,
  });
const lettersOf = async (queue: string) => {
  const names = ['ApproximateNumberOfMessages'] as const;
  const { Attributes: counts } = await product.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: `${product.queueUrlPrefix}${queue}-dlq`, AttributeNames: [...names] }),
  );
  return Number(counts?.ApproximateNumberOfMessages ?? 0);
};
const stalledOf = (request: KubernetesObject | undefined) =>
  listAt(request ?? {}, 'status', 'conditions').find((condition) => stringAt(condition, 'type') === 'Stalled') ?? null;

describe('a function whose cluster forbids what it needs', () => {
  it('tries again ever later, gives its message up where an operator sees it, and goes on once it is redriven', async () => {
    await createObject(product.admin, benchNamespaceObject).catch(() => undefined);
    await createObject(product.admin, aSickDeployment('forbidden'));
    const permit = await forbidFunctions(product.admin, 'namespaces');
    let key = '';
    const before = await lettersOf('remediation-requests');
    try {
      await product.alert('Forbidden', { namespace: benchNamespace, deployment: 'forbidden' });

      await product.eventually('its message is a dead letter', async () => (await lettersOf('remediation-requests')) > before);
      const [stalled] = await product.requestsOf('Forbidden');
      expect(stalledOf(stalled)).toMatchObject({ status: 'True', reason: 'RetriesExhausted' });

      key = stalled?.metadata.name ?? '';
      const retries = (await linesOf(product, 'remediation-orchestrator', 'message retried')).filter((line) => JSON.stringify(line).includes(key));
      const delays = new Map(retries.map((line) => [Number(line['attempt']), Number(line['delaySeconds'])]));
      expect([...delays.keys()]).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 7]));
      expect(delays.get(1)).toBeLessThan(delays.get(3) ?? 0);
      const queues = await kubernaut('queues');
      expect(queues).toMatchObject({ code: 0, stderr: '' });
      expect(queues.stdout).toMatch(/dead letters? waits?/);
    } finally {
      await permit();
    }
    const redriven = await kubernaut('redrive', '--queue', 'remediation-requests');
    expect(redriven).toMatchObject({ code: 0, stderr: '' });
    expect(redriven.stdout).toContain(key);
    const request = await product.ended('Forbidden');
    expect(request).toMatchObject({ status: { phase: 'completed' } });
    expect(stalledOf(request)).toMatchObject({ status: 'False', reason: 'Recovered' });
    expect(await lettersOf('remediation-requests')).toBe(before);
  });
});
