import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, type Workspace } from '../../infra/local/stack/workspace.ts';
import { readingTokenAnew } from './token-file.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

async function authorizationOf(kubeconfig: KubeConfig): Promise<unknown> {
  const options: { headers?: Readonly<Record<string, unknown>> } = {};
  await kubeconfig.applyToHTTPSOptions(options);
  return options.headers?.['Authorization'];
}

function aKubeconfig(user: object): KubeConfig {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromClusterAndUser({ name: 'c', server: 'https://127.0.0.1:1', skipTLSVerify: true }, { name: 'u', ...user });
  return readingTokenAnew(kubeconfig);
}

describe('a token in a file', () => {
  it('is read before each request, without the end of its line', async () => {
    const path = join(workspace.directory, 'token');
    const kubeconfig = aKubeconfig({ authProvider: { name: 'tokenFile', config: { tokenFile: path } } });
    await writeFile(path, 'the-first\n');
    expect(await authorizationOf(kubeconfig)).toBe('Bearer the-first');
    await writeFile(path, 'the-second');
    expect(await authorizationOf(kubeconfig)).toBe('Bearer the-second');
  });

  it('that is gone is trouble which names the file, and no request without a token', async () => {
    const path = join(workspace.directory, 'gone');
    const kubeconfig = aKubeconfig({ authProvider: { name: 'tokenFile', config: { tokenFile: path } } });
    await expect(authorizationOf(kubeconfig)).rejects.toThrow(path);
    await writeFile(path, 'back');
    expect(await authorizationOf(kubeconfig)).toBe('Bearer back');
    await rm(path);
  });

  it('leaves a token that the kubeconfig itself holds alone', async () => {
    expect(await authorizationOf(aKubeconfig({ token: 'held' }))).toBe('Bearer held');
  });
});
