import { describe, expect, it } from 'vitest';
import { EnvironmentInvalid } from '../environment.ts';
import { parseClusterSecret, secretTransports } from './cluster-secret.ts';
import type { Transport } from './request.ts';

const server = 'https://10.0.0.1:6443';
const parse = (text: string) => parseClusterSecret('KUBERNAUT_KUBECONFIG_SECRET', text);

describe('what a secret says of a cluster', () => {
  it.each<[sentence: string, text: string]>([
    ['a token and where it is for', JSON.stringify({ server, 'certificate-authority-data': 'UEVN', token: 'the-token' })],
    [
      'a kubeconfig',
      `{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: '${server}', certificate-authority-data: UEVN}}], users: [{name: u, user: {token: the-token}}]}`,
    ],
  ])('may be %s', (_sentence, text) => {
    const kubeconfig = parse(text);
    expect(kubeconfig.getCurrentCluster()).toMatchObject({ server, caData: 'UEVN' });
    expect(kubeconfig.getCurrentUser()).toMatchObject({ token: 'the-token' });
  });

  it.each<[sentence: string, text: string, message: string]>([
    ['no token', JSON.stringify({ server }), '"token" is missing'],
    ['a server by http', JSON.stringify({ server: 'http://10.0.0.1', token: 'the-token' }), '"server" must be the https URL'],
    ['other keys', JSON.stringify({ password: 'the-token' }), 'give a kubeconfig, or JSON with server, certificate-authority-data and token'],
    ['a mere token', 'the-token', 'it is no kubeconfig'],
  ])('cannot be used with %s, which is told without a word of it', (_sentence, text, message) => {
    expect(() => parse(text)).toThrow(EnvironmentInvalid);
    expect(() => parse(text)).toThrow(/^KUBERNAUT_KUBECONFIG_SECRET: the secret cannot be used: /);
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).not.toThrow('the-token');
  });
});

/** A secret that a test changes, and transports that say which text they were made of. */
function aSecret() {
  const world = { now: 1_000_000, text: 'first', reads: 0, isAway: false };
  const clock = { now: () => '', milliseconds: () => world.now, sleep: async () => undefined };
  const open = secretTransports(
    async () => {
      world.reads += 1;
      if (world.isAway) throw new Error('Secrets Manager is away');
      return world.text;
    },
    (text): Transport => ({ send: async () => ({ status: 200, body: text }), async *watch() {} }),
    clock,
  );
  return Object.assign(world, { open, textOf: async (refused = false) => (await (await open(refused)).send({ method: 'GET', path: '/' }, 1)).body });
}

describe('a secret that is rotated', () => {
  it('is read once for many calls, and seen after five minutes', async () => {
    const secret = aSecret();
    const [one, another] = await Promise.all([secret.open(false), secret.open(false)]);
    expect(one).toBe(another);
    secret.text = 'second';
    secret.now += 299_000;
    expect(await secret.textOf()).toBe('first');
    expect(secret.reads).toBe(1);
    secret.now += 1_000;
    expect(await secret.textOf()).toBe('second');
  });

  it('is seen at once when the old one is refused', async () => {
    const secret = aSecret();
    await secret.textOf();
    secret.text = 'second';
    expect(await secret.textOf(true)).toBe('second');
  });

  it('keeps its connections while its text stays', async () => {
    const secret = aSecret();
    const before = await secret.open(false);
    secret.now += 300_000;
    expect(await secret.open(false)).toBe(before);
    expect(secret.reads).toBe(2);
  });

  it('goes on as it was while it cannot be read, asking once a minute', async () => {
    const secret = aSecret();
    await secret.textOf();
    secret.isAway = true;
    secret.now += 300_000;
    expect(await secret.textOf()).toBe('first');
    secret.now += 59_000;
    expect(await secret.textOf()).toBe('first');
    expect(secret.reads).toBe(2);
  });

  it.each<[sentence: string, wasRead: boolean, refused: boolean]>([
    ['was never read', false, false],
    ['is refused by the cluster', true, true],
  ])('is trouble when it cannot be read and %s', async (_sentence, wasRead, refused) => {
    const secret = aSecret();
    if (wasRead) await secret.textOf();
    secret.isAway = true;
    await expect(secret.open(refused)).rejects.toThrow('Secrets Manager is away');
  });
});
