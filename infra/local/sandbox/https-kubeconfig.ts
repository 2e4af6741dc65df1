import { stringify } from 'yaml';

export interface Access {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** Of commands that name none; absent: default. */
  readonly namespace?: string;
  /** What its certificate calls the server, where that is not what the address says. */
  readonly serverName?: string;
}

/** A kubeconfig with one cluster, one user and one context, all of that name. Holds the token: write it for its owner alone. */
export function kubeconfigYaml({ url, caPem, token, namespace, serverName }: Access): string {
  const name = 'kubernaut-sandbox';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64'), 'tls-server-name': serverName } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace !== undefined && { namespace }) } }],
    'current-context': name,
  });
}
