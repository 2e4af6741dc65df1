import { kindQueues } from './access.ts';
import { queueArn, type Resource, type Resources } from './names.ts';
import type { Stage } from './stage.ts';

/** As infra/cluster/chart installs it. */
const account = { namespace: 'kubernaut-system', name: 'kubernaut-watcher' };

/**
 * What the watcher may do in AWS: send keys to the queues of the kinds. Always a policy, for a user with static keys; where the stage names an EKS cluster's way of
 * giving roles to pods, also a role that nobody but the watcher's account gets.
 */
export function watcherRoleOf({ watcher }: Stage): Resources {
  const { oidcProviderArn, podIdentityCluster } = watcher;
  return {
    WatcherPolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        Description: 'Sends the keys of changed resources to the queues of their kinds',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: kindQueues.map(queueArn) }] },
      },
    },
    ...(oidcProviderArn !== undefined && { WatcherRole: role(byServiceAccount(oidcProviderArn)) }),
    ...(podIdentityCluster !== undefined && { WatcherRole: role(byPodIdentity), WatcherPodIdentity: association(podIdentityCluster) }),
  };
}

function role(trust: object): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] }, ManagedPolicyArns: [{ Ref: 'WatcherPolicy' }] },
  };
}

/** IAM roles for service accounts: a token of the cluster's own issuer, made for STS and for this account. */
function byServiceAccount(oidcProviderArn: string): object {
  const issuer = oidcProviderArn.replace(/^.*:oidc-provider\//, '');
  return {
    Effect: 'Allow',
    Principal: { Federated: oidcProviderArn },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: `system:serviceaccount:${account.namespace}:${account.name}` } },
  };
}

const byPodIdentity = { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] };

function association(cluster: string): Resource {
  const RoleArn = { 'Fn::GetAtt': ['WatcherRole', 'Arn'] };
  return {
    Type: 'AWS::EKS::PodIdentityAssociation',
    Properties: { ClusterName: cluster, Namespace: account.namespace, ServiceAccount: account.name, RoleArn },
  };
}
