import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../system-clock.ts';
import { AwsAccessFailed } from './aws-access.ts';
import { describeEksCluster } from './eks-cluster.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

const access = { region: 'eu-central-1', credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' }) };

/** Asks an EKS that answers so; what it was asked is kept. */
async function ask(status: number, body: object | string, errorType = '') {
  const asked: { url?: string | undefined; authorization?: string | undefined; session?: unknown } = {};
  server = createServer((request, response) => {
    Object.assign(asked, { url: request.url, authorization: request.headers.authorization, session: request.headers['x-amz-security-token'] });
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': errorType })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = describeEksCluster({ name: 'production', access, clock: systemClock, serviceEndpoint: `http://127.0.0.1:${port}` });
  return { asked, answer };
}

const active = { cluster: { status: 'ACTIVE', endpoint: 'https://abc.gr7.eu-central-1.eks.amazonaws.com', certificateAuthority: { data: 'UEVN' } } };

describe('where an EKS cluster is', () => {
  it('is asked of EKS, signed by the role', async () => {
    const { asked, answer } = await ask(200, active);
    expect(await answer).toEqual({ endpoint: active.cluster.endpoint, certificateAuthority: 'UEVN' });
    expect(asked.url).toBe('/clusters/production');
    expect(asked.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/eks\/aws4_request, SignedHeaders=host;.*Signature=[0-9a-f]{64}$/,
    );
    expect(asked.session).toBe('session');
  });

  it.each<[sentence: string, status: number, body: object | string, message: string]>([
    [
      'is in another region',
      404,
      { message: 'No cluster found for name: production.' },
      'KUBERNAUT_EKS_CLUSTER: there is no EKS cluster "production" in eu-central-1 (No cluster found',
    ],
    [
      'may not be described',
      403,
      { message: 'User is not authorized' },
      '(User is not authorized): allow eks:DescribeCluster of it, or set KUBERNAUT_EKS_ENDPOINT',
    ],
    ['is of another account', 403, 'no JSON', '(status 403): allow eks:DescribeCluster'],
    ['is just being made', 200, { cluster: { status: 'CREATING' } }, 'has no endpoint, it is CREATING: wait until it is ACTIVE'],
    ['is asked of an EKS in trouble', 503, '', '(status 503): it is asked again'],
  ])('is not known when it %s', async (_sentence, status, body, message) => {
    const { answer } = await ask(status, body);
    const error: unknown = await answer.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AwsAccessFailed);
    expect(String(error)).toContain(message);
  });

  it('is not known to credentials that expired, and says so', async () => {
    const { answer } = await ask(403, { message: 'The security token included in the request is expired' }, 'ExpiredTokenException:');
    await expect(answer).rejects.toThrow('(The security token included in the request is expired): log in again');
  });

  it('is not known when nobody answers', async () => {
    const answer = describeEksCluster({ name: 'production', access, clock: systemClock, serviceEndpoint: 'http://127.0.0.1:1' });
    await expect(answer).rejects.toThrow(/^EKS at http:\/\/127\.0\.0\.1:1 is not reached \(.*\): check AWS_REGION/);
  });
});
