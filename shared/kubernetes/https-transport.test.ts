import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificates, type Certificates } from '../../infra/local/sandbox/https-certificate.ts';
import { isGone } from './errors.ts';
import { httpsTransport } from './https-transport.ts';
import type { ApiRequest } from './request.ts';

/** Some machines have no IPv6, not even to themselves. */
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

let certificate: Certificates;
beforeAll(async () => {
  certificate = await issueCertificates(Date.now());
});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A transport to a server that answers as told, on an address of this machine. */
async function aTransport(answer: (request: IncomingMessage, response: ServerResponse) => void, host = '127.0.0.1') {
  server = createServer({ key: certificate.keyPem, cert: certificate.certificatePem }, answer);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const kubeconfig = new KubeConfig();
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}/base`;
  kubeconfig.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u', token: 'secret-token' });
  return httpsTransport(kubeconfig);
}

const json = (response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

async function events(transport: Awaited<ReturnType<typeof aTransport>>, signal: AbortSignal): Promise<readonly string[]> {
  const seen: string[] = [];
  for await (const { type } of transport.watch('/api/v1/pods', {}, signal)) seen.push(type);
  return seen;
}

describe('the HTTPS transport', () => {
  it('sends what it is given, with the kubeconfig’s token', async () => {
    const asked: unknown[] = [];
    const transport = await aTransport((request, response) => {
      asked.push(request.method, request.url, request.headers.authorization, request.headers['content-type'], request.headers['impersonate-user']);
      json(response, 200, {});
    });
    await transport.send(
      { method: 'PATCH', path: '/api/v1/x', query: { dryRun: 'All', note: 'a b' }, patchType: 'application/merge-patch+json', body: {}, impersonate: 'u' },
      1_000,
    );
    expect(asked).toEqual(['PATCH', '/base/api/v1/x?dryRun=All&note=a+b', 'Bearer secret-token', 'application/merge-patch+json', 'u']);
  });

  it.skipIf(!hasIpv6)('reaches a server by its IPv6 address', async () => {
    const transport = await aTransport((_request, response) => json(response, 200, { kind: 'PodList' }), '::1');
    expect(await transport.send({ method: 'GET', path: '/api/v1/pods' }, 1_000)).toEqual({ status: 200, body: { kind: 'PodList' } });
  });

  it.each<[sentence: string, status: number, headers: Readonly<Record<string, string>>, retryAfterSeconds: number | undefined]>([
    ['an error', 500, {}, undefined],
    ['a throttle with its time', 429, { 'retry-after': '7' }, 7],
    ['a throttle without one', 429, {}, undefined],
  ])('gives %s as a value', async (_sentence, status, ...[headers, retryAfterSeconds]) => {
    const transport = await aTransport((_request, response) => json(response, status, { kind: 'Status' }, headers));
    const answer = await transport.send({ method: 'GET', path: '/x' }, 1_000);
    expect(answer).toEqual({ status, body: { kind: 'Status' }, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
  });

  it('gives text as text: what a proxy says of a server that is away is no JSON', async () => {
    const transport = await aTransport((_request, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>'));
    expect(await transport.send({ method: 'GET', path: '/x' }, 1_000)).toEqual({ status: 502, body: '<h1>Bad Gateway</h1>' });
  });

  it('gives up when its time is over, before the headers and in the middle of a body', async () => {
    const silent = await aTransport(() => undefined);
    await expect(silent.send({ method: 'GET', path: '/x' }, 50)).rejects.toThrow('GET /x');
    server?.closeAllConnections();
    const slow = await aTransport((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{'));
    await expect(slow.send({ method: 'GET', path: '/x' }, 50)).rejects.toThrow(/abort/i);
  });

  it.each<[sentence: string, request: Omit<ApiRequest, 'path'> & { readonly path?: string }, outcome: string]>([
    ['sends a read once more', { method: 'GET' }, 'status 200'],
    ['sends a rehearsal once more', { method: 'PATCH', query: { dryRun: 'All' } }, 'status 200'],
    ['sends a review once more', { method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews' }, 'status 200'],
    ['does not repeat a write', { method: 'POST' }, 'ConnectionStale: POST /x: '],
  ])('%s when a kept connection turns out to be closed', async (_sentence, request, outcome) => {
    const served = new WeakSet();
    const transport = await aTransport(({ socket }, response) => {
      if (served.has(socket)) return void socket.destroy();
      served.add(socket);
      json(response, 200, {});
    });
    const ask = () => transport.send({ path: '/x', ...request }, 1_000).then(({ status }) => `status ${status}`, String);
    expect(await ask()).toBe('status 200');
    expect(await ask()).toContain(outcome);
  });

  it('tells nobody the token when it fails', async () => {
    const transport = await aTransport((_request, response) => response.destroy());
    const error: unknown = await transport.send({ method: 'GET', path: '/x' }, 1_000).catch((caught: unknown) => caught);
    expect(String(error)).toMatch(/^Error: GET \/x: /);
    expect(String(error)).not.toContain('secret-token');
  });
});

describe('a watch over HTTPS', () => {
  const line = (type: string) => `${JSON.stringify({ type, object: {} })}\n`;

  it('gives what comes, however it is cut, until the server ends it', async () => {
    const text = line('ADDED') + line('MODIFIED') + line('BOOKMARK');
    const transport = await aTransport((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (let at = 0; at < text.length; at += 7) response.write(text.slice(at, at + 7));
      response.end();
    });
    expect(await events(transport, new AbortController().signal)).toEqual(['ADDED', 'MODIFIED', 'BOOKMARK']);
  });

  it('throws what the server says instead of a watch', async () => {
    const transport = await aTransport((_request, response) => json(response, 410, { reason: 'Expired', message: 'too old resource version' }));
    const error = await events(transport, new AbortController().signal).catch((caught: unknown) => caught);
    expect(isGone(error)).toBe(true);
    expect(String(error)).toContain('watching /api/v1/pods: too old resource version');
  });

  it.each<[sentence: string, answer: (response: ServerResponse) => void]>([
    ['before anything came', () => undefined],
    ['after the headers', (response) => response.writeHead(200).flushHeaders()],
    ['in the middle', (response) => void response.writeHead(200).write(line('ADDED'))],
  ])('ends without an error when it is given up %s', async (_sentence, answer) => {
    const giveUp = new AbortController();
    const transport = await aTransport((_request, response) => {
      answer(response);
      setTimeout(() => giveUp.abort(), 20);
    });
    expect((await events(transport, giveUp.signal)).every((type) => type === 'ADDED')).toBe(true);
  });

  it('ends without an error when the connection is gone: who follows resumes from the last version', async () => {
    const transport = await aTransport((_request, response) => {
      response.writeHead(200).write(line('ADDED'));
      setTimeout(() => response.destroy(), 20);
    });
    expect(await events(transport, new AbortController().signal)).toEqual(['ADDED']);
  });
});
