import { KubeConfig } from '@kubernetes/client-node';
import type { Environment } from '../environment.ts';
import { createCluster } from './cluster.ts';
import { httpsTransport } from './https-transport.ts';
import type { Cluster } from './ports.ts';
import type { Transport } from './request.ts';
import { readSecret } from '../secrets.ts';
import { callTimeoutMilliseconds } from '../time-left.ts';

const callMillisecondsMax = 8_000; // every function has at least 30 s, and a pass asks few things one after another

/** The cluster that the environment names, by kubeconfig from a file or from a secret. */
export async function connectCluster(environment: Environment): Promise<Cluster> {
  return createCluster({
    transport: await connectTransport(environment),
    namespace: environment.KUBERNAUT_NAMESPACE,
    timeoutMilliseconds: () => callTimeoutMilliseconds(callMillisecondsMax),
  });
}

export async function connectTransport(environment: Environment): Promise<Transport> {
  const kubeconfig = new KubeConfig();
  if (environment.KUBERNAUT_KUBECONFIG_FILE !== undefined) {
    kubeconfig.loadFromFile(environment.KUBERNAUT_KUBECONFIG_FILE);
  } else {
    kubeconfig.loadFromString(await readSecret('KUBERNAUT_KUBECONFIG', environment));
  }
  return httpsTransport(kubeconfig);
}
