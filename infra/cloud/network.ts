import { functionAccess, type FunctionAccess } from './access.ts';
import type { Resources } from './names.ts';
import type { Stage } from './stage.ts';

/** The security group of the functions that run in the stage's network. */
export const clientsGroup = { 'Fn::GetAtt': ['NetworkClients', 'GroupId'] } as const;

/** Outwards anything: these functions send to SQS, read secrets and write logs as the others do. Nobody calls in. */
export function networkOf({ network }: Stage): Resources {
  if (network === undefined) return {};
  const SecurityGroupEgress = [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0', Description: 'SQS, Secrets Manager, the cluster, the database' }];
  const GroupDescription = 'Functions of kubernaut that run in this network';
  return { NetworkClients: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription, VpcId: network.vpcId, SecurityGroupEgress } } };
}

/** Those that speak to the database, and those that speak to the cluster where the stage says so. The two webhooks are called from outside and call nothing but AWS. */
export function runsInNetwork({ network }: Stage, { secrets }: FunctionAccess): boolean {
  if (network === undefined) return false;
  return secrets.includes('databaseUrl') || (network.reachesCluster && secrets.includes('kubeconfig'));
}

/** By a function's name: where it runs; false: outside of any network, where it reaches what is public. */
export function networksOf(stage: Stage): Readonly<Record<string, object | false>> {
  const inside = { subnetIds: stage.network?.subnetIds ?? [], securityGroupIds: [clientsGroup] };
  return Object.fromEntries(Object.entries(functionAccess).map(([name, access]) => [name, runsInNetwork(stage, access) && inside]));
}
