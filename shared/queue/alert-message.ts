import * as z from 'zod';
import { canonicalInstant, instantSchema } from '../api/time.ts';

const textMap = z.record(z.string(), z.string());

const timeWords = 'must be an RFC 3339 time of at most nine decimals, in the years 0000 to 9999 of UTC';
/** What a request can keep of it, and a name be derived from. A time without bound would also be text without bound, which nothing cuts. */
const alertTimeSchema = z.iso.datetime({ offset: true, error: timeWords }).refine(isKept, { error: timeWords });

/** An alert as Alertmanager sends it. Fields that it adds in later versions are ignored. */
export const alertmanagerAlertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: textMap,
  annotations: textMap.default({}),
  startsAt: alertTimeSchema,
  /** While it fires: when it would be taken as resolved, or Go's zero time. */
  endsAt: alertTimeSchema.optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().max(128).optional(),
});
export type AlertmanagerAlert = z.infer<typeof alertmanagerAlertSchema>;

const alertsMax = 10_000; // a thousand batches to the queue, as many as fit into the function's ten seconds; real alerts of that number exceed a body's bound

/** Alertmanager's webhook body, version 4. The top status is not used: every alert counts by its own. */
export const notificationSchema = z.object({
  version: z.literal('4'),
  groupKey: z.string(),
  truncatedAlerts: z.int().min(0).default(0),
  receiver: z.string().default(''),
  externalURL: z.string().default(''),
  alerts: z.array(alertmanagerAlertSchema).max(alertsMax, { error: `must be at most ${alertsMax}: group by ['...'] so that a notification holds one alert` }),
});
export type Notification = z.infer<typeof notificationSchema>;

/** One message of the alerts queue: one alert, with what its notification said around it (api.md §9). */
export const alertMessageSchema = z.object({
  version: z.literal(1),
  receivedAt: instantSchema,
  source: z.enum(['alertmanager', 'sns']),
  receiver: z.string().max(253),
  groupKey: z.string().max(1_024),
  externalURL: z.string().max(2_048),
  truncatedAlerts: z.int().min(0).max(1_000_000),
  alert: alertmanagerAlertSchema,
});
export type AlertMessage = z.infer<typeof alertMessageSchema>;

/** SQS takes 256 KB on older regions and emulators; what is left over is for attributes. */
export const alertMessageBytesMax = 245_760;

/** A day that every month has, in UTC, with no more decimals than are kept: nearly every time that Alertmanager prints. */
const plainTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

function isKept(text: string): boolean {
  if (plainTime.test(text)) return true; // its canonical form is itself, shorter if anything; making one costs as much as the rest of an alert
  try {
    return instantSchema.safeParse(canonicalInstant(text)).success;
  } catch {
    return false; // more decimals than anybody prints
  }
}
