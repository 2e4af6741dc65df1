import { writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { DeleteQueueCommand, PurgeQueueCommand, SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { Kysely, PGliteDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checks, patientOf } from '../../infra/cli/doctor/doctor.ts';
import { examine } from '../../infra/cli/doctor/examine.ts';
import type { Finding } from '../../infra/cli/doctor/finding.ts';
import type { Patient } from '../../infra/cli/doctor/patient.ts';
import { localCredentials } from '../../infra/local/queue/received.ts';
import { installPolicies } from '../../infra/local/stack/install.ts';
import { startLocalStack, type LocalStack } from '../../infra/local/stack/local-stack.ts';
import { createSqsClient } from '../../infra/local/stack/sqs-client.ts';
import type { JsonValue } from '../../shared/api/json.ts';
import { migrate } from '../../shared/audit/migrations.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { systemClock } from '../../shared/system-clock.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { root } from '../support/operator-world.ts';
import { ofATest } from '../support/stack-options.ts';

let stack: LocalStack;
let whole: Patient;
let databases: Readonly<Record<'bare' | 'later', Kysely<Database>>>;
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stack = await startLocalStack({
    root,
    cluster: 'sandbox',
    ...ofATest,
    environment: {},
    logger: silentLogger,
  });
  await installPolicies(stack.admin, root);
  vi.stubEnv('AWS_ACCESS_KEY_ID', localCredentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', localCredentials.secretAccessKey);
  databases = { bare: aDatabase(), later: await aLaterDatabase() };
  whole = { ...(await patientWith({})), local: runningStack() };
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await stack.stop();
});

const systemNamespace = 'kubernaut-system';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const inOurs = `${rbac}/namespaces/${systemNamespace}`;
const admission = '/apis/admissionregistration.k8s.io/v1';
const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/remediationrequests.remediation.kubernaut.io';

function patientWith(variables: Readonly<Record<string, string>>, kubeconfig = stack.kubeconfig): Promise<Patient> {
  const { queueEndpoint, queueUrlPrefix, region, webhookUrl, webhookToken, directory } = stack;
  const queues = { KUBERNAUT_QUEUE_URL_PREFIX: queueUrlPrefix, AWS_ENDPOINT_URL_SQS: queueEndpoint, AWS_REGION: region };
  const given = { ...queues, KUBERNAUT_WEBHOOK_URL: webhookUrl, KUBERNAUT_WEBHOOK_TOKEN: webhookToken, XDG_RUNTIME_DIR: directory, ...variables };
  return patientOf({ kubeconfig, systemNamespace, queueUrlPrefix: given.KUBERNAUT_QUEUE_URL_PREFIX, output: 'json' }, given);
}

function runningStack(): Patient['local'] {
  const { kubeconfig, apiUrl, webhookUrl, webhookToken, queueEndpoint, queueUrlPrefix, region, directory } = stack;
  return { pid: 1, startedAt: '', kubeconfig, apiUrl, webhookUrl, webhookToken, queueEndpoint, queueUrlPrefix, region, queueIsEmbedded: true, directory };
}

const api = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: JsonValue) =>
  stack.admin.send({ method, path, ...(body !== undefined && { body }) }, 10_000);

/** Takes an object away until the end of the test. */
async function without(path: string): Promise<void> {
  const { body } = await api('GET', path);
  const { metadata, ...object } = body as { readonly metadata: { readonly name: string; readonly namespace?: string } };
  const { name, namespace } = metadata;
  await api('DELETE', path);
  undo.push(() => api('POST', path.slice(0, path.lastIndexOf('/')), { ...object, metadata: { name, ...(namespace !== undefined && { namespace }) } }));
}

async function withObject(collection: string, body: { readonly metadata: { readonly name: string } } & Readonly<Record<string, JsonValue>>): Promise<void> {
  expect(await api('POST', collection, body)).toMatchObject({ status: 201 });
  undo.push(() => api('DELETE', `${collection}/${body.metadata.name}`));
}

