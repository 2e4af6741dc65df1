import * as z from 'zod';
import { instantSchema } from '../api/time.ts';

const textMap = z.record(z.string(), z.string());

/** An alert as Alertmanager sends it. Fields that it adds in later versions are ignored. */
export const alertmanagerAlertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: textMap,
  annotations: textMap.default({}),
  startsAt: z.iso.datetime({ offset: true }),
  /** While it fires: when it would be taken as resolved, or Go's zero time. */
  endsAt: z.iso.datetime({ offset: true }).optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().max(128).optional(),
});
export type AlertmanagerAlert = z.infer<typeof alertmanagerAlertSchema>;

/** Alertmanager's webhook body, version 4. The top status is not used: every alert counts by its own. */
export const notificationSchema = z.object({
  version: z.literal('4'),
  groupKey: z.string(),
  truncatedAlerts: z.int().min(0).default(0),
  receiver: z.string().default(''),
  externalURL: z.string().default(''),
  alerts: z.array(alertmanagerAlertSchema),
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
