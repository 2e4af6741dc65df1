import { givenCluster, kubectlPath, livingControlPlane, quietControlPlane } from './clusters.ts';
import { conformance, livingConformance, servedConformance } from './suite.ts';

/** `real`: a control plane is started for these suites. */
const isAsked = process.env['KUBERNAUT_CONFORMANCE_CLUSTER'] === 'real';

/** A cluster that is there already, in its place; then the suites of living clusters are left out. */
const kubeconfigFile = process.env['KUBERNAUT_CONFORMANCE_KUBECONFIG'] ?? '';

conformance('a kube-apiserver', () => (kubeconfigFile === '' ? quietControlPlane() : givenCluster(kubeconfigFile)), { when: isAsked || kubeconfigFile !== '' });
livingConformance('a control plane', livingControlPlane, { when: isAsked && kubeconfigFile === '' });
servedConformance('a control plane', livingControlPlane, { kubectl: await kubectlPath(), when: isAsked && kubeconfigFile === '' });
