import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pod } from '../../../test/conformance/objects.ts';
import { client } from '../../../test/support/api-client.ts';
import { aWorld } from '../../../test/support/sandbox.ts';
import { createAuthority, type Authority, type Certificate } from '../certificates/authority.ts';
import { createContainerLogs, type ContainerLogs } from '../container-logs.ts';
import { createRealClock } from '../real-clock.ts';
import { serveKubeletApi, type KubeletApi } from './kubelet-api.ts';

const clientName = 'kube-apiserver-kubelet-client';
const pods = '/api/v1/namespaces/default/pods';

let authority: Authority;
let apiServer: Certificate;
let logs: ContainerLogs;
let kubelet: KubeletApi;
let uid = '';
let api: ReturnType<typeof client>;

beforeEach(async () => {
  const world = aWorld();
  api = client(world.transport);
  const made = await api.send('POST', pods, pod('p', {}, { nodeName: 'n1', restartPolicy: 'Never' }));
  uid = (made.body as { readonly metadata: { readonly uid: string } }).metadata.uid;
  logs = createContainerLogs();
  authority = await createAuthority('kubernetes', Date.now());
  apiServer = await authority.issue({ commonName: clientName, usages: ['client'] });
  const certificate = await authority.issue({ commonName: 'system:node:n1', usages: ['server'] });
  kubelet = await serveKubeletApi({ certificate, caPem: authority.caPem, clientName, transport: world.transport, logs, clock: createRealClock() });
});
afterEach(() => kubelet.close());

function open(path: string, as: Certificate | null = apiServer, method = 'GET'): Promise<IncomingMessage> {
  const credentials = as === null ? {} : { cert: as.certificatePem, key: as.keyPem };
  return new Promise((resolve, reject) => {
    const options = { host: kubelet.address, port: kubelet.port, path, method, ca: authority.caPem, agent: false as const, ...credentials };
    httpsRequest(options, resolve).on('error', reject).end();
  });
}
const textOf = async (message: IncomingMessage) => (await message.setEncoding('utf8').toArray()).join('');
const ask = async (path: string, as?: Certificate | null, method?: string) => {
  const message = await open(path, as, method);
  return { status: message.statusCode, text: await textOf(message) };
};
const phase = (name: string) => api.patch('merge', `${pods}/p/status`, { status: { phase: name } });

describe('the API of a kubelet', () => {
  it('gives the API server what a container wrote, cut as it asks', async () => {
    logs.append(uid, 'app', 'one\ntwo\nthree\n');
    expect(await ask('/containerLogs/default/p/app')).toEqual({ status: 200, text: 'one\ntwo\nthree\n' });
    expect(await ask('/containerLogs/default/p/app?tailLines=1&limitBytes=3')).toEqual({ status: 200, text: 'thr' });
  });

  it('knows nobody else: no certificate, one of another authority, one of another name', async () => {
    logs.append(uid, 'app', 'secret\n');
    const stranger = await (await createAuthority('kubernetes', Date.now())).issue({ commonName: clientName, usages: ['client'] });
    const person = await authority.issue({ commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] });
    expect(await ask('/containerLogs/default/p/app', null)).toEqual({ status: 401, text: 'Unauthorized' });
    expect(await ask('/containerLogs/default/p/app', stranger)).toEqual({ status: 401, text: 'Unauthorized' });
    expect(await ask('/containerLogs/default/p/app', person)).toEqual({ status: 403, text: 'Forbidden' });
  });

  it('says why there is no log, in the words that the API server passes on', async () => {
    expect(await ask('/containerLogs/default/gone/app')).toEqual({ status: 404, text: 'pod default/gone not found' });
    expect(await ask('/containerLogs/default/p/other')).toEqual({ status: 404, text: 'container other not found in pod p' });
    expect(await ask('/containerLogs/default/p/app?previous=true')).toMatchObject({ status: 400, text: expect.stringContaining('not found') as string });
    const containerStatuses = [{ name: 'app', image: 'i:1', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }];
    await api.patch('merge', `${pods}/p/status`, { status: { containerStatuses } });
    expect(await ask('/containerLogs/default/p/app')).toEqual({ status: 400, text: 'container "app" in pod "p" is waiting to start: ContainerCreating' });
    expect(await ask('/containerLogs/default/p/app', apiServer, 'POST')).toMatchObject({ status: 405 });
  });

  it('goes on telling who follows, until the pod has ended', async () => {
    logs.append(uid, 'app', 'begun\n');
    const message = await open('/containerLogs/default/p/app?follow=true');
    const [first] = (await message.setEncoding('utf8').take(1).toArray()) as readonly string[];
    expect(first).toBe('begun\n');

    const following = open('/containerLogs/default/p/app?follow=true').then(textOf);
    logs.append(uid, 'app', 'done\n');
    await phase('Succeeded');
    expect(await following).toBe('begun\ndone\n');
  });

  it('lets go of who follows when it is closed', async () => {
    logs.append(uid, 'app', 'begun\n');
    const message = await open('/containerLogs/default/p/app?follow=true');
    await kubelet.close();
    await expect(textOf(message)).rejects.toMatchObject({ code: 'ECONNRESET' });
    kubelet = { ...kubelet, close: async () => undefined };
  });
});
