import { describe, expect, it } from 'vitest';
import { bearerAuthenticator } from './authentication.ts';
import { administrator, type Sandbox } from './sandbox.ts';
import { tokenIssuer } from './token.ts';

const tokens = tokenIssuer({ milliseconds: () => 0 });
const serviceAccount = { name: 'scale-deployment-sa', uid: 'sa1' };
const pod = { name: 'ke-scale-1', uid: 'p1' };

/** An API that holds objects of these uids, by path. */
function holding(uids: Readonly<Record<string, string>>): Pick<Sandbox, 'serve'> {
  return {
    serve: async ({ path }) => {
      const uid = uids[path];
      return uid === undefined ? { status: 404, body: {} } : { status: 200, body: { metadata: { uid } } };
    },
  };
}

const accountPath = '/api/v1/namespaces/kubernaut-system/serviceaccounts/scale-deployment-sa';
const podPath = '/api/v1/namespaces/kubernaut-system/pods/ke-scale-1';
const authenticate = (uids: Readonly<Record<string, string>>, token: string | undefined) =>
  bearerAuthenticator(holding(uids), { tokens, adminToken: 'admin-secret' }).authenticate(token);
const bound = tokens.issue({ namespace: 'kubernaut-system', serviceAccount, pod }, 600).token;
const unbound = tokens.issue({ namespace: 'kubernaut-system', serviceAccount }, 600).token;

describe('authentication', () => {
  it('knows the administrator by the token of the kubeconfig', async () => {
    expect(await authenticate({}, 'admin-secret')).toEqual(administrator);
  });

  it('knows other people by the tokens that they were given', async () => {
    const user = { username: 'ada', groups: ['operators', 'system:authenticated'] };
    const { authenticate: ask } = bearerAuthenticator(holding({}), { tokens, adminToken: 'admin-secret', people: [{ token: 'of-ada', user }] });
    expect(await ask('of-ada')).toEqual(user);
    expect(await ask('of-bob')).toBeNull();
  });

  it('derives the groups of a ServiceAccount', async () => {
    expect(await authenticate({ [accountPath]: 'sa1' }, unbound)).toEqual({
      username: 'system:serviceaccount:kubernaut-system:scale-deployment-sa',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:kubernaut-system', 'system:authenticated'],
    });
  });

  it('says from which pod a bound token comes', async () => {
    expect(await authenticate({ [accountPath]: 'sa1', [podPath]: 'p1' }, bound)).toMatchObject({
      extra: { 'authentication.kubernetes.io/pod-name': ['ke-scale-1'], 'authentication.kubernetes.io/pod-uid': ['p1'] },
    });
  });

  it.each([
    ['is absent', {}, undefined],
    ['is nobody’s', {}, 'guess'],
    ['is of a deleted ServiceAccount', {}, unbound],
    ['is of a ServiceAccount made anew', { [accountPath]: 'sa2' }, unbound],
    ['is bound to a deleted pod', { [accountPath]: 'sa1' }, bound],
    ['is bound to a pod made anew', { [accountPath]: 'sa1', [podPath]: 'p2' }, bound],
  ])('knows nobody when the token %s', async (_sentence, uids, token) => {
    expect(await authenticate(uids, token)).toBeNull();
  });
});
