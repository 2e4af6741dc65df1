import { queueNames, type QueueName } from '../../shared/queue/ports.ts';
import { consumerOf, functionAccess } from './access.ts';
import { camelCase, deployedName, queueName, type Resource, type Resources } from './names.ts';
import { metricsNamespace } from './settings.ts';
import type { Stage } from './stage.ts';

/** One metric against one bound. */
interface Alarm {
  readonly of: string;
  readonly what: string;
  readonly description: string;
  readonly metric: Readonly<Record<'Namespace' | 'MetricName' | 'Statistic', string>>;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly threshold: number;
  /** Above: missing data is calm, since nothing was sent and nothing failed. Below: missing data is what it is about. */
  readonly sounds: 'above' | 'below';
  /** That many of three periods; one at once where it is 1. */
  readonly periods: 1 | 2;
}

const fronts = ['alert-webhook', 'admission-webhook'];

export function alarmsOf(stage: Stage): Resources {
  const alarms = [...queueNames.flatMap((queue) => queueAlarms(stage, queue)), ...Object.keys(functionAccess).flatMap((name) => functionAlarms(stage, name))];
  return Object.fromEntries(alarms.map((alarm) => [`${camelCase(`${alarm.of}-${alarm.what}`)}Alarm`, resourceOf(stage, alarm)]));
}

function queueAlarms(stage: Stage, queue: QueueName): readonly Alarm[] {
  const { retriesMax, ageSecondsMax } = stage.alarms;
  return [
    {
      of: queue,
      what: 'dead-letters',
      description: `A message of ${queue} was given up. Its attributes or its resource's condition Stalled say why; redriving is always safe`,
      metric: { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Statistic: 'Maximum' },
      dimensions: { QueueName: queueName(stage, `${queue}-dlq`) },
      seconds: 60,
      threshold: 0,
      sounds: 'above',
      periods: 1,
    },
    {
      of: queue,
      what: 'retries',
      description: `More than ${retriesMax} messages of ${queue} were retried within five minutes. The dashboard tells the reasons apart`,
      metric: { Namespace: metricsNamespace(stage), MetricName: 'MessageRetried', Statistic: 'Sum' },
      dimensions: { service: consumerOf(queue), queue },
      seconds: 300,
      threshold: retriesMax,
      sounds: 'above',
      periods: 1,
    },
    {
      of: queue,
      what: 'age',
      description: `The oldest message of ${queue} waits for more than ${ageSecondsMax} s: its function does not keep up, or does not run`,
      metric: { Namespace: 'AWS/SQS', MetricName: 'ApproximateAgeOfOldestMessage', Statistic: 'Maximum' },
      dimensions: { QueueName: queueName(stage, queue) },
      seconds: 300,
      threshold: ageSecondsMax,
      sounds: 'above',
      periods: 1,
    },
  ];
}

function functionAlarms(stage: Stage, name: string): readonly Alarm[] {
  const lambda = { Namespace: 'AWS/Lambda', Statistic: 'Sum' };
  const common = { of: name, dimensions: { FunctionName: deployedName(stage, name) }, seconds: 300 };
  return [
    {
      ...common,
      what: 'errors',
      description: `${name} failed as a whole, again: it cannot start, was cut by its timeout, or has a bug. Single messages that fail are retries`,
      metric: { ...lambda, MetricName: 'Errors' },
      threshold: 0,
      sounds: 'above',
      periods: 2,
    },
    {
      ...common,
      what: 'throttles',
      description: `${name} was not let run: the account's concurrency is used up, and receives are burnt`,
      metric: { ...lambda, MetricName: 'Throttles' },
      threshold: 0,
      sounds: 'above',
      periods: 2,
    },
    ...(fronts.includes(name)
      ? [
          {
            ...common,
            what: 'client-errors',
            description: `${name} refused requests. Alertmanager drops an alert for good at every 4xx: look for a wrong token, a custom template, a body past the bound`,
            metric: { ...lambda, MetricName: 'Url4xxCount' },
            threshold: stage.alarms.clientErrorsMax,
            sounds: 'above',
            periods: 1,
          } as const,
        ]
      : []),
    ...(name === 'sweeper'
      ? [
          {
            ...common,
            what: 'absence',
            description: `${name} did not run, though every minute is its time: what got lost on the way is brought back by nobody. Look at its schedule`,
            metric: { ...lambda, MetricName: 'Invocations' },
            threshold: 1,
            sounds: 'below',
            periods: 2,
          } as const,
        ]
      : []),
  ];
}

function resourceOf(stage: Stage, { of, what, description, metric, dimensions, seconds, threshold, sounds, periods }: Alarm): Resource {
  const { topicArn } = stage.alarms;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: deployedName(stage, `${of}-${what}`),
      AlarmDescription: description,
      ...metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Period: seconds,
      EvaluationPeriods: periods === 1 ? 1 : 3,
      DatapointsToAlarm: periods,
      ComparisonOperator: sounds === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
      Threshold: threshold,
      TreatMissingData: sounds === 'above' ? 'notBreaching' : 'breaching',
      ...(topicArn !== undefined && { AlarmActions: [topicArn], OKActions: [topicArn] }),
    },
  };
}
