import { describe, expect, it } from 'vitest';
import { everyPiece, otherPieces } from '../../test/support/stages.ts';
import { valueAt } from '../../shared/kubernetes/unstructured.ts';
import { functionAccess } from './access.ts';
import type { Resources } from './names.ts';
import { templatePart } from './template.ts';

const secrets = { webhookTokens: 'tokens', admissionPath: 'path', kubeconfig: 'kubeconfig', databaseUrl: 'database' };
const plain = { region: 'eu-central-1', secrets, logRetentionDays: 14 };

const stackOf = (parameters: object) =>
  templatePart('stack', 'kubernaut', 'dev', parameters) as { readonly Resources: Resources; readonly Outputs: Readonly<Record<string, unknown>> };
const environmentOf = (parameters: object) => templatePart('environment', 'kubernaut', 'dev', parameters);
const ofType = (parameters: object, type: string) => Object.entries(stackOf(parameters).Resources).filter(([, { Type }]) => Type === type);

describe("the watcher's identity", () => {
  it('may send to the queues of the kinds and nothing else, whoever it is', () => {
    const { WatcherPolicy, WatcherRole } = stackOf(plain).Resources;
    const queues = ['RemediationRequests', 'RemediationProcessings', 'AiAnalyses', 'WorkflowExecutions', 'KubernetesExecutions'];
    expect(WatcherPolicy?.Properties['PolicyDocument']).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: queues.map((queue) => ({ 'Fn::GetAtt': [`${queue}Queue`, 'Arn'] })) }],
    });
    expect(WatcherRole).toBeUndefined();
    expect(stackOf(plain).Outputs).toMatchObject({ WatcherPolicyArn: { Value: { Ref: 'WatcherPolicy' } } });
  });

  it("is a role for the watcher's ServiceAccount alone, by the cluster's own issuer", () => {
    const issuer = 'oidc.eks.eu-central-1.amazonaws.com/id/ABCDEF0123456789';
    expect(stackOf(everyPiece).Resources['WatcherRole']?.Properties).toEqual({
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: everyPiece.watcher.oidcProviderArn },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: 'system:serviceaccount:kubernaut-system:kubernaut-watcher' },
            },
          },
        ],
      },
      ManagedPolicyArns: [{ Ref: 'WatcherPolicy' }],
    });
    expect(stackOf(everyPiece).Outputs).toHaveProperty('WatcherRoleArn');
  });

  it('is a role by pod identity where the stage says so', () => {
    const { WatcherRole, WatcherPodIdentity } = stackOf(otherPieces).Resources;
    expect(WatcherRole?.Properties).toMatchObject({ AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'pods.eks.amazonaws.com' } }] } });
    expect(WatcherPodIdentity?.Properties).toMatchObject({ ClusterName: 'main', Namespace: 'kubernaut-system', ServiceAccount: 'kubernaut-watcher' });
  });
});

describe('alerts by SNS', () => {
  it('are off unless asked for', () => {
    expect(ofType(plain, 'AWS::SNS::Subscription')).toEqual([]);
    expect(JSON.stringify(stackOf(plain).Resources['AlertsQueuePolicy'])).not.toContain('sns.amazonaws.com');
  });

  it.each<[sentence: string, parameters: object, topicArn: unknown, raw: boolean]>([
    ['of ours', everyPiece, { Ref: 'AlertTopic' }, true],
    ['that exists', otherPieces, otherPieces.alertTopic.topicArn, false],
  ])('reach the alerts queue from a topic %s, and from no other', (_sentence, parameters, topicArn, raw) => {
    const { AlertSubscription, AlertsQueuePolicy } = stackOf(parameters).Resources;
    expect(AlertSubscription?.Properties).toEqual({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: { 'Fn::GetAtt': ['AlertsQueue', 'Arn'] },
      RawMessageDelivery: raw,
    });
    expect(AlertsQueuePolicy?.Properties).toMatchObject({
      PolicyDocument: {
        Statement: [{ Sid: 'RefusePlainHttp' }, { Sid: 'AlertsBySns', Effect: 'Allow', Condition: { ArnEquals: { 'aws:SourceArn': topicArn } } }],
      },
    });
  });

  it('are encrypted in the topic by the key of the stage', () => {
    expect(stackOf(everyPiece).Resources['AlertTopic']?.Properties).toMatchObject({ KmsMasterKeyId: everyPiece.alertTopic.keyArn });
    expect(stackOf({ ...plain, alertTopic: {} }).Resources['AlertTopic']?.Properties).not.toHaveProperty('KmsMasterKeyId');
  });

  it('may be published by the workspace alone', () => {
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'aps.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': everyPiece.alertTopic.workspaceArn } },
    };
    expect(stackOf(everyPiece).Resources['AlertTopicPolicy']?.Properties).toMatchObject({
      PolicyDocument: { Statement: [statement, { Sid: 'RefusePlainHttp', Effect: 'Deny' }] },
    });
    expect(ofType(otherPieces, 'AWS::SNS::TopicPolicy')).toEqual([]);
  });
});

