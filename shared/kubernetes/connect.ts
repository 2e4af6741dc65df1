import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../clock.ts';
import { EnvironmentInvalid, type Environment } from '../environment.ts';
import { readSecret } from '../secrets.ts';
import { systemClock } from '../system-clock.ts';
import { callTimeoutMilliseconds } from '../time-left.ts';
import { createCluster } from './cluster.ts';
import { parseClusterSecret, secretTransports } from './cluster-secret.ts';
import { eksTransport } from './eks-transport.ts';
import { httpsTransport } from './https-transport.ts';
import { readKubeconfig, requireCluster } from './kubeconfig.ts';
import type { Cluster } from './ports.ts';
import { renewingTransport } from './renewing-transport.ts';
import type { Transport } from './request.ts';

const callMillisecondsMax = 8_000; // every function has at least 30 s, and a pass asks few things one after another

/** The cluster that the environment names: an EKS cluster, or one by a kubeconfig from a file, a secret or a parameter. */
export async function connectCluster(environment: Environment): Promise<Cluster> {
  return createCluster({
    transport: await connectTransport(environment),
    namespace: environment.KUBERNAUT_NAMESPACE,
    timeoutMilliseconds: () => callTimeoutMilliseconds(callMillisecondsMax),
  });
}

/** Throws EnvironmentInvalid, SecretUnreadable or AwsAccessFailed: one sentence that names the variable and the remedy. */
export async function connectTransport(environment: Environment, clock: Clock = systemClock): Promise<Transport> {
  if (environment.KUBERNAUT_EKS_CLUSTER !== undefined) return eksTransport(environment.KUBERNAUT_EKS_CLUSTER, environment, clock);
  if (environment.KUBERNAUT_KUBECONFIG_FILE !== undefined) return fileTransport(environment.KUBERNAUT_KUBECONFIG_FILE, clock);
  const variable = environment.KUBERNAUT_KUBECONFIG_PARAMETER === undefined ? 'KUBERNAUT_KUBECONFIG_SECRET' : 'KUBERNAUT_KUBECONFIG_PARAMETER';
  const open = secretTransports(
    () => readSecret('KUBERNAUT_KUBECONFIG', environment, { anew: true }),
    (text) => httpsTransport(parseClusterSecret(variable, text)),
    clock,
  );
  await open(false); // what is wrong with it is said before anything else
  return renewingTransport({ open, ...remediesOf(variable) }, clock);
}

function fileTransport(file: string, clock: Clock): Transport {
  let transport = httpsTransport(kubeconfigOf(file));
  return renewingTransport(
    {
      async open(refused) {
        if (refused) transport = httpsTransport(kubeconfigOf(file));
        return transport;
      },
      ...remediesOf('KUBERNAUT_KUBECONFIG_FILE'),
    },
    clock,
  );
}

function kubeconfigOf(file: string): KubeConfig {
  try {
    return requireCluster(readKubeconfig(file));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EnvironmentInvalid(`KUBERNAUT_KUBECONFIG_FILE: ${file} cannot be used: ${why}`, { cause });
  }
}

function remediesOf(variable: string) {
  return {
    refusedRemedy: `the credentials of ${variable} are not accepted: put a kubeconfig with a token that is still valid there`,
    unreachedRemedy: `is the server of ${variable} the right one, and is it reached from where the functions run (VPC, security group)?`,
  };
}
