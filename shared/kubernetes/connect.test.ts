import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueCertificates, type Certificates } from '../../infra/local/sandbox/https-certificate.ts';
import { createWorkspace, type Workspace } from '../../infra/local/stack/workspace.ts';
import { parseEnvironment } from '../environment.ts';
import { systemClock } from '../system-clock.ts';
import { connectTransport } from './connect.ts';

/** An API server that keeps what it was authorized with and takes what a test says, and an EKS that says where it is. */
let certificates: Certificates;
let api: Server;
let eks: HttpServer;
let workspace: Workspace;
let apiUrl = '';
let eksUrl = '';
let taken: (authorization: string) => boolean = () => true;
let carried: readonly string[] = [];

const portOf = async (server: Server | HttpServer): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

beforeAll(async () => {
  certificates = await issueCertificates(Date.now());
  workspace = await createWorkspace();
  api = createServer({ key: certificates.keyPem, cert: certificates.certificatePem }, ({ headers }, response) => {
    const authorization = headers.authorization ?? '';
    carried = [...carried, authorization];
    const isTaken = taken(authorization);
    response.writeHead(isTaken ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isTaken ? {} : { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' }));
  });
  eks = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ cluster: { endpoint: apiUrl, certificateAuthority: { data: base64(certificates.caPem) } } }));
  });
  apiUrl = `https://127.0.0.1:${await portOf(api)}`;
  eksUrl = `http://127.0.0.1:${await portOf(eks)}`;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
beforeEach(() => {
  taken = () => true;
  carried = [];
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const server of [api, eks]) {
    server.closeAllConnections();
    server.close();
  }
  await workspace.remove();
});

const transportOf = (variables: Readonly<Record<string, string>>) =>
  connectTransport(parseEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'https://sqs/1/q-', AWS_REGION: 'eu-central-1', ...variables }, ['cluster']), systemClock);
const ask = async (variables: Readonly<Record<string, string>>) => (await transportOf(variables)).send({ method: 'GET', path: '/x' }, 2_000);

describe('an EKS cluster', () => {
  const signed = /^Bearer k8s-aws-v1\.[A-Za-z0-9_-]+$/;

  it('is found by its name and reached as the role', async () => {
    expect(await ask({ KUBERNAUT_EKS_CLUSTER: 'production', AWS_ENDPOINT_URL_EKS: eksUrl })).toMatchObject({ status: 200 });
    expect(carried).toEqual([expect.stringMatching(signed)]);
  });

  it('whose place is given is reached without asking', async () => {
    const place = { KUBERNAUT_EKS_ENDPOINT: apiUrl, KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: base64(certificates.caPem) };
    expect(await ask({ KUBERNAUT_EKS_CLUSTER: 'production', AWS_ENDPOINT_URL_EKS: 'http://127.0.0.1:1', ...place })).toMatchObject({ status: 200 });
  });

  it('that has no access entry for the role says so, after one more try', async () => {
    taken = () => false;
    const answer = await ask({ KUBERNAUT_EKS_CLUSTER: 'production', AWS_ENDPOINT_URL_EKS: eksUrl });
    expect(answer).toMatchObject({ status: 401, body: { message: expect.stringContaining('make an access entry for it') } });
    expect(carried).toHaveLength(2);
  });

  it('that is not reached is told with what opens the way', async () => {
    const place = { KUBERNAUT_EKS_ENDPOINT: 'https://127.0.0.1:1', KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: base64(certificates.caPem) };
    await expect(ask({ KUBERNAUT_EKS_CLUSTER: 'production', ...place })).rejects.toThrow(
      /^GET \/x: .*ECONNREFUSED.*: give the function the VPC of the EKS cluster production/,
    );
  });

  it('is not taken for the one of another authority', async () => {
    const { caPem } = await issueCertificates(Date.now());
    const place = { KUBERNAUT_EKS_ENDPOINT: apiUrl, KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: base64(caPem) };
    await expect(ask({ KUBERNAUT_EKS_CLUSTER: 'production', ...place })).rejects.toThrow('its certificate is not the one of the given certificate authority');
    expect(carried).toEqual([]);
  });
});

describe('a kubeconfig in a file', () => {
  const kubeconfig = (token: string) =>
    JSON.stringify({
      'current-context': 'here',
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: apiUrl, 'certificate-authority-data': base64(certificates.caPem) } }],
      users: [{ name: 'u', user: { token } }],
    });

  it('is read again when its token is refused', async () => {
    const file = join(workspace.directory, 'kubeconfig');
    await writeFile(file, kubeconfig('old'));
    const transport = await transportOf({ KUBERNAUT_KUBECONFIG_FILE: file });
    await writeFile(file, kubeconfig('new'));
    taken = (authorization) => authorization === 'Bearer new';
    expect(await transport.send({ method: 'POST', path: '/x', body: {} }, 2_000)).toMatchObject({ status: 200 });
    expect(carried).toEqual(['Bearer old', 'Bearer new']);
  });

  it.each<[sentence: string, text: string | null, message: string]>([
    ['that is not there', null, 'cannot be used: ENOENT'],
    ['that is none', 'a mere word', 'cannot be used: it is no kubeconfig'],
  ])('%s is told before anything is asked', async (_sentence, text, message) => {
    const file = join(workspace.directory, 'bad');
    if (text !== null) await writeFile(file, text);
    await expect(transportOf({ KUBERNAUT_KUBECONFIG_FILE: file })).rejects.toThrow(message);
  });
});
