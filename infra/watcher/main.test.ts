import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueueName } from '../../shared/api/kinds.ts';
import type { JsonValue } from '../../shared/api/json.ts';
import { anHttpsWorld, adminToken, type HttpsWorld } from '../../test/support/https.ts';
import { aRequest } from '../../test/support/requests.ts';
import { administrator } from '../local/sandbox/sandbox.ts';
import { kubeconfigYaml } from '../local/sandbox/https-kubeconfig.ts';
import { createRealClock } from '../local/real-clock.ts';
import { installProduct } from '../local/stack/install.ts';
import { readServerlessFile } from '../local/stack/serverless-file.ts';
import { createSqsClient } from '../local/stack/sqs-client.ts';
import { createSqsQueues } from '../local/stack/sqs-queues.ts';
import { sqsReceiver } from '../local/stack/sqs-receiver.ts';
import { startSqsServer, type SqsServer } from '../local/stack/sqs-server.ts';
import { createWorkspace, type Workspace } from '../local/stack/workspace.ts';
import { Misconfigured, parseWatcherEnvironment } from './environment.ts';

const root = join(import.meta.dirname, '../..');
const prefix = 'https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-';

interface Ran {
  readonly code: number | null;
  readonly stderr: string;
  readonly stdout: string;
}

/** The watcher as the image starts it, with these variables and no others of ours. */
function start(variables: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env['PATH'] ?? '', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([code]: readonly unknown[]): Ran => ({ code: code as number | null, ...output }));
  return { child, output, ended };
}

describe('a watcher that is badly configured', () => {
  it.each<[sentence: string, variables: Readonly<Record<string, string>>, message: string]>([
    ['no queues', {}, 'KUBERNAUT_QUEUE_URL_PREFIX: must be what the URLs of the queues begin with'],
    ['queues that are no URL', { KUBERNAUT_QUEUE_URL_PREFIX: 'kubernaut-dev-' }, 'KUBERNAUT_QUEUE_URL_PREFIX: must be'],
    ['no cluster', { KUBERNAUT_QUEUE_URL_PREFIX: prefix }, 'KUBERNAUT_KUBECONFIG_FILE: must name a kubeconfig outside of a cluster'],
    [
      'a kubeconfig that is not there',
      { KUBERNAUT_QUEUE_URL_PREFIX: prefix, KUBERNAUT_KUBECONFIG_FILE: '/nowhere' },
      'KUBERNAUT_KUBECONFIG_FILE: /nowhere cannot be read',
    ],
  ])('ends with one sentence: %s', async (_sentence, variables, message) => {
    const { code, stdout, stderr } = await start(variables).ended;
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^watcher: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });

  it.each<[variable: string, value: string, message: string]>([
    ['KUBERNAUT_WATCHER_PORT', '70000', 'KUBERNAUT_WATCHER_PORT: Too big'],
    ['KUBERNAUT_LOG_LEVEL', 'loud', 'KUBERNAUT_LOG_LEVEL: Invalid option'],
    ['KUBERNAUT_CLUSTER', 'c'.repeat(64), 'KUBERNAUT_CLUSTER: Too big'],
  ])('is told about %s', (variable, value, message) => {
    const parse = () => parseWatcherEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: prefix, [variable]: value });
    expect(parse).toThrow(Misconfigured);
    expect(parse).toThrow(message);
  });

  it('takes an empty variable for an absent one', () => {
    expect(parseWatcherEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: prefix, AWS_REGION: '', KUBERNAUT_CLUSTER: '' })).toEqual({
      KUBERNAUT_CLUSTER: 'primary-cluster',
      KUBERNAUT_NAMESPACE: 'kubernaut-system',
      KUBERNAUT_QUEUE_URL_PREFIX: prefix,
      KUBERNAUT_LOG_LEVEL: 'info',
      KUBERNAUT_WATCHER_PORT: 8_080,
    });
  });
});

describe('a watcher in front of an API server and queues', () => {
  let api: HttpsWorld;
  let sqs: SqsServer;
  let workspace: Workspace;
  beforeAll(async () => {
    [api, sqs, workspace] = await Promise.all([anHttpsWorld(), startSqsServer(0), createWorkspace()]);
    await installProduct(api.sandbox.transport(administrator), root, { clock: createRealClock() });
  });
  afterAll(async () => {
    await Promise.all([api.close(), sqs.close(), workspace.remove()]);
  });

  it('forwards a change, tells how it is, and ends by SIGTERM with nothing left to send', async () => {
    const client = createSqsClient(sqs.endpoint, {});
    const { urlPrefix } = await createSqsQueues(client, 'w-', readServerlessFile(root).queues);
    const kubeconfig = await workspace.write('watcher.kubeconfig', kubeconfigYaml({ ...api.front, token: adminToken }));
    const { child, output, ended } = start({
      KUBERNAUT_QUEUE_URL_PREFIX: urlPrefix,
      KUBERNAUT_KUBECONFIG_FILE: kubeconfig,
      KUBERNAUT_WATCHER_PORT: '0',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    while (!output.stdout.includes('watching') && child.exitCode === null) await wait(20);
    expect(output.stderr).toBe('');
    const port = /"port":(\d+)/.exec(output.stdout)?.[1] ?? '';
    expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()).toBe('ok\n');

    const { apiVersion, kind, spec } = aRequest();
    const path = '/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests';
    const body = { apiVersion, kind, metadata: { name: 'rr-a' }, spec } as unknown as JsonValue;
    await api.sandbox.transport(administrator).send({ method: 'POST', path, body }, 1_000);
    const [record] = await sqsReceiver({ client, urlPrefix, region: 'eu-central-1' }).receive(QueueName[0], 1, AbortSignal.timeout(20_000), 20);
    expect(JSON.parse(record?.body ?? '{}')).toEqual({
      cluster: 'primary-cluster',
      kind: 'RemediationRequest',
      namespace: 'kubernaut-system',
      name: 'rr-a',
      cause: 'watch',
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('kubernaut_watcher_forwarded_total{queue="remediation-requests"} 1');

    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/"message":"stopped"/);
    expect(stdout).toMatch(/"unsent":0/);
    client.destroy();
  });
});
