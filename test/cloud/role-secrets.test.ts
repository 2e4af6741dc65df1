import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { composeApp as composeAdmission } from '../../functions/admission-webhook/handler.ts';
import { compose as composeAnalysis } from '../../functions/ai-analysis/handler.ts';
import { compose as composeIntake } from '../../functions/alert-intake/handler.ts';
import { composeApp as composeWebhook } from '../../functions/alert-webhook/handler.ts';
import { compose as composeWriter } from '../../functions/audit-writer/handler.ts';
import { compose as composeExecution } from '../../functions/kubernetes-execution/handler.ts';
import { compose as composeRequest } from '../../functions/remediation-orchestrator/handler.ts';
import { compose as composeProcessing } from '../../functions/remediation-processing/handler.ts';
import { compose as composeSweeper } from '../../functions/sweeper/handler.ts';
import { compose as composeWorkflow } from '../../functions/workflow-execution/handler.ts';
import { functionAccess } from '../../infra/cloud/access.ts';
import { functionResource } from '../../infra/cloud/names.ts';
import { valueAt } from '../../shared/kubernetes/unstructured.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { anAdmissionRequest } from '../support/admission.ts';
import { packageTemplate, type PackagedTemplate } from '../support/packaged-template.ts';
import { createCallRecorder } from '../support/recorded-calls.ts';
import { allowedQueueCalls, allowedSecrets } from '../support/role-statements.ts';
import { aWorkflow } from '../support/workflows.ts';

const recorder = createCallRecorder();
const asked: string[] = [];
const cachedMilliseconds = 600_000;
const token = 'a-token-of-enough-length';
const secrets: Readonly<Record<string, string>> = {
  'kubernaut/dev/webhook-tokens': token,
  'kubernaut/dev/admission-path': token,
  'kubernaut/dev/database-url': 'postgres://nobody@127.0.0.1:1/none',
  'kubernaut/dev/kubeconfig': JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }),
};

/** The same stage with every secret in the parameter store. */
const inParameters = {
  region: 'eu-central-1',
  secrets: Object.fromEntries(
    Object.entries({ webhookTokens: 'webhook-tokens', admissionPath: 'admission-path', databaseUrl: 'database-url', kubeconfig: 'kubeconfig' }).map(
      ([secret, name]) => [secret, { parameter: `/kubernaut/dev/${name}` }],
    ),
  ),
  logRetentionDays: 14,
};

/** What either store answers: the secret, or the parameter if it is asked to be decrypted. */
function answerOf({ SecretId: id, Name: parameter = '', WithDecryption: decrypted }: Asked): object {
  asked.push(id ?? parameter);
  if (id !== undefined) return { Name: id, SecretString: secrets[id] };
  return { Parameter: { Name: parameter, Type: 'SecureString', Value: decrypted === true ? secrets[parameter.slice(1)] : 'AQICAHh…' } };
}

interface Asked {
  readonly SecretId?: string;
  readonly Name?: string;
  readonly WithDecryption?: boolean;
}

let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => {
      response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(answerOf(JSON.parse(body) as Asked)));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_SSM', endpoint);
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  vi.setSystemTime(Date.now() + cachedMilliseconds); // each begins with an empty cache, as a function of its own does
});

/** The environment that the template gives a function. */
function environmentIn(template: PackagedTemplate, functionName: string): Readonly<Record<string, string>> {
  const variables = valueAt(template.resources[functionResource(functionName)]?.Properties, 'Environment', 'Variables') as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : 'http://queues.invalid/']));
}

const started: Readonly<Record<string, (variables: Readonly<Record<string, string>>) => Promise<unknown>>> = {
  'alert-intake': composeIntake,
  'remediation-orchestrator': composeRequest,
  'remediation-processing': composeProcessing,
  'ai-analysis': composeAnalysis,
  'workflow-execution': composeWorkflow,
  'kubernetes-execution': composeExecution,
  'audit-writer': (variables) => composeWriter(variables).catch(() => undefined), // it has read its secret, and there is no such database
  sweeper: composeSweeper,
};

const post = (body: object, headers: Readonly<Record<string, string>> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

describe.each(['secrets', 'parameters'])('the role of a function, with all that is secret in %s', (place) => {
  let template: PackagedTemplate;
  beforeAll(async () => {
    template = place === 'secrets' ? await packageTemplate('dev') : await packageTemplate('parameters', { stages: { parameters: inParameters } });
  });
  afterAll(() => template.remove());

  const environmentOf = (functionName: string) => environmentIn(template, functionName);

  it.each(Object.entries(started))('allows the secrets that it reads and no other: %s', async (name, start) => {
    await start(environmentOf(name));
    expect(asked.toSorted()).toEqual(allowedSecrets(template, name).toSorted());
    expect(asked.length).toBe(functionAccess[name]?.secrets.length);
  });

  it("allows the front its tokens and the alerts' queue", async () => {
    const app = composeWebhook(environmentOf('alert-webhook'), { queues: recorder.queuesOf('alert-webhook'), logger: silentLogger });
    const alerts = [{ status: 'firing', labels: { alertname: 'a' }, startsAt: '2026-01-15T10:00:00Z' }];
    const answer = await app.request('/alerts', post({ version: '4', groupKey: '', alerts }, { authorization: `Bearer ${token}` }));
    expect(answer.status).toBe(200);
    expect(asked).toEqual(allowedSecrets(template, 'alert-webhook'));
    expect([...(recorder.calls.get('alert-webhook') ?? [])]).toEqual(allowedQueueCalls(template, 'alert-webhook'));
  });

  it('allows the admission webhook its segment, and to say in the audit who was refused', async () => {
    const app = composeAdmission(environmentOf('admission-webhook'), { queues: recorder.queuesOf('admission-webhook'), logger: silentLogger });
    const oldObject = JSON.parse(JSON.stringify(aWorkflow({ strategy: { approvalRequired: true } })));
    const annotations = { 'workflow.kubernaut.io/approve': 'true', 'workflow.kubernaut.io/decided-by': 'bob' };
    const object = { ...oldObject, metadata: { ...oldObject.metadata, annotations } };
    const request = anAdmissionRequest('WorkflowExecution', { object, oldObject });
    const answer = await app.request(`/${token}/validate`, post({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }));
    expect(await answer.json()).toMatchObject({ response: { allowed: false } });
    expect(asked).toEqual(allowedSecrets(template, 'admission-webhook'));
    expect([...(recorder.calls.get('admission-webhook') ?? [])]).toEqual(allowedQueueCalls(template, 'admission-webhook'));
  });
});
