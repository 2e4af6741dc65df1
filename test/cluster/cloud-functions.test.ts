import { join } from 'node:path';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { anAuditRow } from '../support/audit-rows.ts';
import { compose as composeIntake } from '../../functions/alert-intake/handler.ts';
import { composeApp as composeWebhook } from '../../functions/alert-webhook/handler.ts';
import { compose as composeWriter } from '../../functions/audit-writer/handler.ts';
import { compose as composeExecution } from '../../functions/kubernetes-execution/handler.ts';
import { localCredentials, localRegion } from '../../infra/local/queue/received.ts';
import { connectDatabase } from '../../shared/audit/connect.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import type { QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { silentLogger, type LogFields, type Logger } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { anAlertMessage, aNotificationWith } from '../support/alerts.ts';
import { aMessage, anEvent, aRecord, stillClock } from '../support/kernel.ts';
import { queuesTwin, type QueuesTwin } from '../support/queues-twin.ts';
import { anUnkindCloud, type ClusterUnkindness, type UnkindCloud } from '../support/unkind-cloud.ts';

const token = 'a-token-of-sixteen-characters';
let cloud: UnkindCloud;
let directory: string;
beforeAll(async () => {
  [cloud, directory] = await Promise.all([anUnkindCloud(), mkdtemp(join(tmpdir(), 'cloud-functions-'))]);
  await writeFile(join(directory, 'tokens'), token);
  vi.stubEnv('AWS_ACCESS_KEY_ID', localCredentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', localCredentials.secretAccessKey);
  vi.stubEnv('AWS_REGION', localRegion);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([cloud.close(), rm(directory, { recursive: true, force: true })]);
});

const prefix = 'https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-';
const variables = { KUBERNAUT_QUEUE_URL_PREFIX: prefix };

/** What a function runs in, and what it logs there. */
function aFunction() {
  const lines: LogFields[] = [];
  const keep = (message: string, fields?: LogFields) => void lines.push({ message, ...fields });
  const logger: Logger = { ...silentLogger, warn: keep, error: keep };
  const queues = queuesTwin();
  return { lines, queues, ports: { queues, clock: stillClock(), logger, metrics: silentMetrics, random: () => 0 } };
}

/** The message that the function was given is in nobody's hands but the queue's, which brings it again after the backoff. */
async function expectRetried(handler: QueueHandler, body: unknown, { lines, queues }: { readonly lines: readonly LogFields[]; readonly queues: QueuesTwin }) {
  const { batchItemFailures } = await handler(anEvent(aRecord(body)), { getRemainingTimeInMillis: () => 30_000 });
  expect(batchItemFailures).toEqual([{ itemIdentifier: 'm1' }]);
  expect(queues.visibility).toEqual([{ receiptHandle: 'receipt-m1', seconds: 2 }]);
  expect(queues.raw).toEqual([]); // no dead letter
  expect(lines.map(({ message }) => message)).toEqual(['message retried']);
  return lines[0]?.['error'];
}

describe('a cluster that cannot be had', () => {
  const rows: readonly (readonly [unkindness: ClusterUnkindness, error: RegExp])[] = [
    [
      'expired token',
      /^GET \S+: Unauthorized: the credentials of KUBERNAUT_KUBECONFIG_FILE are not accepted: put a kubeconfig with a token that is still valid there$/,
    ],
    ['away', /^GET \S+: connect ECONNREFUSED \S+: is the server of KUBERNAUT_KUBECONFIG_FILE the right one, and is it reached from where the functions run/],
    ['no TLS', /^GET \S+: what listens there does not speak TLS: is the server of KUBERNAUT_KUBECONFIG_FILE the right one/],
    ['untrusted', /^GET \S+: .*: its certificate is not the one of the given certificate authority: take both from the same cluster$/],
    ['a page', /^GET \S+: status 200 without an object of Kubernetes: something else answers there, give the address of the API server itself$/],
  ];

  it.each(rows)('costs no alert, and is told of: %s', async (unkindness, error) => {
    const world = aFunction();
    const handler = await composeIntake({ ...variables, KUBERNAUT_KUBECONFIG_FILE: cloud.kubeconfig(unkindness) }, world.ports);
    expect(await expectRetried(handler, anAlertMessage(), world)).toMatch(error);
  });

  it.each(rows)('costs no step, and is told of: %s', async (unkindness, error) => {
    const world = aFunction();
    const handler = await composeExecution({ ...variables, KUBERNAUT_KUBECONFIG_FILE: cloud.kubeconfig(unkindness) }, world.ports);
    expect(await expectRetried(handler, aMessage({ kind: 'KubernetesExecution', name: 'ke-1' }), world)).toMatch(error);
  });

  it('is named where its kubeconfig is none that can be used', async () => {
    const composed = composeExecution({ ...variables, KUBERNAUT_KUBECONFIG_FILE: cloud.kubeconfig('no https') }, aFunction().ports);
    await expect(composed).rejects.toThrow(/^KUBERNAUT_KUBECONFIG_FILE: \S+ cannot be used: the server of its current context is no https URL: give one/);
  });
});

describe('an audit database that cannot be had', () => {
  it('costs no row, and is told of by the writer that runs', async () => {
    const world = aFunction();
    const database = await connectDatabase(parseEnvironment({ ...variables, KUBERNAUT_DATABASE_URL_FILE: cloud.databaseFile('no TLS') }, ['database']));
    const handler = await composeWriter(variables, { ...world.ports, database });
    const error = await expectRetried(handler, anAuditRow(), world);
    expect(error).toMatch(/^the audit database at 127\.0\.0\.1:\d+ refuses TLS: turn TLS on at the server \(ssl = on, and a certificate\), or/);
    await database.destroy();
  });

  it.each<[sentence: string, given: () => Readonly<Record<string, string>>, error: RegExp]>([
    ['refuses TLS', () => ({ KUBERNAUT_DATABASE_URL_FILE: cloud.databaseFile('no TLS') }), /^the audit database at \S+ refuses TLS: turn TLS on at the server/],
    [
      'knows another password',
      () => ({ KUBERNAUT_DATABASE_URL_FILE: cloud.databaseFile('28P01') }),
      /does not take the password of user kubernaut \(.*\): put/,
    ],
  ])(
    'ends the invocation of a writer that starts, whose messages stay in the queue, and is asked again by the next: it %s',
    async (_sentence, given, error) => {
      const world = aFunction();
      const handler = lazily(() => composeWriter({ ...variables, ...given() }, world.ports));
      const invoked = () => handler(anEvent(aRecord(anAuditRow())), { getRemainingTimeInMillis: () => 30_000 });
      await expect(invoked()).rejects.toThrow(error);
      await expect(invoked()).rejects.toThrow(error);
      expect(world.queues.raw).toEqual([]);
    },
  );

  it('is not looked for where its secret may not be read', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', cloud.aws('AccessDeniedException'));
    const composed = composeWriter({ ...variables, KUBERNAUT_DATABASE_URL_SECRET: 'kubernaut/dev/database-url' }, aFunction().ports);
    await expect(composed).rejects.toThrow(
      'KUBERNAUT_DATABASE_URL_SECRET: AWS Secrets Manager does not give kubernaut/dev/database-url (the words of AccessDeniedException): allow secretsmanager:GetSecretValue of it',
    );
  });
});

