import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { callAws } from '../../../infra/local/cloud/call-aws.ts';
import { createDeployer, emulatorCredentials } from '../../../infra/local/cloud/osls.ts';
import { copyProject, writeStage } from '../../../infra/local/cloud/project-copy.ts';
import { createSecrets } from '../../../infra/local/cloud/secrets.ts';
import { createRealClock } from '../../../infra/local/real-clock.ts';
import { createWorkspace, type Workspace } from '../../../infra/local/stack/workspace.ts';
import { waitUntil } from '../../../infra/local/story/wait-until.ts';
import { connectQueues } from '../../../shared/queue/sqs.ts';
import { aNotification } from '../../bench/world.ts';
import { root } from '../../support/real-stack.ts';

const { endpoint, region, runsFunctions } = inject('localstack');
const emulator = { endpoint, region };
const stage = 'localstack';
const token = 'a-token-of-this-test-alone';

/** As a function URL gives a request to its function. */
function urlEvent(authorization: string): string {
  const body = JSON.stringify(aNotification(['nothing'], Date.now()));
  const headers = { authorization, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), host: 'localhost' };
  const http = { method: 'POST', path: '/alerts', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' };
  const requestContext = { http, domainName: 'localhost', requestId: '1', stage: '$default', timeEpoch: Date.now() };
  return JSON.stringify({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/alerts',
    rawQueryString: '',
    headers,
    requestContext,
    body,
    isBase64Encoded: false,
  });
}

const post = async (authorization: string) => {
  const path = `/2015-03-31/functions/kubernaut-${stage}-alert-webhook/invocations`;
  return JSON.parse(await callAws(emulator, { service: 'lambda', path, method: 'POST', body: urlEvent(authorization) })) as { readonly statusCode: number };
};

describe.skipIf(!runsFunctions)('the functions in an emulator that runs them', () => {
  const clock = createRealClock();
  let workspace: Workspace;
  let deployer: ReturnType<typeof createDeployer>;
  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId, AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey });
    workspace = await createWorkspace();
    const project = await copyProject(root, workspace.directory);
    // No cluster and no database: what is asked here is how far an alert comes without them.
    const secrets = await createSecrets(emulator, `kubernaut/${stage}-${Date.now()}`, {
      webhookTokens: token,
      admissionPath: 'a-segment',
      kubeconfig: 'none',
      databaseUrl: 'none',
    });
    await writeStage(project, stage, { region, endpoint, secrets, logRetentionDays: 1 });
    deployer = createDeployer({ project, stage, emulator, signal: new AbortController().signal });
    await deployer.deploy();
  });
  afterAll(async () => {
    await deployer.remove();
    await workspace.remove();
  });

  it('let an alert in by its token alone, and keep it in its queue while there is no cluster', async () => {
    expect(await post('Bearer guess')).toMatchObject({ statusCode: 401 });
    expect(await post(`Bearer ${token}`)).toMatchObject({ statusCode: 200 });
    const queues = connectQueues({
      KUBERNAUT_QUEUE_URL_PREFIX: `${endpoint}/000000000000/kubernaut-${stage}-`,
      AWS_REGION: region,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_SQS: undefined,
    });
    const kept = async () => (await queues.depth('alerts')) === 1;
    await waitUntil(kept, { clock, what: 'the alert is kept', secondsMax: 30, signal: new AbortController().signal });
  });
});
