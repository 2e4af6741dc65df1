import { createInterface } from 'node:readline';
import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { anHttpsWorld, type HttpsWorld } from '../../../test/support/https.ts';
import { issueCertificates } from './https-certificate.ts';
import { kubeconfigYaml } from './https-kubeconfig.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json' };
const configMap = (name: string) => JSON.stringify({ metadata: { name }, data: { a: '1' } });

let world: HttpsWorld;
const start = async (options?: Parameters<typeof anHttpsWorld>[0]) => (world = await anHttpsWorld(options));

afterEach(async () => {
  await world.close();
});

describe('the HTTPS front', () => {
  it('creates, reads, patches and deletes', async () => {
    const { call } = await start();
    expect(await call(configMaps, { method: 'POST', headers: json, body: configMap('a') })).toMatchObject({ status: 201, json: { kind: 'ConfigMap' } });
    expect(await call(`${configMaps}/a`)).toMatchObject({ status: 200, json: { data: { a: '1' } }, headers: { 'content-type': 'application/json' } });
    const merge = { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: '{"data":{"a":null,"b":"2"}}' };
    expect(await call(`${configMaps}/a?dryRun=All`, merge)).toMatchObject({ status: 200, json: { data: { b: '2' } } });
    expect(await call(`${configMaps}/a`)).toMatchObject({ json: { data: { a: '1' } } });
    expect(await call(`${configMaps}/a`, { method: 'DELETE' })).toMatchObject({ status: 200 });
    expect(await call(`${configMaps}/a`)).toMatchObject({ status: 404, json: { kind: 'Status', reason: 'NotFound' } });
  });

  it('takes YAML, and text that says nothing of its type as JSON', async () => {
    const { call } = await start();
    expect(await call(configMaps, { method: 'POST', headers: { 'content-type': 'application/yaml' }, body: 'metadata:\n  name: y\n' })).toMatchObject({
      status: 201,
    });
    expect(await call(configMaps, { method: 'POST', body: configMap('j') })).toMatchObject({ status: 201 });
  });

  it.each([
    ['a body of another type', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }, 415, 'UnsupportedMediaType'],
    ['a patch that does not say its kind', { method: 'PATCH', headers: json, body: '{}' }, 415, 'UnsupportedMediaType'],
    ['JSON that does not parse', { method: 'POST', headers: json, body: '{' }, 400, 'BadRequest'],
    ['protobuf that is none', { method: 'POST', headers: { 'content-type': 'application/vnd.kubernetes.protobuf' }, body: 'x' }, 400, 'BadRequest'],
    ['a method that does not exist', { method: 'OPTIONS' }, 405, 'MethodNotAllowed'],
    ['impersonated groups', { headers: { 'impersonate-user': 'x', 'impersonate-group': 'system:masters' } }, 403, 'Forbidden'],
    ['impersonated extras', { headers: { 'impersonate-user': 'x', 'impersonate-extra-authentication.kubernetes.io%2fpod-name': 'p' } }, 403, 'Forbidden'],
    ['an unknown token', { token: 'guess' }, 401, 'Unauthorized'],
    ['a request of nobody', { token: null }, 403, 'Forbidden'],
  ])('answers %s with a Status', async (_sentence, request, status, reason) => {
    const { call } = await start();
    expect(await call(`${configMaps}/a`, request)).toMatchObject({ status, json: { kind: 'Status', status: 'Failure', reason, code: status } });
  });

  it('refuses what is larger than three mebibytes, and lives on', async () => {
    const { call } = await start();
    const large = JSON.stringify({ metadata: { name: 'l' }, data: { a: 'x'.repeat(4 * 1024 * 1024) } });
    expect(await call(configMaps, { method: 'POST', headers: json, body: large })).toMatchObject({ status: 413, json: { reason: 'RequestEntityTooLarge' } });
    expect(await call(configMaps)).toMatchObject({ status: 200 });
  });

  it('lets nobody read the version and the probes, and nothing else', async () => {
    const { call } = await start();
    expect(await call('/version', { token: null })).toMatchObject({ status: 200, json: { gitVersion: 'v1.36.3+sandbox' } });
    expect(await call('/readyz', { token: null })).toMatchObject({ status: 200, text: 'ok' });
    expect(await call('/api', { token: null })).toMatchObject({ status: 403 });
  });

  it('acts as whom an administrator names', async () => {
    const { call } = await start();
    const headers = { 'impersonate-user': 'system:serviceaccount:default:reader' };
    const message =
      'configmaps is forbidden: User "system:serviceaccount:default:reader" cannot list resource "configmaps" in API group "" in the namespace "default"';
    expect(await call(configMaps, { headers })).toMatchObject({ status: 403, json: { message } });
  });

  it('says when to try again', async () => {
    const { call } = await start({ beforeServe: async () => ({ status: 429, body: { kind: 'Status', code: 429 }, retryAfterSeconds: 3 }) });
    expect(await call(configMaps)).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  });

  it('answers 504 in the place of what takes too long', async () => {
    const impatient = { now: () => '2026-01-15T10:35:20Z', milliseconds: () => Date.now(), sleep: async () => undefined };
    const { call } = await start({ beforeServe: () => new Promise(() => undefined), frontClock: impatient });
    expect(await call(configMaps)).toMatchObject({ status: 504, json: { reason: 'Timeout' } });
  });

  it('closes although an answer never comes', async () => {
    const asked = Promise.withResolvers<void>();
    const { open, front } = await start({
      beforeServe: () => {
        asked.resolve();
        return new Promise(() => undefined);
      },
    });
    const cut = open(configMaps).catch((error: unknown) => error);
    await asked.promise;
    await front.close();
    expect(await cut).toBeInstanceOf(Error);
  });

  it('answers a fault of its own as one', async () => {
    const { call } = await start({ beforeServe: () => Promise.reject(new Error('out of luck')) });
    expect(await call(configMaps)).toMatchObject({ status: 500, json: { message: 'Internal error occurred: out of luck' } });
  });
});

