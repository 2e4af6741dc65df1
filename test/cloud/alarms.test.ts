import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerOf, functionAccess } from '../../infra/cloud/access.ts';
import { valueAt } from '../../shared/kubernetes/unstructured.ts';
import { queueNames } from '../../shared/queue/ports.ts';
import { packageTemplate, type PackagedTemplate, type Properties } from '../support/packaged-template.ts';
import { everyPiece } from '../support/stages.ts';

interface Widget {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly title: string; readonly metrics: readonly (readonly unknown[])[] };
}

let template: PackagedTemplate;
let told: PackagedTemplate;
let alarms: ReadonlyMap<unknown, Properties>;
let widgets: readonly Widget[];
beforeAll(async () => {
  template = await packageTemplate('production');
  told = await packageTemplate('every-piece', { stages: { 'every-piece': everyPiece } });
  alarms = new Map(template.of('AWS::CloudWatch::Alarm').map(([, alarm]) => [alarm['AlarmName'], alarm]));
  const [dashboard] = template.of('AWS::CloudWatch::Dashboard');
  widgets = (JSON.parse(String(valueAt(dashboard?.[1], 'DashboardBody', 'Fn::Sub'))) as { readonly widgets: readonly Widget[] }).widgets;
}, 120_000);
afterAll(async () => {
  await template.remove();
  await told.remove();
});

const dimensionsOf = (alarm: Properties | undefined) =>
  Object.fromEntries(((alarm?.['Dimensions'] ?? []) as readonly { readonly Name: string; readonly Value: string }[]).map(({ Name, Value }) => [Name, Value]));

describe('the alarms', () => {
  it.each(queueNames)('of %s sound at its first dead letter, at many retries, and when it stands still', (queue) => {
    const [dead, retries, age] = ['dead-letters', 'retries', 'age'].map((what) => alarms.get(`kubernaut-production-${queue}-${what}`));
    expect(dead).toMatchObject({ MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 0, Period: 60, EvaluationPeriods: 1 });
    expect(dimensionsOf(dead)).toEqual({ QueueName: `kubernaut-production-${queue}-dlq` });
    expect(retries).toMatchObject({ Namespace: 'Kubernaut/production', MetricName: 'MessageRetried', Statistic: 'Sum', Threshold: 50 });
    expect(dimensionsOf(retries)).toEqual({ service: consumerOf(queue), queue });
    expect(age).toMatchObject({ MetricName: 'ApproximateAgeOfOldestMessage' });
    expect(dimensionsOf(age)).toEqual({ QueueName: `kubernaut-production-${queue}` });
  });

  it.each(Object.keys(functionAccess))('of %s sound at errors and throttles', (name) => {
    for (const what of ['errors', 'throttles']) {
      const alarm = alarms.get(`kubernaut-production-${name}-${what}`);
      expect(alarm).toMatchObject({ Namespace: 'AWS/Lambda', Threshold: 0, DatapointsToAlarm: 2, EvaluationPeriods: 3 });
      expect(dimensionsOf(alarm)).toEqual({ FunctionName: `kubernaut-production-${name}` });
    }
  });

  it.each(['alert-webhook', 'admission-webhook'])('of %s sound when it refuses, for what it refuses is lost', (name) => {
    expect(alarms.get(`kubernaut-production-${name}-client-errors`)).toMatchObject({ MetricName: 'Url4xxCount', Statistic: 'Sum', Threshold: 10 });
  });

  it('sound where the sweeper does not run at all', () => {
    const alarm = alarms.get('kubernaut-production-sweeper-absence');
    expect(alarm).toMatchObject({
      MetricName: 'Invocations',
      Statistic: 'Sum',
      Threshold: 1,
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
    });
    expect(dimensionsOf(alarm)).toEqual({ FunctionName: 'kubernaut-production-sweeper' });
  });

  it('are no others, count what is missing as calm but where it is the trouble, and tell a topic where one is given', () => {
    expect(alarms.size).toBe(queueNames.length * 3 + Object.keys(functionAccess).length * 2 + 3);
    const others = [...alarms].filter(([name]) => name !== 'kubernaut-production-sweeper-absence');
    for (const [, alarm] of others) expect(alarm).toMatchObject({ TreatMissingData: 'notBreaching', ComparisonOperator: 'GreaterThanThreshold' });
    for (const alarm of alarms.values()) {
      expect(alarm).not.toHaveProperty('AlarmActions');
    }
    for (const [, alarm] of told.of('AWS::CloudWatch::Alarm')) {
      expect(alarm).toMatchObject({ AlarmActions: [everyPiece.alarms.topicArn], OKActions: [everyPiece.alarms.topicArn] });
    }
  });
});

describe('the dashboard', () => {
  it.each(queueNames)('has a row of %s', (queue) => {
    const row = widgets.filter(({ properties }) => properties.title.startsWith(`${queue}: `));
    expect(row.map(({ properties }) => properties.title.slice(queue.length + 2))).toEqual([
      'visible',
      'in flight',
      'delayed',
      'retried, by reason',
      'dead-lettered, by reason, and lying there',
      'age of the oldest, in seconds',
    ]);
    expect(valueAt(row[3]?.properties.metrics[0]?.[0], 'expression')).toBe(
      `SEARCH('{Kubernaut/production,service,queue,reason} MetricName="MessageRetried" service="${consumerOf(queue)}" queue="${queue}"', 'Sum', 60)`,
    );
  });

  it.each(Object.keys(functionAccess))('has a row of %s', (name) => {
    const row = widgets.filter(({ properties }) => properties.title.startsWith(`${name}: `));
    expect(row.map(({ properties }) => properties.metrics[0]?.[1])).toEqual(['Invocations', 'Errors', 'Throttles', 'Duration', 'ConcurrentExecutions']);
  });

  it('fills the width of every row, and nothing lies upon another', () => {
    const rows = Map.groupBy(widgets, ({ y }) => y);
    for (const row of rows.values()) {
      const end = row.reduce((at, { x, width }) => {
        expect(x).toBe(at);
        return at + width;
      }, 0);
      expect(end).toBe(24);
    }
    expect(rows.size).toBe(queueNames.length + Object.keys(functionAccess).length);
  });
});
