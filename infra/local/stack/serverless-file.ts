import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type ScalarTag } from 'yaml';
import * as z from 'zod';
import { queueNames, type QueueName } from '../../../shared/queue/ports.ts';

export interface QueueSource {
  readonly queue: QueueName;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly concurrencyMax: number;
}

export interface FunctionDefinition {
  readonly name: string;
  /** `functions/alert-intake/handler`, without extension. */
  readonly module: string;
  readonly timeoutSeconds: number;
  readonly memoryMebibytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly source: QueueSource | null;
  /** Every so many seconds, by schedule. */
  readonly everySeconds: number | null;
  readonly isHttp: boolean;
}

export interface QueueDefinition {
  readonly name: QueueName;
  readonly visibilitySeconds: number;
  readonly receivesMax: number;
}

export interface ServerlessFile {
  readonly functions: readonly FunctionDefinition[];
  readonly queues: readonly QueueDefinition[];
}

const sqsEventSchema = z.object({
  sqs: z.object({
    arn: z.string(),
    batchSize: z.int().min(1),
    maximumBatchingWindow: z.int().min(0),
    functionResponseType: z.literal('ReportBatchItemFailures'),
    maximumConcurrency: z.int().min(1),
  }),
});
const scheduleEventSchema = z.object({ schedule: z.string().regex(/^rate\(1 minute\)$|^rate\(\d+ minutes\)$/) });
const functionSchema = z.object({
  handler: z.string().regex(/\.handler$/),
  timeout: z.int().min(1),
  memorySize: z.int().min(128),
  environment: z.record(z.string(), z.string()).default({}),
  url: z.literal(true).optional(),
  events: z
    .array(z.union([sqsEventSchema, scheduleEventSchema]))
    .max(1)
    .default([]),
});
const queueSchema = z.object({
  Type: z.literal('AWS::SQS::Queue'),
  Properties: z.object({
    QueueName: z.string(),
    VisibilityTimeout: z.int().optional(),
    RedrivePolicy: z.object({ maxReceiveCount: z.int() }).optional(),
  }),
});

/** CloudFormation's short forms become their text: `!GetAtt AlertsQueue.Arn` is read as `AlertsQueue.Arn`. */
const tags: ScalarTag[] = ['!GetAtt', '!Sub', '!Ref'].map((tag) => ({ tag, resolve: (text: string) => text }));

/** Reads serverless.yml and the queues it includes, so that what runs on one machine is what is deployed. Throws with the path of what it does not know. */
export function readServerlessFile(root: string): ServerlessFile {
  const service = z
    .object({ functions: z.record(z.string(), functionSchema) })
    .parse(parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { customTags: tags }));
  const included = parse(readFileSync(join(root, 'infra/cloud/queues.yml'), 'utf8'), { customTags: tags });
  const { Resources: resources } = z.object({ Resources: z.record(z.string(), queueSchema) }).parse(included);
  return {
    functions: Object.entries(service.functions).map(([name, definition]) => functionOf(name, definition, resources)),
    queues: Object.values(resources).flatMap((resource) => queueOf(resource)),
  };
}

function functionOf(
  name: string,
  definition: z.infer<typeof functionSchema>,
  resources: Readonly<Record<string, z.infer<typeof queueSchema>>>,
): FunctionDefinition {
  const event = definition.events[0];
  return {
    name,
    module: definition.handler.replace(/\.handler$/, ''),
    timeoutSeconds: definition.timeout,
    memoryMebibytes: definition.memorySize,
    environment: Object.fromEntries(Object.entries(definition.environment).filter(([, value]) => !value.includes('${'))),
    source: event !== undefined && 'sqs' in event ? sourceOf(event.sqs, resources) : null,
    everySeconds: event !== undefined && 'schedule' in event ? minutesOf(event.schedule) * 60 : null,
    isHttp: definition.url === true,
  };
}

function sourceOf(event: z.infer<typeof sqsEventSchema>['sqs'], resources: Readonly<Record<string, z.infer<typeof queueSchema>>>): QueueSource {
  const resource = resources[event.arn.replace(/\.Arn$/, '')];
  if (resource === undefined) throw new Error(`serverless.yml: ${event.arn} is not among the queues of infra/cloud/queues.yml`);
  return {
    queue: baseName(resource.Properties.QueueName),
    batchSize: event.batchSize,
    batchWindowSeconds: event.maximumBatchingWindow,
    concurrencyMax: event.maximumConcurrency,
  };
}

function queueOf({ Properties: properties }: z.infer<typeof queueSchema>): readonly QueueDefinition[] {
  if (properties.RedrivePolicy === undefined) return []; // A dead-letter queue: it follows its source.
  return [
    { name: baseName(properties.QueueName), visibilitySeconds: properties.VisibilityTimeout ?? 30, receivesMax: properties.RedrivePolicy.maxReceiveCount },
  ];
}

/** `${self:service}-${sls:stage}-alerts` → alerts. */
function baseName(queueName: string): QueueName {
  const base = queueName.replace(/^.*\}-/, '');
  const known = queueNames.find((name) => name === base);
  if (known === undefined) throw new Error(`infra/cloud/queues.yml: ${queueName} is no queue of the product`);
  return known;
}

function minutesOf(rate: string): number {
  return Number(/\d+/.exec(rate)?.[0] ?? '1');
}
