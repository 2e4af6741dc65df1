import { GetMetricDataCommand, type CloudWatchClient, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { readAges } from './ages.ts';

it('the age of a queue is the latest that CloudWatch has of it', async () => {
  const asked: GetMetricDataCommandInput[] = [];
  const send = async (command: object) => {
    if (command instanceof GetMetricDataCommand) asked.push(command.input);
    return {
      MetricDataResults: [
        { Id: 'queue0', Values: [42, 12] },
        { Id: 'queue1', Values: [] },
      ],
    };
  };
  const client = { send: send as CloudWatchClient['send'] };
  const ages = await readAges(client, 'https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-', Date.parse('2026-01-15T10:35:20Z'));
  expect([...ages]).toEqual([['alerts', 42]]);
  expect(asked[0]?.StartTime?.toISOString()).toBe('2026-01-15T10:25:20.000Z');
  expect(asked[0]?.MetricDataQueries?.map(({ MetricStat }) => MetricStat?.Metric?.Dimensions?.[0]?.Value)).toContain('kubernaut-dev-audit');
});
