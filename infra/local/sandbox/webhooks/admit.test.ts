import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../shared/api/json.ts';
import { client, named } from '../../../../test/support/api-client.ts';
import { aWorld, extensionsForTests } from '../../../../test/support/sandbox.ts';
import type { WebhookAnswer, WebhookCall } from '../extension.ts';
import { objectAt } from '../object.ts';

const registrations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const configMaps = '/api/v1/namespaces/default/configmaps';

/** A sandbox whose one webhook is asked about ConfigMaps; `answers` says what comes of it. */
async function aWatchedWorld(answers: (call: WebhookCall) => Promise<WebhookAnswer>, more: JsonObject = {}) {
  const calls: WebhookCall[] = [];
  const webhooks = (call: WebhookCall): Promise<WebhookAnswer> => {
    calls.push(call);
    return answers(call);
  };
  const { transport, sandbox, clock } = aWorld({ extensions: { ...extensionsForTests, webhooks } });
  const api = client(transport);
  const webhook = {
    name: 'only.webhook.example',
    clientConfig: { url: 'https://webhook.invalid/admit', caBundle: 'e30=' },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 3,
    ...more,
  };
  await api.send('POST', registrations, { metadata: { name: 'only' }, webhooks: [webhook] });
  return { ...api, calls, sandbox, clock };
}

const allowed = async ({ review }: WebhookCall): Promise<WebhookAnswer> => {
  const { apiVersion, kind } = review;
  const text = JSON.stringify({ apiVersion, kind, response: { uid: objectAt(review, 'request')['uid'], allowed: true } });
  return { kind: 'answered', status: 200, contentType: 'application/json', text };
};

describe('admission by webhooks', () => {
  it('calls through the port that the sandbox was given, with what the registration says', async () => {
    const { send, calls } = await aWatchedWorld(allowed);
    expect((await send('POST', configMaps, named('seen'))).status).toBe(201);
    expect(calls).toMatchObject([{ url: 'https://webhook.invalid/admit?timeout=3s', caBundle: 'e30=', timeoutMilliseconds: 3_000 }]);
  });

  it('leaves what no rule is about in one step: it is stored before anybody else has a turn', async () => {
    const { send, calls } = await aWatchedWorld(allowed);
    const answers: string[] = [];
    const note = (name: string) => () => answers.push(name);
    await Promise.all([
      send('POST', configMaps, named('asked')).then(note('asked')),
      send('POST', '/api/v1/namespaces/default/secrets', named('unasked')).then(note('unasked')),
    ]);
    expect(answers).toEqual(['unasked', 'asked']);
    expect(calls).toHaveLength(1);
  });

  it('says why a webhook was not reached, and lets the write pass where failures are ignored', async () => {
    const away = async (): Promise<WebhookAnswer> => ({ kind: 'unreached', why: 'context deadline exceeded' });
    const strict = await aWatchedWorld(away);
    const why =
      'failed calling webhook "only.webhook.example": failed to call webhook: Post "https://webhook.invalid/admit?timeout=3s": context deadline exceeded';
    expect(await strict.send('POST', configMaps, named('lost'))).toMatchObject({ status: 500, body: { message: `Internal error occurred: ${why}` } });
    const lenient = await aWatchedWorld(away, { failurePolicy: 'Ignore' });
    expect((await lenient.send('POST', configMaps, named('kept'))).status).toBe(201);
  });

  it('follows its registration: changed, and gone', async () => {
    const { send, patch, calls } = await aWatchedWorld(allowed);
    await patch('json', `${registrations}/only`, [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['DELETE'] }]);
    await send('POST', configMaps, named('unasked'));
    expect(calls).toHaveLength(0);
    await send('DELETE', `${configMaps}/unasked`);
    expect(calls).toHaveLength(1);
    await send('DELETE', `${registrations}/only`);
    await send('POST', configMaps, named('free'));
    expect(calls).toHaveLength(1);
  });

  it('updates what another write left while the webhook was asked, and gives up on what is gone', async () => {
    let meanwhile: () => Promise<unknown> = async () => undefined;
    const { send, patch } = await aWatchedWorld(async (call) => {
      const first = meanwhile;
      meanwhile = async () => undefined;
      await first();
      return allowed(call);
    });
    await send('POST', configMaps, named('shared', { data: { a: '1' } }));
    meanwhile = () => patch('merge', `${configMaps}/shared`, { data: { b: '2' } });
    expect((await patch('merge', `${configMaps}/shared`, { data: { c: '3' } })).body).toMatchObject({ data: { a: '1', b: '2', c: '3' } });
    meanwhile = () => send('DELETE', `${configMaps}/shared`);
    expect((await patch('merge', `${configMaps}/shared`, { data: { d: '4' } })).status).toBe(404);
  });
});
