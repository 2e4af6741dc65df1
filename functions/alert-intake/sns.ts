import * as z from 'zod';
import { cutText } from '../../shared/api/text.ts';
import type { Instant } from '../../shared/api/time.ts';
import { notificationSchema, type AlertMessage } from '../../shared/queue/alert-message.ts';

/** Go prints a time this way where a template names it: `2026-01-15 10:34:00.5 +0000 UTC`. The template that AWS documents does. */
const goTime = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) ([+-]\d{2})(\d{2})(?: [A-Z]{1,5})?$/;

/**
 * A notification as it comes by SNS. Amazon Managed Prometheus sends what a template makes: the one that AWS documents has neither version nor
 * groupKey, and Go's times. Everything else is as from the webhook.
 */
const notificationBySnsSchema = z
  .looseObject({ alerts: z.array(z.unknown()) })
  .transform(({ alerts, ...rest }) => ({ version: '4', groupKey: '', ...rest, alerts: alerts.map(readTimes) }))
  .pipe(notificationSchema);

/** Every alert of the notification; where it is none, the issue says which field is wrong and where to look. */
export function alertsBySns(notification: unknown, receivedAt: Instant, context: z.RefinementCtx, path: readonly string[]): readonly AlertMessage[] {
  const parsed = notificationBySnsSchema.safeParse(notification);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const remedy = "send Alertmanager's notification of version 4, or what the JSON template of Amazon Managed Prometheus makes";
    context.addIssue({ code: 'custom', path: [...path, ...(issue?.path ?? [])], message: `${issue?.message ?? 'is no notification'}: ${remedy}` });
    return [];
  }
  const { receiver, groupKey, externalURL, truncatedAlerts, alerts } = parsed.data;
  return alerts.map((alert) => ({
    version: 1,
    receivedAt,
    source: 'sns',
    receiver: cutText(receiver, 253),
    groupKey: cutText(groupKey, 1_024),
    externalURL: cutText(externalURL, 2_048),
    truncatedAlerts: Math.min(truncatedAlerts, 1_000_000),
    alert,
  }));
}

function readTimes(alert: unknown): unknown {
  if (typeof alert !== 'object' || alert === null) return alert;
  return { ...alert, ...('startsAt' in alert && { startsAt: rfc3339(alert.startsAt) }), ...('endsAt' in alert && { endsAt: rfc3339(alert.endsAt) }) };
}

function rfc3339(time: unknown): unknown {
  const match = typeof time === 'string' ? goTime.exec(time) : null;
  if (match === null) return time;
  const [, day, clock, hours, minutes] = match;
  return `${day}T${clock}${hours}:${minutes}`;
}
