import type { Resources } from './names.ts';
import { clientsGroup } from './network.ts';
import { secretIdOf } from './secret-source.ts';
import type { Stage } from './stage.ts';

const port = 5432;
const databaseName = 'kubernaut';
const userName = 'kubernaut';
const engineVersion = '17.6'; // asks for TLS by default

/**
 * An Aurora PostgreSQL that grows and shrinks by itself, in subnets of the stage, for the audit: encrypted, kept as a snapshot when the stack goes, its
 * password known to two secrets alone. Nothing unless the stage asks for it: any PostgreSQL does.
 */
export function databaseOf(stage: Stage): Resources {
  const { network, database } = stage;
  return network !== undefined && database.aurora !== undefined ? cluster(stage, network, database.aurora) : {};
}

/** What the secret of the address is to CloudFormation: ours, or the one that the stage names; empty where it lies in a parameter. */
export function databaseSecret({ secrets, database }: Stage): unknown {
  return database.aurora === undefined ? secretIdOf(secrets.databaseUrl) : { Ref: 'DatabaseUrl' };
}

type Network = NonNullable<Stage['network']>;
type Aurora = NonNullable<Stage['database']['aurora']>;

function cluster({ service, name }: Stage, { vpcId: VpcId, subnetIds: SubnetIds }: Network, { minCapacity, maxCapacity }: Aurora): Resources {
  const fromClients = {
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
    SourceSecurityGroupId: clientsGroup,
    Description: 'The functions alone',
  };
  return {
    DatabaseAccess: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'The audit database of kubernaut', VpcId, SecurityGroupIngress: [fromClients] },
    },
    DatabaseSubnets: { Type: 'AWS::RDS::DBSubnetGroup', Properties: { DBSubnetGroupDescription: 'The audit database of kubernaut', SubnetIds } },
    DatabasePassword: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: {
        Description: `Password of the audit database of ${service}-${name}`,
        // Letters and digits, which need no escape in an address.
        GenerateSecretString: {
          SecretStringTemplate: JSON.stringify({ username: userName }),
          GenerateStringKey: 'password',
          PasswordLength: 40,
          ExcludePunctuation: true,
        },
      },
    },
    DatabaseCluster: {
      Type: 'AWS::RDS::DBCluster',
      DeletionPolicy: 'Snapshot',
      UpdateReplacePolicy: 'Snapshot',
      Properties: {
        Engine: 'aurora-postgresql',
        EngineVersion: engineVersion,
        DatabaseName: databaseName,
        MasterUsername: userName,
        MasterUserPassword: password,
        DBSubnetGroupName: { Ref: 'DatabaseSubnets' },
        VpcSecurityGroupIds: [{ 'Fn::GetAtt': ['DatabaseAccess', 'GroupId'] }],
        ServerlessV2ScalingConfiguration: { MinCapacity: minCapacity, MaxCapacity: maxCapacity },
        StorageEncrypted: true,
        BackupRetentionPeriod: 7,
        CopyTagsToSnapshot: true,
      },
    },
    DatabaseInstance: {
      Type: 'AWS::RDS::DBInstance',
      Properties: { Engine: 'aurora-postgresql', DBInstanceClass: 'db.serverless', DBClusterIdentifier: { Ref: 'DatabaseCluster' }, PubliclyAccessible: false },
    },
    DatabaseUrl: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Description: `Address of the audit database of ${service}-${name}`, SecretString: address },
    },
  };
}

const password = { 'Fn::Sub': '{{resolve:secretsmanager:${DatabasePassword}:SecretString:password}}' };
const address = {
  'Fn::Sub': `postgres://${userName}:{{resolve:secretsmanager:\${DatabasePassword}:SecretString:password}}@\${DatabaseCluster.Endpoint.Address}:${port}/${databaseName}?sslmode=verify-full`,
};
