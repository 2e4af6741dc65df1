import { KubeConfig } from '@kubernetes/client-node';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import { conformance } from './suite.ts';

/**
 * A kubeconfig of an administrator of a cluster that is there to be played with: kube-apiserver, etcd, and a controller-manager
 * that leaves Deployments alone (--controllers=garbage-collector-controller,namespace-controller,serviceaccount-controller).
 */
const kubeconfigFile = process.env['KUBERNAUT_CONFORMANCE_KUBECONFIG'] ?? '';

/** `1` once its API server was restarted, or its etcd compacted. */
const expiredVersion = process.env['KUBERNAUT_CONFORMANCE_EXPIRED_VERSION'] ?? null;

const pauseMilliseconds = 100;

conformance(
  'a kube-apiserver',
  async () => {
    const kubeconfig = new KubeConfig();
    kubeconfig.loadFromFile(kubeconfigFile);
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, pauseMilliseconds));
    const elapse = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
    return { transport: httpsTransport(kubeconfig), expiredVersion, pause, elapse, close: async () => undefined };
  },
  { when: kubeconfigFile !== '' },
);
