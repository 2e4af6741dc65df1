import { queueNames, type QueueName } from '../../shared/queue/ports.ts';
import { consumerOf, functionAccess } from './access.ts';
import { deployedName, queueName, type Resources } from './names.ts';
import { metricsNamespace } from './settings.ts';
import type { Stage } from './stage.ts';

/** A graph: its title, and CloudWatch's own notation for the lines in it. */
interface Graph {
  readonly title: string;
  readonly lines: readonly (readonly unknown[])[];
}

const columns = 24;
const rowHeight = 5;

/** What an operator looks at: a row a queue, then a row a function. */
export function dashboardOf(stage: Stage): Resources {
  const rows = [...queueNames.map((queue) => queueGraphs(stage, queue)), ...Object.keys(functionAccess).map((name) => functionGraphs(stage, name))];
  const widgets = rows.flatMap((graphs, row) => graphs.map((graph, column) => widget(graph, { row, column, of: graphs.length })));
  return {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: { DashboardName: `${stage.service}-${stage.name}`, DashboardBody: { 'Fn::Sub': JSON.stringify({ start: '-PT3H', widgets }) } },
    },
  };
}

function queueGraphs(stage: Stage, queue: QueueName): readonly Graph[] {
  const sqs = (metric: string, name: QueueName | `${QueueName}-dlq`, stat: string) => [
    'AWS/SQS',
    metric,
    'QueueName',
    queueName(stage, name),
    { stat, label: metric },
  ];
  return [
    { title: `${queue}: visible`, lines: [sqs('ApproximateNumberOfMessagesVisible', queue, 'Maximum')] },
    { title: `${queue}: in flight`, lines: [sqs('ApproximateNumberOfMessagesNotVisible', queue, 'Maximum')] },
    { title: `${queue}: delayed`, lines: [sqs('ApproximateNumberOfMessagesDelayed', queue, 'Maximum')] },
    { title: `${queue}: retried, by reason`, lines: byReason(stage, queue, 'MessageRetried') },
    {
      title: `${queue}: dead-lettered, by reason, and lying there`,
      lines: [...byReason(stage, queue, 'MessageDeadLettered'), sqs('ApproximateNumberOfMessagesVisible', `${queue}-dlq`, 'Maximum')],
    },
    { title: `${queue}: age of the oldest, in seconds`, lines: [sqs('ApproximateAgeOfOldestMessage', queue, 'Maximum')] },
  ];
}

/** A search, because nobody knows beforehand which reasons there will be. */
function byReason(stage: Stage, queue: QueueName, metric: string): Graph['lines'] {
  const metrics = `{${metricsNamespace(stage)},service,queue,reason} MetricName="${metric}" service="${consumerOf(queue)}" queue="${queue}"`;
  return [[{ expression: `SEARCH('${metrics}', 'Sum', 60)`, label: '' }]];
}

function functionGraphs(stage: Stage, name: string): readonly Graph[] {
  const lambda = (metric: string, stat: string) => [['AWS/Lambda', metric, 'FunctionName', deployedName(stage, name), { stat, label: metric }]];
  return [
    { title: `${name}: invocations`, lines: lambda('Invocations', 'Sum') },
    { title: `${name}: errors`, lines: lambda('Errors', 'Sum') },
    { title: `${name}: throttles`, lines: lambda('Throttles', 'Sum') },
    { title: `${name}: duration p95, in ms`, lines: lambda('Duration', 'p95') },
    { title: `${name}: concurrency`, lines: lambda('ConcurrentExecutions', 'Maximum') },
  ];
}

/** Graphs of a row share its width; what does not divide goes to the first ones. */
function widget({ title, lines }: Graph, { row, column, of }: { readonly row: number; readonly column: number; readonly of: number }): object {
  const [narrow, rest] = [Math.floor(columns / of), columns % of];
  return {
    type: 'metric',
    x: column * narrow + Math.min(column, rest),
    y: row * rowHeight,
    width: narrow + (column < rest ? 1 : 0),
    height: rowHeight,
    properties: { title, metrics: lines, view: 'timeSeries', period: 60, region: '${AWS::Region}' },
  };
}
