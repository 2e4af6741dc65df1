import { theKubectl } from '../support/the-kubectl.ts';
import { givenCluster, livingControlPlane, quietControlPlane } from './clusters.ts';
import { conformance, livingConformance, servedConformance } from './suite.ts';

/** A cluster that is there already, in place of one that is started; then the suites of living clusters are left out. */
const kubeconfigFile = process.env['KUBERNAUT_CONFORMANCE_KUBECONFIG'] ?? '';

conformance('a kube-apiserver', () => (kubeconfigFile === '' ? quietControlPlane() : givenCluster(kubeconfigFile)));
livingConformance('a control plane', livingControlPlane, { when: kubeconfigFile === '' });
servedConformance('a control plane', livingControlPlane, { kubectl: (await theKubectl()).path, when: kubeconfigFile === '' });
