import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseEnvironment } from './environment.ts';
import { SecretUnreadable } from './secret-unreadable.ts';
import { readSecret } from './secrets.ts';

/** What AWS holds, by what the SDK asks for; an answer of null is one that never comes. */
const stores = new Map<string, { readonly status: number; readonly body: object } | null>();
let asked: readonly string[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString('utf8');
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const question = JSON.parse(text) as { readonly SecretId?: string; readonly Name?: string; readonly WithDecryption?: boolean };
      const key = `${operation} ${question.SecretId ?? question.Name}${question.WithDecryption === true ? ' decrypted' : ''}`;
      asked = [...asked, key];
      const answer = stores.get(key);
      if (answer === null) return;
      response.writeHead(answer?.status ?? 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer?.body ?? { __type: 'ResourceNotFoundException', message: 'there is none of that name' }));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'key');
});
beforeEach(() => {
  asked = [];
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

const environmentWith = (variables: Readonly<Record<string, string>>) => parseEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'https://sqs/1/q-', ...variables }, []);
const secret = (id: string, text: string) => stores.set(`GetSecretValue ${id}`, { status: 200, body: { SecretString: text } });
const parameter = (id: string, text: string) => stores.set(`GetParameter ${id} decrypted`, { status: 200, body: { Parameter: { Value: text } } });

describe('a secret', () => {
  it.each<[sentence: string, kind: 'SECRET' | 'PARAMETER', hold: (id: string, text: string) => unknown]>([
    ['in Secrets Manager', 'SECRET', secret],
    ['in the parameter store', 'PARAMETER', parameter],
  ])('%s is read, and kept until it is asked for anew', async (_sentence, kind, hold) => {
    const environment = environmentWith({ [`KUBERNAUT_KUBECONFIG_${kind}`]: '/kubernaut/kept' });
    hold('/kubernaut/kept', 'the first\n');
    expect(await readSecret('KUBERNAUT_KUBECONFIG', environment)).toBe('the first');
    hold('/kubernaut/kept', 'the second');
    expect(await readSecret('KUBERNAUT_KUBECONFIG', environment)).toBe('the first');
    expect(await readSecret('KUBERNAUT_KUBECONFIG', environment, { anew: true })).toBe('the second');
    expect(asked).toHaveLength(2);
  });

  const inSecret = (id: string) => ({ KUBERNAUT_DATABASE_URL_SECRET: id });
  const inParameter = (id: string) => ({ KUBERNAUT_DATABASE_URL_PARAMETER: id });
  it.each<[sentence: string, variables: Readonly<Record<string, string>>, type: string, message: string]>([
    [
      'is not there',
      inSecret('absent'),
      'ResourceNotFoundException',
      'KUBERNAUT_DATABASE_URL_SECRET: AWS Secrets Manager does not give absent (the words of AWS): make it, or correct its name; it is looked for in the region of AWS_REGION',
    ],
    [
      'is no parameter',
      inParameter('/absent'),
      'ParameterNotFound',
      'KUBERNAUT_DATABASE_URL_PARAMETER: the SSM parameter store does not give /absent (the words of AWS): make it, or correct its name',
    ],
    [
      'may not be read',
      inSecret('denied'),
      'AccessDeniedException',
      'does not give denied (the words of AWS): allow secretsmanager:GetSecretValue of it to who reads it (and kms:Decrypt, where its key is your own)',
    ],
    [
      'is a parameter that may not be read',
      inParameter('/denied'),
      'AccessDeniedException',
      'does not give /denied (the words of AWS): allow ssm:GetParameter of it to who reads it',
    ],
    ['is asked for with credentials that expired', inSecret('expired'), 'ExpiredTokenException', 'does not give expired (the words of AWS): log in again'],
  ])('that %s is told with the remedy', async (_sentence, variables, type, message) => {
    const [id = ''] = Object.values(variables);
    const asks = 'KUBERNAUT_DATABASE_URL_SECRET' in variables ? `GetSecretValue ${id}` : `GetParameter ${id} decrypted`;
    stores.set(asks, { status: 400, body: { __type: type, message: 'the words of AWS.' } });
    const error: unknown = await readSecret('KUBERNAUT_DATABASE_URL', environmentWith(variables)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SecretUnreadable);
    expect(String(error)).toContain(message);
  });

  it('that holds bytes and no text is told so', async () => {
    stores.set('GetSecretValue bytes', { status: 200, body: { SecretBinary: 'AAAA' } });
    const reading = readSecret('KUBERNAUT_DATABASE_URL', environmentWith({ KUBERNAUT_DATABASE_URL_SECRET: 'bytes' }));
    await expect(reading).rejects.toThrow('KUBERNAUT_DATABASE_URL_SECRET: bytes holds no text');
  });

  it('that does not come is given up before the function is', async () => {
    stores.set('GetSecretValue slow', null);
    const reading = readSecret('KUBERNAUT_DATABASE_URL', environmentWith({ KUBERNAUT_DATABASE_URL_SECRET: 'slow' }));
    await expect(reading).rejects.toThrow('AWS Secrets Manager does not give slow');
    expect(asked).toEqual(['GetSecretValue slow', 'GetSecretValue slow']);
  });

  it('in a file that cannot be read is told by its path', async () => {
    const reading = readSecret('KUBERNAUT_DATABASE_URL', environmentWith({ KUBERNAUT_DATABASE_URL_FILE: '/nowhere' }));
    await expect(reading).rejects.toThrow('KUBERNAUT_DATABASE_URL_FILE: /nowhere cannot be read');
  });
});
