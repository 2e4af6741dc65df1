import * as z from 'zod';
import { cutText } from '../../shared/api/text.ts';
import { canonicalInstant, instantSchema } from '../../shared/api/time.ts';
import { alertMessageSchema, notificationSchema, type AlertMessage } from '../../shared/queue/alert-message.ts';

/** What SNS wraps around a notification when it delivers to the queue by itself (Amazon Managed Prometheus can send only to SNS). */
const envelopeSchema = z.object({
  Type: z.literal('Notification'),
  Timestamp: instantSchema,
  Message: z.string(),
});

const unwrapped = envelopeSchema.transform((envelope, context): readonly AlertMessage[] => {
  const notification = notificationSchema.safeParse(parseJson(envelope.Message));
  if (!notification.success) {
    const path = notification.error.issues[0]?.path ?? [];
    context.addIssue({
      code: 'custom',
      path: ['Message', ...path],
      message: "must be Alertmanager's notification of version 4: set the SNS receiver's message to it, without a template",
    });
    return z.NEVER;
  }
  const { receiver, groupKey, externalURL, truncatedAlerts, alerts } = notification.data;
  return alerts.map((alert) => ({
    version: 1,
    receivedAt: canonicalInstant(envelope.Timestamp),
    source: 'sns',
    receiver: cutText(receiver, 253),
    groupKey: cutText(groupKey, 1_024),
    externalURL: cutText(externalURL, 2_048),
    truncatedAlerts: Math.min(truncatedAlerts, 1_000_000),
    alert,
  }));
});

const single = alertMessageSchema.transform((message): readonly AlertMessage[] => [message]);

/** One alert from the webhook, or all those of a notification that came by SNS. */
export const bodySchema: z.ZodType<readonly AlertMessage[]> = z.unknown().transform((body, context) => {
  const isEnvelope = typeof body === 'object' && body !== null && 'Type' in body;
  const parsed = isEnvelope ? unwrapped.safeParse(body) : single.safeParse(body);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
