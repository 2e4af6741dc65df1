import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionAccess } from '../../infra/cloud/access.ts';
import { deployedName, functionResource, queueResource, roleResource } from '../../infra/cloud/names.ts';
import { readServerlessFile } from '../../infra/local/stack/serverless-file.ts';
import { valueAt } from '../../shared/kubernetes/unstructured.ts';
import { queueNames, type QueueName } from '../../shared/queue/ports.ts';
import { deployer, packageTemplate, type PackagedTemplate } from '../support/packaged-template.ts';

const root = join(import.meta.dirname, '../..');
const { functions } = readServerlessFile(root);
const fourteenDays = 14 * 24 * 3_600;

/** Receives before the dead-letter queue, as the design gives them: nothing else remembers an alert or an audit row. */
const receives: Readonly<Record<QueueName, number>> = {
  alerts: 100,
  'remediation-requests': 8,
  'remediation-processings': 8,
  'ai-analyses': 8,
  'workflow-executions': 8,
  'kubernetes-executions': 8,
  audit: 100,
};

describe.each(['dev', 'production'])('the template of stage %s', (stage) => {
  let template: PackagedTemplate;
  beforeAll(async () => {
    template = await packageTemplate(stage);
  }, 120_000);
  afterAll(() => template.remove());

  const properties = (logicalName: string) => template.resources[logicalName]?.Properties;

  it('holds the queues of the product and their dead letters, and no other', () => {
    const ours = queueNames.flatMap((queue) => [queueResource(queue), queueResource(`${queue}-dlq`)]);
    expect(template.of('AWS::SQS::Queue').map(([name]) => name)).toEqual(expect.arrayContaining(ours));
    expect(template.of('AWS::SQS::Queue')).toHaveLength(ours.length);
  });

  it.each(queueNames)('gives %s its dead letters, receives, encryption, and six times the timeout of its function', (queue) => {
    const consumer = functions.find(({ source }) => source?.queue === queue);
    expect(properties(queueResource(queue))).toMatchObject({
      QueueName: `kubernaut-${stage}-${queue}`,
      VisibilityTimeout: 6 * (consumer?.timeoutSeconds ?? 0),
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [queueResource(`${queue}-dlq`), 'Arn'] }, maxReceiveCount: receives[queue] },
    });
    expect(properties(queueResource(`${queue}-dlq`))).toMatchObject({
      QueueName: `kubernaut-${stage}-${queue}-dlq`,
      MessageRetentionPeriod: fourteenDays,
      SqsManagedSseEnabled: true,
    });
    expect(Number(properties(queueResource(queue))?.['MessageRetentionPeriod'])).toBeLessThan(fourteenDays);
  });

  it.each(queueNames.flatMap((queue) => [queue, `${queue}-dlq`] as const))('lets nobody speak to %s over plain HTTP', (queue) => {
    const policies = template
      .of('AWS::SQS::QueuePolicy')
      .filter(([, { Queues: queues }]) => JSON.stringify(queues) === JSON.stringify([{ Ref: queueResource(queue) }]));
    expect(policies).toHaveLength(1);
    expect(valueAt(policies[0]?.[1], 'PolicyDocument', 'Statement')).toContainEqual({
      Sid: 'RefusePlainHttp',
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:*',
      Resource: { 'Fn::GetAtt': [queueResource(queue), 'Arn'] },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });

  it('takes partial failures from every queue, with a bound on what runs at once', () => {
    const mappings = template.of('AWS::Lambda::EventSourceMapping').map(([, mapping]) => mapping);
    expect(mappings).toHaveLength(queueNames.length);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'], Enabled: true });
      expect(valueAt(mapping, 'ScalingConfig', 'MaximumConcurrency')).toBeGreaterThanOrEqual(2);
    }
  });

  it('runs every function on Node 24 and arm64, as itself, with a log that ends', () => {
    expect(template.of('AWS::Lambda::Function').map(([name]) => name)).toEqual(functions.map(({ name }) => functionResource(name)));
    for (const { name } of functions) {
      expect(properties(functionResource(name))).toMatchObject({
        FunctionName: `kubernaut-${stage}-${name}`,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Role: { 'Fn::GetAtt': [roleResource(name), 'Arn'] },
      });
      expect(properties(functionResource(name).replace('LambdaFunction', 'LogGroup'))).toEqual({
        LogGroupName: `/aws/lambda/kubernaut-${stage}-${name}`,
        RetentionInDays: expect.any(Number),
      });
    }
  });

  it('gives a URL to the two that are called over HTTP, and a schedule to the sweeper', () => {
    expect(template.of('AWS::Lambda::Url').map(([name]) => name)).toEqual(['AlertDashwebhookLambdaFunctionUrl', 'AdmissionDashwebhookLambdaFunctionUrl']);
    expect(template.of('AWS::Events::Rule').map(([, rule]) => rule)).toMatchObject([{ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' }]);
  });

  it('has no statement that allows everything on everything, and none that allows every action of a service', () => {
    const statements = template
      .of('AWS::IAM::Role')
      .flatMap(([, role]) => (role['Policies'] as readonly object[] | undefined) ?? [])
      .flatMap((policy) => valueAt(policy, 'PolicyDocument', 'Statement') as readonly object[]);
    expect(statements.length).toBeGreaterThan(Object.keys(functionAccess).length);
    for (const statement of statements) {
      expect(valueAt(statement, 'Resource')).not.toBe('*');
      for (const action of valueAt(statement, 'Action') as readonly string[]) expect(action).toMatch(/^[a-z]+:[A-Za-z]+$/);
    }
  });

  it('lets each function write its own log and read its own secrets only', () => {
    for (const [name, { secrets }] of Object.entries(functionAccess)) {
      const text = JSON.stringify(properties(roleResource(name)));
      expect([...text.matchAll(/log-group:([^"]*)/g)].map(([, group]) => group)).toEqual([
        `/aws/lambda/${deployedName({ service: 'kubernaut', name: stage }, name)}:*`,
      ]);
      expect([...text.matchAll(/secret:([^"]*)/g)]).toHaveLength(secrets.length);
    }
  });

  it('tells where the webhooks and the queues are, and what the watcher may send to', () => {
    expect(Object.keys(template.outputs)).toEqual(
      expect.arrayContaining(['AlertWebhookUrl', 'AdmissionWebhookUrl', 'QueueUrlPrefix', 'WatcherPolicyArn', 'AlertsQueueUrl', 'AuditDeadLetterQueueUrl']),
    );
  });
});

describe('the deployer without an account', () => {
  it('prints the service', async () => {
    const { stdout } = await deployer(['print', '--stage', 'production']);
    expect(stdout).toContain('QueueName: kubernaut-production-alerts-dlq');
  });

  it('says what is missing, once, for a stage that nobody described', async () => {
    const { code, told } = await deployer(['print', '--stage', 'nowhere']);
    expect(code).toBe(1);
    expect(told.match(/stages\/nowhere\.yml is missing/g)).toHaveLength(1);
  });
});
