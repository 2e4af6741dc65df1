import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import { KubeconfigInvalid, readKubeconfig, requireCluster } from '../../shared/kubernetes/kubeconfig.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { readingTokenAnew } from '../../shared/kubernetes/token-file.ts';
import { Misconfigured, type WatcherEnvironment } from './environment.ts';

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** The API server by a kubeconfig file, or as the pod's ServiceAccount, whose token is read anew as it is renewed. */
export function connectTransport({ KUBERNAUT_KUBECONFIG_FILE: file }: WatcherEnvironment, variables: Readonly<Record<string, string | undefined>>): Transport {
  return httpsTransport(file === undefined ? ofThePod(variables) : ofTheFile(file));
}

function ofThePod(variables: Readonly<Record<string, string | undefined>>): KubeConfig {
  if ((variables['KUBERNETES_SERVICE_HOST'] ?? '') === '' || !existsSync(tokenFile))
    throw new Misconfigured('KUBERNAUT_KUBECONFIG_FILE: must name a kubeconfig outside of a cluster: no ServiceAccount is mounted here');
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromCluster();
  return readingTokenAnew(kubeconfig);
}

function ofTheFile(file: string): KubeConfig {
  try {
    return requireCluster(readKubeconfig(file));
  } catch (cause) {
    const remedy = cause instanceof KubeconfigInvalid ? cause.message : 'give the path of a kubeconfig';
    throw new Misconfigured(`KUBERNAUT_KUBECONFIG_FILE: ${file} cannot be read: ${remedy}`, { cause });
  }
}
