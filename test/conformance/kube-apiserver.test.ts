import { KubeConfig } from '@kubernetes/client-node';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import { conformance } from './suite.ts';

/** A kubeconfig of an administrator of a cluster that is there to be played with: kube-apiserver, controller-manager, etcd. */
const kubeconfigFile = process.env['KUBERNAUT_CONFORMANCE_KUBECONFIG'] ?? '';

const pauseMilliseconds = 100;

conformance(
  'a kube-apiserver',
  async () => {
    const kubeconfig = new KubeConfig();
    kubeconfig.loadFromFile(kubeconfigFile);
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, pauseMilliseconds));
    return { transport: httpsTransport(kubeconfig), pause, close: async () => undefined };
  },
  { when: kubeconfigFile !== '' },
);
