import { describe, expect, it } from 'vitest';
import { aWorld, extensionsForTests } from '../../../test/support/sandbox.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { administrator } from './sandbox.ts';
import { tokenRequest } from './token-request.ts';
import { tokenIssuer } from './token.ts';

const namespacePath = '/api/v1/namespaces/default';

/** An account `sa`, and pods `mine` and `other` that run as it and as another. */
async function start() {
  const tokens = tokenIssuer(createVirtualClock({ start: '2026-01-15T10:35:20Z' }));
  const { sandbox } = aWorld({ extensions: { ...extensionsForTests, endpoints: [tokenRequest(tokens)] } });
  const post = (path: string, body: JsonObject) => sandbox.serve({ method: 'POST', path, body, user: administrator });
  await post(`${namespacePath}/serviceaccounts`, { metadata: { name: 'sa' } });
  const pod = (name: string, serviceAccountName: string): JsonObject => ({
    metadata: { name },
    spec: { serviceAccountName, containers: [{ name: 'main', image: 'busybox:1' }] },
  });
  const mine = await post(`${namespacePath}/pods`, pod('mine', 'sa'));
  await post(`${namespacePath}/pods`, pod('other', 'default'));
  const uid = String(Object(Object(mine.body).metadata).uid);
  return { tokens, uid, ask: (spec: JsonObject, name = 'sa') => post(`${namespacePath}/serviceaccounts/${name}/token`, { spec }) };
}

describe('a token request', () => {
  it('gives a token for the account', async () => {
    const { ask, tokens } = await start();
    const answer = await ask({ expirationSeconds: 600 });
    expect(answer).toMatchObject({ status: 201, body: { kind: 'TokenRequest', status: { expirationTimestamp: '2026-01-15T10:45:20Z' } } });
    expect(tokens.verify(String(Object(Object(answer.body).status).token))).toMatchObject({ namespace: 'default', serviceAccount: { name: 'sa' } });
  });

  it('binds it to a pod that runs as the account', async () => {
    const { ask, tokens, uid } = await start();
    const answer = await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'mine', uid } });
    expect(tokens.verify(String(Object(Object(answer.body).status).token))).toMatchObject({ pod: { name: 'mine', uid } });
  });

  const refused: readonly [string, { readonly spec: JsonObject; readonly account?: string }, number, string][] = [
    ['an account that does not exist', { spec: {}, account: 'nobody' }, 404, 'serviceaccounts "nobody" not found'],
    ['less than ten minutes', { spec: { expirationSeconds: 60 } }, 422, 'may not specify a duration less than 10 minutes'],
    ['a pod that does not exist', { spec: { boundObjectRef: { kind: 'Pod', name: 'gone' } } }, 404, 'pods "gone" not found'],
    ['a pod of another account', { spec: { boundObjectRef: { kind: 'Pod', name: 'other' } } }, 400, 'different serviceaccount name'],
    ['a pod that was made anew', { spec: { boundObjectRef: { kind: 'Pod', name: 'mine', uid: 'old' } } }, 409, 'does not match the UID in record'],
    ['another kind of object', { spec: { boundObjectRef: { kind: 'Secret', name: 'x' } } }, 400, 'cannot bind token'],
    ['a lifetime that is no number', { spec: { expirationSeconds: 'long' } }, 400, 'spec.expirationSeconds'],
  ];

  it.each(refused)('is refused for %s', async (_sentence, { spec, account }, status, message) => {
    const { ask } = await start();
    expect(await ask(spec, account)).toMatchObject({ status, body: { message: expect.stringContaining(message) } });
  });
});
