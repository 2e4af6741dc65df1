import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createDeployer } from '../../../infra/local/cloud/osls.ts';
import { writeStage } from '../../../infra/local/cloud/project-copy.ts';
import { createObject } from '../../../infra/local/stack/install.ts';
import { phaseIsTerminal, requestKind } from '../../../infra/local/story/observe.ts';
import { postNotifications } from '../../../infra/local/story/play.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { queueNames } from '../../../shared/queue/ports.ts';
import { sqsQueues } from '../../../shared/queue/sqs.ts';
import { aSickDeployment, benchNamespace, benchNamespaceObject } from '../../bench/world.ts';
import { aNotificationWith } from '../../support/alerts.ts';
import { codeOf, partsOf } from '../../support/deployed-parts.ts';
import { theDeployment, type TestedDeployment } from '../../support/deployed.ts';

const twentySeconds = 400; // a message whose function ended under it waits for the sweeper, which runs every minute
const testMilliseconds = 600_000;

let product: TestedDeployment;
beforeAll(async () => {
  product = await theDeployment();
});
afterAll(() => product.close());

const deployer = (stage = product.stage) =>
  createDeployer({ project: product.project, stage, emulator: product.emulator, signal: new AbortController().signal });
const change = (path: string) => appendFile(join(product.project, path), `\nexport const version${Date.now()} = 'another';\n`);
const changedBetween = (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) =>
  Object.keys(after).filter((name) => before[name] !== after[name]);

describe('deploying again', () => {
  it('changes nothing when nothing has changed, and one function when one has', async () => {
    const first = await codeOf(product.emulator);
    await deployer().deploy();
    const second = await codeOf(product.emulator);
    expect(second).toEqual(first);
    await change('functions/alert-webhook/handler.ts');
    await deployer().deploy();
    expect(changedBetween(second, await codeOf(product.emulator))).toEqual([`kubernaut-${product.stage}-alert-webhook`]);
  });

  it(
    'loses nothing of twenty remediations that are half way',
    async () => {
      const { emulator, queueUrlPrefix, admin } = product;
      const queues = sqsQueues({ client: product.sqs, urlPrefix: queueUrlPrefix });
      const letters = () => Promise.all(queueNames.map((name) => queues.depth(`${name}-dlq`)));
      const before = await letters();
      const names = Array.from({ length: 20 }, (_, index) => `twenty-${String(index).padStart(2, '0')}`);
      await createObject(admin, benchNamespaceObject).catch(() => undefined); // another test may have been here
      for (const name of names) await createObject(admin, aSickDeployment(name));
      const ours = async () =>
        (await product.all(requestKind)).filter((request) => stringAt(request, 'spec', 'target', 'name')?.startsWith('twenty-') === true);
      const startsAt = new Date().toISOString();
      const fired = names.map((deployment) => aNotificationWith({ alertname: 'Twenty', severity: 'warning', namespace: benchNamespace, deployment }, startsAt));
      await postNotifications(fetch, fired, { url: product.webhookUrl, token: product.webhookToken });
      await product.eventually('some are being executed', async () => (await ours()).some((request) => stringAt(request, 'status', 'phase') === 'executing'));
      await Promise.all(['remediation-orchestrator', 'workflow-execution', 'kubernetes-execution'].map((name) => change(`functions/${name}/handler.ts`)));
      const code = await codeOf(emulator);
      const running = (await ours()).filter((request) => !phaseIsTerminal(request)).length;
      await deployer().deploy();
      expect(changedBetween(code, await codeOf(emulator))).toHaveLength(3);
      expect(running).toBeGreaterThan(0);
      await product.eventually(
        'all twenty ended',
        async () => {
          const requests = await ours();
          return requests.length === names.length && requests.every(phaseIsTerminal);
        },
        twentySeconds,
      );
      expect((await ours()).map((request) => stringAt(request, 'status', 'phase'))).toEqual(names.map(() => 'completed'));
      expect(await letters()).toEqual(before);
    },
    testMilliseconds,
  );
});

describe('removing a stage', () => {
  it('leaves no function, queue, log group or role of it, and every one of another', async () => {
    const { emulator, sqs, project, stage } = product;
    const others = await partsOf(emulator, sqs, `kubernaut-${stage}-`);
    await writeStage(project, 'gone', parse(await readFile(join(project, `infra/cloud/stages/${stage}.yml`), 'utf8')) as object);
    await deployer('gone').deploy();
    const parts = await partsOf(emulator, sqs, 'kubernaut-gone-');
    for (const what of ['function', 'queue', 'log group', 'role']) expect(parts.some((part) => part.startsWith(what))).toBe(true);
    await deployer('gone').remove();
    expect(await partsOf(emulator, sqs, 'kubernaut-gone-')).toEqual([]);
    expect(await partsOf(emulator, sqs, `kubernaut-${stage}-`)).toEqual(others);
  });
});
