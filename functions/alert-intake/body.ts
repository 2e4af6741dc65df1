import * as z from 'zod';
import { isNestedTooDeep } from '../../shared/api/json-depth.ts';
import { canonicalInstant, instantSchema, type Instant } from '../../shared/api/time.ts';
import { alertMessageSchema, type AlertMessage } from '../../shared/queue/alert-message.ts';
import { alertsBySns } from './sns.ts';

/** SQS's own bound. The webhook keeps below a smaller one; what SNS delivers is as large as its sender made it, and once more as large for the envelope's escapes. */
export const bodyBytesMax = 1_048_576;

/** What SNS wraps around a notification when it delivers to the queue by itself (Amazon Managed Prometheus can send only to SNS). */
const envelopeSchema = z.object({
  Type: z.literal('Notification', { error: 'must be Notification: nothing else of SNS belongs here' }),
  Timestamp: instantSchema,
  Message: z.string(),
});
const wrapped = envelopeSchema.transform(({ Timestamp: sentAt, Message: text }, context) =>
  alertsBySns(parseJson(text), canonicalInstant(sentAt), context, ['Message']),
);

/** The same without its envelope, where the subscription delivers raw: the queue's own time stands in for SNS's. */
const raw = z
  .object({ notification: z.unknown(), sentAt: instantSchema })
  .transform(({ notification, sentAt }, context) => alertsBySns(notification, sentAt, context, []));

const single = alertMessageSchema.transform((message): readonly AlertMessage[] => [message]);

/** One alert from the webhook, or all those of a notification that came by SNS, in its envelope or as `adaptRaw` gives it. */
export const bodySchema: z.ZodType<readonly AlertMessage[]> = z.unknown().transform((body, context) => {
  const parsed = schemaFor(body).safeParse(body);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});

/** A notification without envelope does not say when it was sent: the queue does. */
export function adaptRaw(body: unknown, sentAt: Instant): unknown {
  return isObject(body) && 'alerts' in body && !('Type' in body) ? { notification: body, sentAt } : body;
}

function schemaFor(body: unknown): z.ZodType<readonly AlertMessage[]> {
  if (isObject(body) && 'Type' in body) return wrapped;
  return isObject(body) && 'notification' in body ? raw : single;
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null;
}

/** The envelope's text is not what the kernel has looked at. */
function parseJson(text: string): unknown {
  if (isNestedTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