/** Patches an object until the end of the test. */
async function changed(path: string, patch: readonly JsonValue[], back: readonly JsonValue[]): Promise<void> {
  const send = (body: readonly JsonValue[]) => stack.admin.send({ method: 'PATCH', path, patchType: 'application/json-patch+json', body }, 10_000);
  expect(await send(patch)).toMatchObject({ status: 200 });
  undo.push(() => send(back));
}

const sqs = () => createSqsClient(stack.queueEndpoint, {});
const urlOf = (queue: string) => `${stack.queueUrlPrefix}${queue}`;

async function examined(patient: Patient): Promise<readonly Finding[]> {
  try {
    return await examine(checks, patient);
  } finally {
    for (const restore of undo.splice(0).toReversed()) await restore();
  }
}

const only = (findings: readonly Finding[], name: string) => findings.filter(({ check }) => check === name);
const others = (findings: readonly Finding[], name: string) => findings.filter(({ check, status }) => check !== name && status === 'fail');

it('finds nothing wrong with a stack on this machine', async () => {
  expect((await examined(whole)).filter(({ status }) => status !== 'ok')).toEqual([]);
});

describe('each part that is broken has its line, and says what helps', () => {
  type Break = () => Promise<Partial<Patient> | void>;
  const given = async (variables: Readonly<Record<string, string>>) => ({ variables: (await patientWith(variables)).variables });

  it.each<[sentence: string, breakIt: Break, check: string, status: Finding['status'], message: string, remedy: string]>([
    [
      'the token is another',
      () => given({ KUBERNAUT_WEBHOOK_TOKEN: 'guessed' }),
      'webhook',
      'fail',
      'does not take the token',
      'give Alertmanager one of the tokens',
    ],
    ['the webhook is away', () => given({ KUBERNAUT_WEBHOOK_URL: 'http://127.0.0.1:1/alerts' }), 'webhook', 'fail', 'does not answer (', 'is it deployed?'],
    [
      'the webhook is something else',
      () => given({ KUBERNAUT_WEBHOOK_URL: new URL('/other', stack.webhookUrl).href }),
      'webhook',
      'fail',
      'is not the webhook (status 404)',
      'with /alerts at its end',
    ],
    ['no token is known', () => given({ KUBERNAUT_WEBHOOK_TOKEN: '' }), 'webhook', 'warn', 'the token is not looked at', 'set KUBERNAUT_WEBHOOK_TOKEN'],
    ['no webhook is named', () => given({ KUBERNAUT_WEBHOOK_URL: '' }), 'webhook', 'warn', 'not looked at', 'set KUBERNAUT_WEBHOOK_URL'],
    [
      'a dead letter waits',
      async () => {
        await sqs().send(new SendMessageCommand({ QueueUrl: urlOf('audit-dlq'), MessageBody: '{}' }));
        undo.push(() => sqs().send(new PurgeQueueCommand({ QueueUrl: urlOf('audit-dlq') })));
      },
      'dead letters',
      'warn',
      '1 in audit',
      'npx kubernaut redrive --dry-run --queue audit',
    ],
    [
      'a queue hides what is worked on for too short a time',
      async () => {
        const set = (VisibilityTimeout: string) => sqs().send(new SetQueueAttributesCommand({ QueueUrl: urlOf('audit'), Attributes: { VisibilityTimeout } }));
        await set('1');
        undo.push(() => set('180'));
      },
      'queues',
      'warn',
      'audit shows a message again before 180 s',
      'deploy the stage again',
    ],
    [
      'a definition is of another version',
      async () => {
        const { body } = await api('GET', definition);
        const path = '/spec/versions/0/schema/openAPIV3Schema/description';
        const description = (
          body as { readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: { readonly description: string } } }[] } }
        ).spec.versions[0]?.schema.openAPIV3Schema.description;
        await changed(definition, [{ op: 'replace', path, value: 'older' }], [{ op: 'replace', path, value: description ?? '' }]);
      },
      'definitions',
      'warn',
      'remediationrequests.remediation.kubernaut.io has another schema (sha256:',
      'kubectl apply -f infra/cluster/crds',
    ],
    [
      'the functions lost their role',
      () => without(`${inOurs}/rolebindings/kubernaut-functions`),
      'functions may',
      'fail',
      'may not get remediationrequests.remediation.kubernaut.io in namespace kubernaut-system',
      'helm upgrade binds kubernaut-functions',
    ],
    [
      'the watcher lost its role',
      () => without(`${inOurs}/rolebindings/kubernaut-watcher`),
      'watcher may',
      'fail',
      'may not list remediationrequests.remediation.kubernaut.io',
      'helm upgrade binds kubernaut-watcher',
    ],
    [
      'the functions are somebody else',
      () => given({ KUBERNAUT_FUNCTIONS_GROUPS: 'kubernaut:functions' }),
      'functions may',
      'fail',
      'group kubernaut:functions may not',
      'functions.groups',
    ],
    [
      'the functions may read Secrets',
      async () => {
        await withObject(`${rbac}/clusterroles`, {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: 'too-much' },
          rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
        });
        await withObject(`${rbac}/clusterrolebindings`, {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          metadata: { name: 'too-much' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'too-much' },
          subjects: [{ kind: 'ServiceAccount', name: 'kubernaut-functions', namespace: systemNamespace }],
        });
      },
      'functions may',
      'warn',
      'may get secrets in namespace kubernaut-system, which nothing needs',
      'bind it to its own role only',
    ],
    [
      'a policy is not bound',
      () => without(`${admission}/validatingadmissionpolicybindings/kubernaut-job-shape`),
      'policies',
      'fail',
      'kubernaut-job-shape missing or not bound',
      'helm upgrade with policies.enabled=true',
    ],
    [
      'nobody is asked about what people write',
      () => without(`${admission}/validatingwebhookconfigurations/kubernaut-admission`),
      'admission',
      'fail',
      'there is no ValidatingWebhookConfiguration kubernaut-admission',
      'helm upgrade with admission.url',
    ],
    [
      'admission is asked at the wrong address',
      async () => {
        const path = `${admission}/mutatingwebhookconfigurations/kubernaut-admission`;
        const { body } = await api('GET', path);
        const { url } = (body as { readonly webhooks: readonly [{ readonly clientConfig: { readonly url: string } }] }).webhooks[0].clientConfig;
        const at = '/webhooks/0/clientConfig/url';
        await changed(path, [{ op: 'replace', path: at, value: 'https://127.0.0.1:1/mutate' }], [{ op: 'replace', path: at, value: url }]);
      },
      'admission',
      'fail',
      'does not answer (',
      'is admission.url the one of admission-webhook',
    ],
    [
      'admission lets everything pass while it is away',
      () => weakened(),
      'admission',
      'fail',
      'lets everything pass while it does not answer',
      'helm upgrade with admission.url',
    ],
    ['the watcher is not installed', async () => ({ local: null }), 'watcher', 'fail', 'there is no Deployment kubernaut-watcher', 'watcher.enabled=true'],
    [
      'the database is away',
      async () => ({ openDatabase: () => Promise.reject(new Error('connect ECONNREFUSED')) }),
      'database',
      'fail',
      'does not answer (connect ECONNREFUSED)',
      'is the address right',
    ],
    [
      'the database lacks its tables',
      async () => ({ openDatabase: async () => databases.bare }),
      'database',
      'warn',
      'lacks 0001-audit',
      'npx kubernaut migrate brings it up to date',
    ],
    [
      'the database is of a later version',
      async () => ({ openDatabase: async () => databases.later }),
      'database',
      'warn',
      'is of a later version, which made 9999-later',
      'look with the version',
    ],
    [
      'this clock is wrong',
      async () => ({ clock: { ...systemClock, milliseconds: () => Date.now() + 600_000 } }),
      'clocks',
      'fail',
      's before the Kubernetes API',
      'let an NTP client',
    ],
    [
      'this clock is a little wrong',
      async () => ({ clock: { ...systemClock, milliseconds: () => Date.now() - 30_000 } }),
      'clocks',
      'warn',
      's behind SQS',
      'let an NTP client',
    ],
  ])('%s', async (_sentence, breakIt, check, ...[status, message, remedy]) => {
    const broken = (await breakIt()) ?? {};
    const findings = await examined({ ...whole, ...broken });
    expect(only(findings, check)).toContainEqual({ check, status, message: expect.stringContaining(message), remedy: expect.stringContaining(remedy) });
    expect(others(findings, check)).toEqual([]);
  });

  async function weakened(): Promise<void> {
    const at = '/webhooks/0/failurePolicy';
    const path = `${admission}/validatingwebhookconfigurations/kubernaut-admission`;
    await changed(path, [{ op: 'replace', path: at, value: 'Ignore' }], [{ op: 'replace', path: at, value: 'Fail' }]);
  }

  it('the cluster is away: what lies behind it is not told again', async () => {
    const kubeconfig = join(stack.directory, 'away.kubeconfig');
    await writeFile(kubeconfig, (await readFile(stack.kubeconfig, 'utf8')).replace(/server: .*/, 'server: https://127.0.0.1:1'));
    const { connection } = await patientWith({}, kubeconfig);
    const findings = await examined({ ...whole, connection });
    expect(only(findings, 'cluster')).toEqual([{ check: 'cluster', status: 'fail', message: expect.stringContaining('cannot be reached'), remedy: '' }]);
    expect(others(findings, 'cluster')).toEqual([]);
    expect(findings.filter(({ remedy }) => remedy === 'mend "cluster" first').map(({ check }) => check)).toContain('watcher');
  });

  it('the user of the kubeconfig may not look: it says with whom to', async () => {
    const token = await api('POST', `/api/v1/namespaces/${systemNamespace}/serviceaccounts/kubernaut-watcher/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3_600 },
    });
    const kubeconfig = join(stack.directory, 'poor.kubeconfig');
    const text = (token.body as { readonly status: { readonly token: string } }).status.token;
    await writeFile(kubeconfig, (await readFile(stack.kubeconfig, 'utf8')).replace(/token: .*/, `token: ${text}`));
    const { connection } = await patientWith({}, kubeconfig);
    const findings = await examined({ ...whole, connection });
    expect(only(findings, 'functions may')).toEqual([
      { check: 'functions may', status: 'warn', message: 'not looked at', remedy: expect.stringContaining('subjectaccessreviews') },
    ]);
    expect(only(findings, 'definitions')[0]).toMatchObject({ status: 'fail', message: expect.stringContaining('not permitted') });
  });

  it('a queue is gone', async () => {
    await sqs().send(new DeleteQueueCommand({ QueueUrl: urlOf('ai-analyses-dlq') }));
    const findings = await examined(whole);
    expect(only(findings, 'queues')).toEqual([
      {
        check: 'queues',
        status: 'fail',
        message: `there is no queue ai-analyses-dlq at ${stack.queueUrlPrefix}`,
        remedy: expect.stringMatching(/^check KUBERNAUT_QUEUE_URL_PREFIX .* or deploy the stage first$/),
      },
    ]);
    expect(only(findings, 'dead letters')).toMatchObject([{ remedy: 'mend "queues" first' }]);
  });
});

/** PostgreSQL in this process that nobody has used. */
function aDatabase(): Kysely<Database> {
  return new Kysely<Database>({ dialect: new PGliteDialect({ pglite: new PGlite() }) });
}

async function aLaterDatabase(): Promise<Kysely<Database>> {
  const database = aDatabase();
  await migrate(database);
  await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01T00:00:00Z')`.execute(database);
  return database;
}
