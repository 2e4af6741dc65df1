import { queueNames } from '../../shared/queue/ports.ts';
import { topicStatements } from './alert-topic.ts';
import { queueArn, queueResource, type Resource, type Resources } from './names.ts';
import type { Stage } from './stage.ts';

/** Nobody may speak to a queue of ours over plain HTTP, whatever else he may. Topics that deliver to one are allowed by theirs. */
export function queuePoliciesOf(stage: Stage): Resources {
  const all = queueNames.flatMap((queue) => [queue, `${queue}-dlq`] as const);
  return Object.fromEntries(
    all.map((queue) => [
      `${queueResource(queue)}Policy`,
      policy(queueResource(queue), [refusePlainHttp(queueArn(queue)), ...(queue === 'alerts' ? topicStatements(stage) : [])]),
    ]),
  );
}

function policy(queue: string, statements: readonly object[]): Resource {
  return { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: queue }], PolicyDocument: { Version: '2012-10-17', Statement: statements } } };
}

function refusePlainHttp(resource: object): object {
  return {
    Sid: 'RefusePlainHttp',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: resource,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}
