import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, type Workspace } from '../../infra/local/stack/workspace.ts';
import { KubeconfigInvalid, parsePortableKubeconfig, readKubeconfig, requireCluster } from './kubeconfig.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

const withUser = (user: object, cluster: object = {}) =>
  JSON.stringify({
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  });

async function authorizationOf(kubeconfig: KubeConfig): Promise<unknown> {
  const options: { headers?: Readonly<Record<string, unknown>> } = {};
  await kubeconfig.applyToHTTPSOptions(options);
  return options.headers?.['Authorization'];
}

describe('a kubeconfig in a file', () => {
  it.each<[sentence: string, user: object]>([
    ['beside it', { tokenFile: 'renewed-token' }],
    ['and goes before a token in it, as with kubectl', { tokenFile: 'renewed-token', token: 'the-old-one' }],
  ])('may name a token in another file %s, which is read before each request', async (_sentence, user) => {
    const file = join(workspace.directory, 'kubeconfig');
    await writeFile(file, withUser(user));
    await writeFile(join(workspace.directory, 'renewed-token'), 'first\n');
    const kubeconfig = readKubeconfig(file);
    expect(await authorizationOf(kubeconfig)).toBe('Bearer first');
    await writeFile(join(workspace.directory, 'renewed-token'), 'second\n');
    expect(await authorizationOf(kubeconfig)).toBe('Bearer second');
  });

  it('may hold its token itself', async () => {
    const file = join(workspace.directory, 'kubeconfig');
    await writeFile(file, withUser({ token: 'held' }));
    expect(await authorizationOf(readKubeconfig(file))).toBe('Bearer held');
  });
});

describe('a kubeconfig that came over the network', () => {
  it('is taken when everything is in it', async () => {
    expect(await authorizationOf(parsePortableKubeconfig(withUser({ token: 'held' })))).toBe('Bearer held');
  });

  it.each<[sentence: string, text: string, message: string]>([
    [
      'a command of another machine',
      withUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws' } }),
      'set KUBERNAUT_EKS_CLUSTER instead',
    ],
    ['a token file', withUser({ tokenFile: '/var/run/token' }), 'it names files (/var/run/token)'],
    ['a certificate file', withUser({ token: 't' }, { 'certificate-authority': 'ca.crt' }), 'kubectl config view --raw --flatten'],
    ['a server in the clear', withUser({ token: 't' }, { server: 'http://secret-text' }), 'the server of its current context is no https URL'],
    ['no context', JSON.stringify({ clusters: [] }), 'its current context names no cluster'],
    ['nothing that is YAML', 'token: [secret-text', 'it is no kubeconfig'],
    ['a mere word', 'secret-text', 'it is no kubeconfig'],
    ['nothing', '', 'it is no kubeconfig'],
  ])('is refused with %s, in words that repeat none of it', (_sentence, text, message) => {
    const act = () => parsePortableKubeconfig(text);
    expect(act).toThrow(KubeconfigInvalid);
    expect(act).toThrow(message);
    expect(act).not.toThrow('secret-text');
  });
});

describe('a kubeconfig of several', () => {
  it('may lack a context, until something is to be reached by it', async () => {
    const file = join(workspace.directory, 'kubeconfig');
    await writeFile(file, 'kind: Config\n');
    const kubeconfig = readKubeconfig(file);
    expect(() => requireCluster(kubeconfig)).toThrow('names no cluster');
  });
});
