import { functionAccess } from './access.ts';
import { camelCase, roleResource, type Resources } from './names.ts';
import type { Stage } from './stage.ts';

/** The group that the chart binds by `functions.groups`. */
export const functionsGroup = 'kubernaut:functions';

/** Lets the role of each function that reaches the EKS cluster in, as a member of one group. */
export function accessEntriesOf({ eksCluster, eksAccessEntries }: Stage): Resources {
  if (eksCluster === undefined || !eksAccessEntries) return {};
  const reaching = Object.entries(functionAccess).filter(([, { secrets }]) => secrets.includes('kubeconfig'));
  return Object.fromEntries(
    reaching.map(([name]) => [
      `${camelCase(name)}AccessEntry`,
      {
        Type: 'AWS::EKS::AccessEntry',
        Properties: {
          ClusterName: eksCluster,
          PrincipalArn: { 'Fn::GetAtt': [roleResource(name), 'Arn'] },
          KubernetesGroups: [functionsGroup],
          Type: 'STANDARD',
        },
      },
    ]),
  );
}
