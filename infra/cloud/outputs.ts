import { queueNames } from '../../shared/queue/ports.ts';
import { camelCase, deployedName, functionResource, queueResource, roleResource } from './names.ts';
import { clientsGroup } from './network.ts';
import type { Stage } from './stage.ts';
import { functionAccess } from './access.ts';
import { queueUrlPrefix } from './settings.ts';

export interface Output {
  readonly Description: string;
  readonly Value: unknown;
}

/** What an operator needs from the stack to set up Alertmanager, the chart, and who may send to the queues. */
export function outputsOf(stage: Stage): Readonly<Record<string, Output>> {
  const watchersRole = stage.watcher.oidcProviderArn !== undefined || stage.watcher.podIdentityCluster !== undefined;
  return {
    AlertWebhookUrl: { Description: 'Where Alertmanager posts to: append alerts', Value: urlOf('alert-webhook') },
    AdmissionWebhookUrl: { Description: 'admission.url of the chart: append the secret segment', Value: urlOf('admission-webhook') },
    QueueUrlPrefix: { Description: 'queueUrlPrefix of the chart', Value: queueUrlPrefix(stage) },
    WatcherPolicyArn: { Description: 'For the user or role that the watcher acts as in AWS', Value: { Ref: 'WatcherPolicy' } },
    ...(watchersRole && {
      WatcherRoleArn: {
        Description: 'watcher.serviceAccount.annotations of the chart: eks.amazonaws.com/role-arn',
        Value: { 'Fn::GetAtt': ['WatcherRole', 'Arn'] },
      },
    }),
    ...(stage.alertTopic !== undefined &&
      stage.alertTopic.topicArn === undefined && {
        AlertTopicArn: { Description: 'sns_configs.topic_arn of Amazon Managed Prometheus', Value: { Ref: 'AlertTopic' } },
      }),
    ...(stage.network !== undefined && {
      NetworkClientsGroupId: {
        Description: "Security group of the functions in the network: let it in where the cluster's API server and the database listen",
        Value: clientsGroup,
      },
    }),
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