describe('a queue that cannot be had', () => {
  it.each<[sentence: string, given: () => Readonly<Record<string, string>>, error: string]>([
    [
      'is not there',
      () => ({ AWS_ENDPOINT_URL_SQS: cloud.aws('QueueDoesNotExist') }),
      `sending 1 messages to ${prefix}alerts: the words of QueueDoesNotExist: check KUBERNAUT_QUEUE_URL_PREFIX (its region, account and stage), or deploy the stage again`,
    ],
    [
      'may not be sent to',
      () => ({ AWS_ENDPOINT_URL_SQS: cloud.aws('AccessDenied') }),
      `sending 1 messages to ${prefix}alerts: the words of AccessDenied: allow sqs:SendMessage of that queue to who asks`,
    ],
    [
      'is not reached',
      () => ({ AWS_ENDPOINT_URL_SQS: cloud.nowhere }),
      `sending 1 messages to ${prefix}alerts: connect ECONNREFUSED 127.0.0.1:1: check KUBERNAUT_QUEUE_URL_PREFIX and AWS_ENDPOINT_URL_SQS, and in a VPC without a way out make an endpoint for sqs`,
    ],
    [
      'has a URL of no host of AWS',
      () => ({ KUBERNAUT_QUEUE_URL_PREFIX: 'http://127.0.0.1:1/kubernaut-dev-' }),
      'sending 1 messages to http://127.0.0.1:1/kubernaut-dev-alerts: connect ECONNREFUSED 127.0.0.1:1: check KUBERNAUT_QUEUE_URL_PREFIX and AWS_ENDPOINT_URL_SQS',
    ],
  ])('lets Alertmanager keep its alert, and is told of alone: it %s', async (_sentence, given, error) => {
    const printed = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { lines, ports } = aFunction();
    const app = composeWebhook(
      { ...variables, KUBERNAUT_WEBHOOK_TOKENS_FILE: join(directory, 'tokens'), ...given() },
      { clock: ports.clock, logger: ports.logger },
    );
    const answer = await app.request('/alerts', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(aNotificationWith({ alertname: 'PodMemoryHigh', namespace: 'production' }, '2026-01-15T10:34:00Z')),
    });
    expect(answer.status).toBe(503);
    expect(lines).toEqual([expect.objectContaining({ message: 'alerts not accepted', error: expect.stringContaining(error) })]);
    expect(printed.mock.calls).toEqual([]); // of the SDK's own warnings none
    printed.mockRestore();
  });
});
