import { readFile } from 'node:fs/promises';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { stringAt } from './unstructured.ts';

const provider = 'kubernaut-token-file';

/**
 * Reads the token of a file before each request. client-node itself keeps what it read for a minute, so that a new token would come into use that much later, and
 * takes the end of the line that an editor leaves for a part of it, which no header can hold.
 */
export function readingTokenAnew(kubeconfig: KubeConfig): KubeConfig {
  kubeconfig.users = kubeconfig.users.map((user) => {
    const path = tokenFileOf(user);
    return path === null ? user : { ...user, authProvider: { name: provider, config: { path } } };
  });
  kubeconfig.addAuthenticator(tokenReader);
  return kubeconfig;
}

const tokenReader: Parameters<KubeConfig['addAuthenticator']>[0] = {
  isAuthProvider: (user) => stringAt(user, 'authProvider', 'name') === provider,
  async applyAuthentication(user, options) {
    const token = await readFile(stringAt(user, 'authProvider', 'config', 'path') ?? '', 'utf8');
    options.headers = { ...options.headers, Authorization: `Bearer ${token.trim()}` };
  },
};

/** Where `loadFromCluster` says that the pod's token lies; a kubeconfig may say it the same way. */
function tokenFileOf(user: User): string | null {
  return stringAt(user, 'authProvider', 'config', 'tokenFile');
}
