import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { kubeconfigYaml } from '../../infra/local/sandbox/https-kubeconfig.ts';
import type { LocalStack } from '../../infra/local/stack/local-stack.ts';
import { createObject } from '../../infra/local/stack/install.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { defaultNamespace } from '../../shared/api/labels.ts';
import { successOf } from '../../shared/kubernetes/cluster.ts';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import type { PolicyRule } from '../../shared/kubernetes/ports.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';

type Cluster = Pick<LocalStack, 'admin' | 'apiUrl' | 'caPem' | 'directory' | 'kubeconfigOf'>;

/** Where a role is given: in our namespace, or in all. */
export type Scope = 'ours' | 'everywhere';

const rbac = 'rbac.authorization.k8s.io';

/** Binds a user to a ClusterRole. */
export async function bind({ admin }: Pick<Cluster, 'admin'>, name: string, role: string, scope: Scope = 'ours'): Promise<void> {
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: role };
  const subjects = [{ apiGroup: rbac, kind: 'User', name }];
  const [kind, place] = scope === 'ours' ? ['RoleBinding', { namespace: defaultNamespace }] : ['ClusterRoleBinding', {}];
  await createObject(admin, { apiVersion: `${rbac}/v1`, kind, metadata: { name: `${name}-${role}`, ...place }, roleRef, subjects });
}

export async function createClusterRole({ admin }: Pick<Cluster, 'admin'>, name: string, rules: readonly PolicyRule[]): Promise<void> {
  await createObject(admin, { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules });
}

/** Path of a kubeconfig with a token of a ServiceAccount in our namespace. */
export async function accountKubeconfig({ admin, apiUrl: url, caPem, directory }: Cluster, account: string): Promise<string> {
  const body: JsonObject = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } };
  const path = `/api/v1/namespaces/${defaultNamespace}/serviceaccounts/${account}/token`;
  const request = { method: 'POST', path, body } as const;
  const { status } = successOf(request, await admin.send(request, 10_000)) as unknown as { readonly status: { readonly token: string } };
  const file = join(directory, `${account}-of-a-test.kubeconfig`);
  await writeFile(file, kubeconfigYaml({ url, caPem, token: status.token, namespace: defaultNamespace }), { mode: 0o600 });
  return file;
}

/** The API as whoever a kubeconfig is of. */
export function transportBy(kubeconfigFile: string): Transport {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(kubeconfigFile);
  return httpsTransport(kubeconfig);
}