describe('an EKS cluster', () => {
  it('lets in the roles of the functions that reach it, as the group that admission knows', () => {
    const entries = ofType(everyPiece, 'AWS::EKS::AccessEntry').map(([name, { Properties }]) => [
      name.replace('AccessEntry', ''),
      Properties['KubernetesGroups'],
    ]);
    const reaching = ['AlertIntake', 'RemediationOrchestrator', 'RemediationProcessing', 'AiAnalysis', 'WorkflowExecution', 'KubernetesExecution', 'Sweeper'];
    expect(entries).toEqual(reaching.map((name) => [name, ['kubernaut:functions']]));
    expect(environmentOf(everyPiece)).toMatchObject({ KUBERNAUT_FUNCTIONS_GROUPS: 'kubernaut:functions' });
    expect(JSON.stringify(stackOf(everyPiece).Resources['SweeperRole'])).toContain('eks:DescribeCluster');
    expect(ofType({ ...everyPiece, eksAccessEntries: false }, 'AWS::EKS::AccessEntry')).toEqual([]);
  });

  it('is not asked about where the stage says where it is', () => {
    expect(JSON.stringify(stackOf(otherPieces))).not.toContain('eks:DescribeCluster');
    expect(environmentOf(otherPieces)).toMatchObject({
      KUBERNAUT_EKS_ENDPOINT: otherPieces.eksEndpoint,
      KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: otherPieces.eksCertificateAuthority,
    });
    expect(environmentOf(everyPiece)).not.toHaveProperty('KUBERNAUT_EKS_ENDPOINT');
  });

  it('is not asked about where a kubeconfig says it all', () => {
    expect(ofType(plain, 'AWS::EKS::AccessEntry')).toEqual([]);
    expect(JSON.stringify(stackOf(plain))).not.toContain('eks:');
  });
});

describe('a secret', () => {
  it('is named by its ARN as it is, by its name with what the store adds, and its key may be used', () => {
    const [byArn, byName] = [stackOf(everyPiece).Resources['AlertWebhookRole'], stackOf(plain).Resources['AlertWebhookRole']].map((role) =>
      JSON.stringify(role),
    );
    expect(byArn).toContain(`"Resource":"${everyPiece.secrets.webhookTokens}"`);
    expect(byArn).toContain(`"Action":["kms:Decrypt"],"Resource":"${everyPiece.secrets.keyArn}"`);
    expect(byName).toContain(':secret:tokens-??????');
    expect(byName).not.toContain('kms:');
  });

  it('may lie in the parameter store, and is then read there alone', () => {
    const role = (secrets: object) => JSON.stringify(stackOf({ ...plain, secrets: { ...plain.secrets, ...secrets } }).Resources['AlertWebhookRole']);
    for (const parameter of ['/kubernaut/tokens', 'kubernaut/tokens']) {
      const text = role({ webhookTokens: { parameter } });
      expect(text).toContain('"Action":["ssm:GetParameter"]');
      expect(text).toContain(':parameter/kubernaut/tokens"');
      expect(text).not.toContain('secretsmanager:');
    }
    const arn = 'arn:aws:ssm:eu-central-1:123456789012:parameter/shared/tokens';
    expect(role({ webhookTokens: { parameter: arn } })).toContain(`"Resource":"${arn}"`);
  });
});