describe('a watch over HTTPS', () => {
  const watched = `${configMaps}?watch=true&resourceVersion=0`;

  it('is a line for each event, until the server ends it', async () => {
    const { open, call, sandbox } = await start();
    const lines = createInterface(await open(watched))[Symbol.asyncIterator]();
    await call(configMaps, { method: 'POST', headers: json, body: configMap('a') });
    expect(JSON.parse((await lines.next()).value ?? '')).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } });
    await call(`${configMaps}/a`, { method: 'DELETE' });
    expect(JSON.parse((await lines.next()).value ?? '')).toMatchObject({ type: 'DELETED' });
    sandbox.close();
    expect(await lines.next()).toMatchObject({ done: true });
  });

  it('is refused with a Status', async () => {
    const { call } = await start();
    expect(await call('/api/v1/nosuchthings?watch=true')).toMatchObject({ status: 404, json: { kind: 'Status' } });
  });

  it('comes as Tables to who asks for them', async () => {
    const { open, call } = await start();
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
    const lines = createInterface(await open(watched, { headers }))[Symbol.asyncIterator]();
    await call(configMaps, { method: 'POST', headers: json, body: configMap('a') });
    expect(JSON.parse((await lines.next()).value ?? '')).toMatchObject({ type: 'ADDED', object: { kind: 'Table', rows: [{ cells: ['a', 1, '0s'] }] } });
  });

  it('does not keep the front from closing', async () => {
    const { open, front } = await start();
    const message = await open(watched);
    message.on('error', () => undefined); // the connection is cut, which is what is wanted
    await front.close();
    await expect(open('/version')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('certificates', () => {
  it('chain to an authority of this start, for loopback', async () => {
    await start();
    const { caPem, certificatePem } = await issueCertificates(Date.now());
    const [authority, certificate] = [new X509Certificate(caPem), new X509Certificate(certificatePem)];
    expect(authority.ca).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(new X509Certificate(world.front.caPem).fingerprint256).not.toBe(authority.fingerprint256);
  });
});

describe('kubeconfigYaml', () => {
  it('says where, whom to trust, who and in which namespace', async () => {
    await start();
    expect(parse(kubeconfigYaml({ url: 'https://127.0.0.1:6443', caPem: 'PEM', token: 't', namespace: 'kubernaut-system' }))).toMatchObject({
      clusters: [{ cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'UEVN' } }],
      users: [{ user: { token: 't' } }],
      contexts: [{ context: { namespace: 'kubernaut-system' } }],
      'current-context': 'kubernaut-sandbox',
    });
  });
});
