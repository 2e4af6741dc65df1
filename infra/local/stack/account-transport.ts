import { defaultNamespace } from '../../../shared/api/labels.ts';
import { parseEnvironment } from '../../../shared/environment.ts';
import { successOf } from '../../../shared/kubernetes/cluster.ts';
import { connectTransport } from '../../../shared/kubernetes/connect.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { kubeconfigYaml } from '../sandbox/https-kubeconfig.ts';
import type { Workspace } from './workspace.ts';

export interface AccountTransportOptions {
  readonly admin: Transport;
  readonly server: { readonly url: string; readonly caPem: string; readonly serverName?: string };
  readonly workspace: Workspace;
}

const tokenSeconds = 365 * 86_400; // as long as the server's certificate: a stack may run for weeks
const timeoutMilliseconds = 10_000;

/** The API over HTTPS as a ServiceAccount of the product, from a kubeconfig with a token of its own: the way the functions and the watcher reach a cluster. */
export async function accountTransport(account: string, { admin, server, workspace }: AccountTransportOptions): Promise<Transport> {
  const file = await workspace.write(`${account}.kubeconfig`, await accountKubeconfig(account, { admin, server }));
  const variables = { KUBERNAUT_KUBECONFIG_FILE: file, KUBERNAUT_QUEUE_URL_PREFIX: server.url };
  return connectTransport(parseEnvironment(variables, ['cluster']));
}

/** The text of a kubeconfig with a token of the account's own. */
export async function accountKubeconfig(account: string, { admin, server }: Omit<AccountTransportOptions, 'workspace'>): Promise<string> {
  return kubeconfigYaml({ ...server, token: await requestToken(admin, account), namespace: defaultNamespace });
}

async function requestToken(admin: Transport, account: string): Promise<string> {
  const path = `/api/v1/namespaces/${defaultNamespace}/serviceaccounts/${account}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: tokenSeconds } };
  const request = { method: 'POST', path, body } as const;
  const token = stringAt(successOf(request, await admin.send(request, timeoutMilliseconds)), 'status', 'token');
  if (token === null) throw new Error(`requesting a token for ${account}: the answer holds none`);
  return token;
}
