import { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { awsAccess, type AwsAccess } from './aws-access.ts';
import { describeEksCluster, type EksCluster } from './eks-cluster.ts';
import { eksTokens, type EksTokens } from './eks-token.ts';
import { httpsTransport } from './https-transport.ts';
import { renewingTransport } from './renewing-transport.ts';
import type { Transport } from './request.ts';
import { stringAt } from './unstructured.ts';

const provider = 'kubernaut-eks';

/** An EKS cluster as the AWS role of this process. Throws AwsAccessFailed when nobody says where it is. */
export async function eksTransport(name: string, environment: Environment, clock: Clock, access = awsAccess(environment.AWS_REGION ?? '')): Promise<Transport> {
  const tokens = eksTokens(name, access, clock);
  const transport = httpsTransport(kubeconfigOf(await locate(name, environment, { access, clock }), tokens));
  return renewingTransport(
    {
      async open(refused) {
        if (refused) tokens.forget();
        return transport;
      },
      refusedRemedy: `the EKS cluster ${name} does not take the role of this function: make an access entry for it, as docs/operations.md says, and see that its clock is right`,
      unreachedRemedy: `give the function the VPC of the EKS cluster ${name} and a security group that it lets in, or let its endpoint be public`,
    },
    clock,
  );
}

/** Given by the settings, it costs neither a call at each cold start nor a permission. */
async function locate(name: string, environment: Environment, { access, clock }: { readonly access: AwsAccess; readonly clock: Clock }): Promise<EksCluster> {
  const { KUBERNAUT_EKS_ENDPOINT: endpoint, KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: certificateAuthority } = environment;
  if (endpoint !== undefined && certificateAuthority !== undefined) return { endpoint, certificateAuthority };
  const serviceEndpoint = environment.AWS_ENDPOINT_URL_EKS ?? environment.AWS_ENDPOINT_URL;
  return describeEksCluster({ name, access, clock, serviceEndpoint });
}

function kubeconfigOf({ endpoint, certificateAuthority }: EksCluster, tokens: EksTokens): KubeConfig {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromClusterAndUser(
    { name: 'eks', server: endpoint, skipTLSVerify: false, caData: certificateAuthority },
    { name: 'role', authProvider: { name: provider, config: {} } },
  );
  kubeconfig.addAuthenticator({
    isAuthProvider: (user) => stringAt(user, 'authProvider', 'name') === provider,
    async applyAuthentication(_user, options) {
      options.headers = { ...options.headers, Authorization: `Bearer ${await tokens.token()}` };
    },
  });
  return kubeconfig;
}
