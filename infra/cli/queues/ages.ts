import { GetMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { queueNames, type QueueName } from '../../../shared/queue/ports.ts';

/** Seconds that the oldest message waits, by queue. A queue that is not in it has none, or nobody knows. */
export type Ages = ReadonlyMap<QueueName, number>;

const lookBackMilliseconds = 600_000; // SQS tells CloudWatch once a minute, some minutes late
const periodSeconds = 60;

/** SQS itself does not say how old its messages are; CloudWatch does, in an account that lets the user ask it (cloudwatch:GetMetricData). */
export async function readAges(client: Pick<CloudWatchClient, 'send'>, urlPrefix: string, nowMilliseconds: number): Promise<Ages> {
  const prefix = new URL(urlPrefix).pathname.split('/').at(-1) ?? '';
  const { MetricDataResults: results = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(nowMilliseconds - lookBackMilliseconds),
      EndTime: new Date(nowMilliseconds),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: queueNames.map((name, index) => ({
        Id: `queue${index}`,
        MetricStat: {
          Metric: { Namespace: 'AWS/SQS', MetricName: 'ApproximateAgeOfOldestMessage', Dimensions: [{ Name: 'QueueName', Value: `${prefix}${name}` }] },
          Period: periodSeconds,
          Stat: 'Maximum',
        },
      })),
    }),
  );
  return new Map(
    queueNames.flatMap((name, index) => {
      const latest = results.find(({ Id }) => Id === `queue${index}`)?.Values?.[0];
      return latest === undefined ? [] : [[name, latest] as const];
    }),
  );
}
