import type { SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { bytesOf } from '../api/json.ts';
import { isNestedTooDeep, jsonDepthMax } from '../api/json-depth.ts';
import { fieldPath } from '../api/resource.ts';
import { instantFromMilliseconds, type Instant } from '../api/time.ts';

/** One message as it reached us, its body parsed by the queue's schema. */
export interface Delivery<Body> {
  readonly body: Body;
  readonly messageId: string;
  /** From 1. */
  readonly receiveCount: number;
  /** A failure now sends the message to the dead-letter queue. */
  readonly isLastReceive: boolean;
  readonly traceparent: string | undefined;
}

/** Why a message can never be handled. Sentences of ours: never a part of the body. */
export interface Rejection {
  /** Path inside the body (`alert.labels`), `body` for the whole of it. */
  readonly field: string;
  readonly reason: string;
  readonly remedy: string;
}

export interface BodyRules<Body> {
  readonly schema: z.ZodType<Body>;
  /** The largest body that the queue's contract allows (api.md §9). */
  readonly bodyBytesMax: number;
  /** Before the schema: what a body lacks that the queue knows. */
  readonly adapt?: (body: unknown, sentAt: Instant) => unknown;
  /** A fact that a schema cannot know: another kind's message, another cluster's. Null: take it. */
  readonly refuse?: (body: Body) => Rejection | null;
}

export type Reading<Body> = { readonly kind: 'taken'; readonly delivery: Delivery<Body> } | { readonly kind: 'rejected'; readonly rejection: Rejection };

export function readDelivery<Body>(record: SQSRecord, rules: BodyRules<Body>, receivesMax: number): Reading<Body> {
  const read = readBody(record, rules);
  if (read.kind === 'rejected') return read;
  const receiveCount = receiveCountOf(record);
  return {
    kind: 'taken',
    delivery: {
      body: read.body,
      messageId: record.messageId,
      receiveCount,
      isLastReceive: receiveCount >= receivesMax,
      traceparent: record.messageAttributes['traceparent']?.stringValue,
    },
  };
}

/** Counts from 1; a broken attribute reads as a first receive, since the queue itself ends the retries. */
export function receiveCountOf({ attributes }: Pick<SQSRecord, 'attributes'>): number {
  const count = Number(attributes.ApproximateReceiveCount);
  return Number.isInteger(count) && count > 0 ? count : 1;
}

type ReadBody<Body> = { readonly kind: 'read'; readonly body: Body } | { readonly kind: 'rejected'; readonly rejection: Rejection };

function readBody<Body>({ body: text, attributes }: SQSRecord, { schema, bodyBytesMax, adapt, refuse }: BodyRules<Body>): ReadBody<Body> {
  const bytes = bytesOf(text);
  if (bytes > bodyBytesMax) return rejected('body', `has ${bytes} bytes`, `send at most ${bodyBytesMax} bytes`);
  const json = parseJson(text);
  if (json === undefined) return rejected('body', 'is not JSON', 'send one JSON object in UTF-8');
  if (isNestedTooDeep(text)) return rejected('body', `is nested deeper than ${jsonDepthMax} levels`, 'send what the schema of this queue asks for');
  const parsed = schema.safeParse(adapt === undefined ? json : adapt(json, sentAtOf(attributes.SentTimestamp)));
  if (!parsed.success) return rejectedBySchema(parsed.error);
  const rejection = refuse?.(parsed.data) ?? null;
  return rejection === null ? { kind: 'read', body: parsed.data } : { kind: 'rejected', rejection };
}

const lastMilliseconds = 253_402_300_799_000; // of the year 9999, the last that RFC 3339 knows

/** Milliseconds as SQS tells them; a broken attribute reads as long ago. */
function sentAtOf(timestamp: string): Instant {
  const milliseconds = Number(timestamp);
  return instantFromMilliseconds(milliseconds > 0 && milliseconds <= lastMilliseconds ? milliseconds : 0);
}

function rejectedBySchema({ issues: [issue] }: z.ZodError): ReadBody<never> {
  return rejected(fieldPath(issue?.path ?? []) || 'body', issue?.message ?? 'is not valid', 'send what the schema of this queue asks for');
}

function rejected(field: string, reason: string, remedy: string): ReadBody<never> {
  return { kind: 'rejected', rejection: { field, reason, remedy } };
}

/** Undefined when the text is no JSON; the parser's own words would repeat a part of the body. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
