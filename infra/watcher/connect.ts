import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { Misconfigured, type WatcherEnvironment } from './environment.ts';
import { readingTokenAnew } from './token-file.ts';

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** The API server by a kubeconfig file, or as the pod's ServiceAccount, whose token is read anew as it is renewed. */
export function connectTransport({ KUBERNAUT_KUBECONFIG_FILE: file }: WatcherEnvironment, variables: Readonly<Record<string, string | undefined>>): Transport {
  const kubeconfig = new KubeConfig();
  if (file === undefined) {
    if ((variables['KUBERNETES_SERVICE_HOST'] ?? '') === '' || !existsSync(tokenFile))
      throw new Misconfigured('KUBERNAUT_KUBECONFIG_FILE: must name a kubeconfig outside of a cluster: no ServiceAccount is mounted here');
    kubeconfig.loadFromCluster();
  } else load(kubeconfig, file);
  return httpsTransport(readingTokenAnew(kubeconfig));
}

/** A kubeconfig holds secrets, so an error of its parser is not repeated. */
function load(kubeconfig: KubeConfig, file: string): void {
  try {
    kubeconfig.loadFromFile(file);
  } catch (cause) {
    throw new Misconfigured(`KUBERNAUT_KUBECONFIG_FILE: ${file} cannot be read: give the path of a kubeconfig`, { cause });
  }
  if (kubeconfig.getCurrentCluster() === null) throw new Misconfigured(`KUBERNAUT_KUBECONFIG_FILE: the current context of ${file} names no cluster`);
}
