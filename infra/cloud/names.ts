import type { DeadLetterQueueName, QueueName } from '../../shared/queue/ports.ts';
import type { Stage } from './stage.ts';

/** As much of CloudFormation as we write. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: 'Retain' | 'Snapshot' | 'Delete';
  readonly UpdateReplacePolicy?: 'Retain' | 'Snapshot' | 'Delete';
}

type Named = Pick<Stage, 'service' | 'name'>;

export type Resources = Readonly<Record<string, Resource>>;

/** Logical names in infra/cloud/queues.yml: alerts → AlertsQueue, alerts-dlq → AlertsDeadLetterQueue. */
export function queueResource(queue: QueueName | DeadLetterQueueName): string {
  return queue.endsWith('-dlq') ? `${camelCase(queue.slice(0, -4))}DeadLetterQueue` : `${camelCase(queue)}Queue`;
}

export function queueArn(queue: QueueName | DeadLetterQueueName): object {
  return { 'Fn::GetAtt': [queueResource(queue), 'Arn'] };
}

export function queueName(stage: Named, queue: QueueName | DeadLetterQueueName): string {
  return `${stage.service}-${stage.name}-${queue}`;
}

export function roleResource(functionName: string): string {
  return `${camelCase(functionName)}Role`;
}

/** The deployer's own way of naming a function: alert-webhook → AlertDashwebhookLambdaFunction. */
export function functionResource(functionName: string): string {
  return `${functionName.charAt(0).toUpperCase()}${functionName.slice(1).replaceAll('-', 'Dash')}LambdaFunction`;
}

export function deployedName(stage: Named, functionName: string): string {
  return `${stage.service}-${stage.name}-${functionName}`;
}

export function camelCase(name: string): string {
  return name
    .split('-')
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('');
}
