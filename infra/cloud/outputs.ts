import { queueNames } from '../../shared/queue/ports.ts';
import { camelCase, deployedName, functionResource, queueArn, queueResource, roleResource } from './names.ts';
import type { Stage } from './stage.ts';
import { functionAccess } from './access.ts';
import { queueUrlPrefix } from './settings.ts';

export interface Output {
  readonly Description: string;
  readonly Value: unknown;
}

/** What an operator needs from the stack to set up Alertmanager, the chart, and who may send to the queues. */
export function outputsOf(stage: Stage): Readonly<Record<string, Output>> {
  const kinds = queueNames.filter((queue) => queue !== 'alerts' && queue !== 'audit');
  return {
    AlertWebhookUrl: { Description: 'Where Alertmanager posts to: append alerts', Value: urlOf('alert-webhook') },
    AdmissionWebhookUrl: { Description: 'admission.url of the chart: append the secret segment', Value: urlOf('admission-webhook') },
    QueueUrlPrefix: { Description: 'queueUrlPrefix of the chart', Value: queueUrlPrefix(stage) },
    WatcherQueueArns: {
      Description: "The queues that the watcher's identity may send to, and nothing else",
      Value: { 'Fn::Join': [',', kinds.map(queueArn)] },
    },
    ...Object.fromEntries(
      queueNames.flatMap((queue) => [
        [`${camelCase(queue)}QueueUrl`, { Description: `URL of the queue ${queue}`, Value: { Ref: queueResource(queue) } }],
        [`${camelCase(queue)}DeadLetterQueueUrl`, { Description: `URL of the dead letters of ${queue}`, Value: { Ref: queueResource(`${queue}-dlq`) } }],
      ]),
    ),
    ...(stage.eksCluster === undefined
      ? {}
      : Object.fromEntries(
          Object.entries(functionAccess)
            .filter(([, { secrets }]) => secrets.includes('kubeconfig'))
            .map(([name]) => [
              `${camelCase(name)}RoleArn`,
              { Description: `Role of ${deployedName(stage, name)}`, Value: { 'Fn::GetAtt': [roleResource(name), 'Arn'] } },
            ]),
        )),
  };
}

function urlOf(functionName: string): object {
  return { 'Fn::GetAtt': [functionResource(functionName).replace(/Function$/, 'FunctionUrl'), 'FunctionUrl'] };
}
