import { queueArn, type Resource, type Resources } from './names.ts';
import type { Stage } from './stage.ts';

/** Alerts by SNS, which is all that Amazon Managed Prometheus can send to: a topic of ours, unless the stage names one, delivering to the alerts queue. */
export function alertTopicOf(stage: Stage): Resources {
  const { alertTopic } = stage;
  if (alertTopic === undefined) return {};
  return {
    ...(alertTopic.topicArn === undefined && { AlertTopic: topic(stage, alertTopic.keyArn), AlertTopicPolicy: policy(alertTopic.workspaceArn) }),
    AlertSubscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: topicArn(stage), Protocol: 'sqs', Endpoint: queueArn('alerts'), RawMessageDelivery: alertTopic.rawDelivery },
      DependsOn: ['AlertsQueuePolicy'], // SNS tries whether it may
    },
  };
}

/** What the queue's policy allows that topic. */
export function topicStatements(stage: Stage): readonly object[] {
  if (stage.alertTopic === undefined) return [];
  return [
    {
      Sid: 'AlertsBySns',
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn('alerts'),
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn(stage) } },
    },
  ];
}

function topicArn({ alertTopic }: Stage): unknown {
  return alertTopic?.topicArn ?? { Ref: 'AlertTopic' };
}

/** Encrypted only by a key of the stage's: the policy of Amazon's own, alias/aws/sns, lets no service publish and cannot be changed. */
function topic({ service, name }: Stage, keyArn: string | undefined): Resource {
  return { Type: 'AWS::SNS::Topic', Properties: { TopicName: `${service}-${name}-alerts`, ...(keyArn !== undefined && { KmsMasterKeyId: keyArn }) } };
}

/** A topic has one policy: what its owner may without one, the account's identities, stands in IAM. */
function policy(workspaceArn: string | undefined): Resource {
  const Resource = { Ref: 'AlertTopic' };
  const source = workspaceArn === undefined ? {} : { ArnEquals: { 'aws:SourceArn': workspaceArn } };
  const publishes = {
    Sid: 'ManagedPrometheusPublishes',
    Effect: 'Allow',
    Principal: { Service: 'aps.amazonaws.com' },
    Action: ['sns:Publish', 'sns:GetTopicAttributes'],
    Resource,
    Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } }, ...source },
  };
  const refusesPlainHttp = {
    Sid: 'RefusePlainHttp',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sns:Publish',
    Resource,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  return {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: { Topics: [Resource], PolicyDocument: { Version: '2012-10-17', Statement: [publishes, refusesPlainHttp] } },
  };
}