describe('the network', () => {
  const inside = (parameters: object) => {
    const { networks } = templatePart('settings', 'kubernaut', 'dev', parameters) as { readonly networks: Readonly<Record<string, object | false>> };
    return Object.keys(networks).filter((name) => networks[name] !== false);
  };
  const rolesInNetwork = (parameters: object) =>
    Object.entries(stackOf(parameters).Resources).flatMap(([name, role]) => (JSON.stringify(role).includes('ec2:CreateNetworkInterface') ? [name] : []));

  it('is that of the functions that speak to the database', () => {
    expect(inside(everyPiece)).toEqual(['ai-analysis', 'audit-writer']);
    expect(rolesInNetwork(everyPiece)).toEqual(['AiAnalysisRole', 'AuditWriterRole']);
    expect(stackOf(everyPiece).Outputs).toHaveProperty('NetworkClientsGroupId');
  });

  it('is that of all but the webhooks where the API server is reached in it', () => {
    expect(inside(otherPieces)).toEqual(Object.keys(functionAccess).filter((name) => !name.endsWith('-webhook')));
    expect(rolesInNetwork(otherPieces)).toHaveLength(inside(otherPieces).length);
    expect(stackOf(otherPieces).Resources['NetworkClients']?.Properties).not.toHaveProperty('SecurityGroupIngress');
  });

  it('is there only where it is asked for', () => {
    expect(inside(plain)).toEqual([]);
    expect(stackOf(plain).Outputs).not.toHaveProperty('NetworkClientsGroupId');
    expect(ofType(plain, 'AWS::EC2::SecurityGroup')).toEqual([]);
  });
});

describe('an audit database of its own', () => {
  const { Resources } = stackOf(everyPiece);
  const settingsOf = (parameters: object) => templatePart('settings', 'kubernaut', 'dev', parameters);

  it('is encrypted, private, kept as a snapshot, and reached by the functions alone', () => {
    expect(Resources['DatabaseCluster']).toMatchObject({
      DeletionPolicy: 'Snapshot',
      Properties: { StorageEncrypted: true, ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 } },
    });
    expect(Resources['DatabaseInstance']?.Properties).toMatchObject({ DBInstanceClass: 'db.serverless', PubliclyAccessible: false });
    expect(Resources['DatabaseAccess']?.Properties['SecurityGroupIngress']).toMatchObject([
      { FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: { 'Fn::GetAtt': ['NetworkClients', 'GroupId'] } },
    ]);
  });

  it('has an address with verified TLS in a secret that two functions read, and no password in the template', () => {
    const address = valueAt(Resources['DatabaseUrl']?.Properties, 'SecretString', 'Fn::Sub');
    expect(address).toMatch(/^postgres:\/\/kubernaut:\{\{resolve:secretsmanager:\$\{DatabasePassword\}:SecretString:password\}\}@.*\?sslmode=verify-full$/);
    const readers = Object.entries(Resources).filter(
      ([name, role]) => name.endsWith('Role') && JSON.stringify(role).includes('"Resource":{"Ref":"DatabaseUrl"}'),
    );
    expect(readers.map(([name]) => name)).toEqual(['AiAnalysisRole', 'AuditWriterRole']);
    expect(settingsOf(everyPiece)).toMatchObject({
      secrets: { databaseUrl: { Ref: 'DatabaseUrl' } },
      networks: { 'audit-writer': { subnetIds: everyPiece.network.subnetIds } },
      extraAuthorities: '/var/runtime/ca-cert.pem',
    });
  });

  it('is off unless asked for, with the network and the authorities', () => {
    expect(ofType(plain, 'AWS::RDS::DBCluster')).toEqual([]);
    expect(settingsOf(plain)).toMatchObject({ networks: { 'audit-writer': false }, extraAuthorities: '' });
    expect(settingsOf(otherPieces)).toMatchObject({
      extraAuthorities: '/var/runtime/ca-cert.pem',
      secrets: { databaseUrl: 'kubernaut/database-url' },
    });
    expect(JSON.stringify(stackOf(plain))).not.toContain('ec2:');
  });
});

describe('an emulator', () => {
  it('is where the functions send to, and nobody else is told', () => {
    expect(environmentOf({ ...plain, endpoint: 'http://127.0.0.1:4566' })).toMatchObject({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      KUBERNAUT_QUEUE_URL_PREFIX: { 'Fn::Sub': 'http://127.0.0.1:4566/${AWS::AccountId}/kubernaut-dev-' },
    });
    expect(environmentOf(plain)).not.toHaveProperty('AWS_ENDPOINT_URL');
  });
});
