import { functionAccess, type FunctionAccess, type SecretName } from './access.ts';
import { databaseSecret } from './database.ts';
import { deployedName, queueArn, roleResource, type Resource, type Resources } from './names.ts';
import { runsInNetwork } from './network.ts';
import type { Stage } from './stage.ts';

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: unknown;
}

/** A role for each function, with what functionAccess says and nothing more. */
export function rolesOf(stage: Stage): Resources {
  return Object.fromEntries(Object.entries(functionAccess).map(([name, access]) => [roleResource(name), roleOf(stage, name, access)]));
}

export function policyOf(name: string, statements: readonly Statement[]): object {
  return { PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement: statements } };
}

function roleOf(stage: Stage, name: string, access: FunctionAccess): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [policyOf(name, statementsOf(stage, name, access))],
    },
  };
}

function statementsOf(stage: Stage, name: string, access: FunctionAccess): readonly Statement[] {
  const { takes, sends, measures, secrets } = access;
  const asksEks = stage.eksCluster !== undefined && stage.eksEndpoint === undefined && secrets.includes('kubeconfig');
  return [
    ...(takes === null ? [] : [allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], queueArn(takes))]),
    ...(sends.length === 0 ? [] : [allow(['sqs:SendMessage'], sends.map(queueArn))]),
    ...(measures.length === 0 ? [] : [allow(['sqs:GetQueueAttributes'], measures.map(queueArn))]),
    ...secrets.flatMap((secret) => secretStatements(stage, secret)),
    ...(asksEks ? [allow(['eks:DescribeCluster'], regional('eks', `cluster/${stage.eksCluster}`))] : []),
    ...(runsInNetwork(stage, access) ? [inNetwork] : []),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], regional('logs', `log-group:/aws/lambda/${deployedName(stage, name)}:*`)),
  ];
}

/** A function in a VPC needs these, and EC2 takes no narrower resource for some of them. */
const inNetwork = allow(
  [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  '*',
);

function secretStatements(stage: Stage, secret: SecretName): readonly Statement[] {
  if (secret === 'databaseUrl' && stage.database.aurora !== undefined) return [allow(['secretsmanager:GetSecretValue'], databaseSecret(stage))];
  const source = stage.secrets[secret];
  if (source === undefined) return [];
  const read =
    typeof source === 'string' ? allow(['secretsmanager:GetSecretValue'], secretArn(source)) : allow(['ssm:GetParameter'], parameterArn(source.parameter));
  return [read, ...(stage.secrets.keyArn === undefined ? [] : [allow(['kms:Decrypt'], stage.secrets.keyArn)])];
}

/** Secrets Manager adds six characters to a name when it makes the ARN. */
function secretArn(id: string): unknown {
  return id.startsWith('arn:') ? id : regional('secretsmanager', `secret:${id}-??????`);
}

function parameterArn(name: string): unknown {
  return name.startsWith('arn:') ? name : regional('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);
}

function allow(Action: readonly string[], Resource: unknown): Statement {
  return { Effect: 'Allow', Action, Resource };
}

function regional(service: string, rest: string): object {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}` };
}
