import * as z from 'zod';
import { isDnsSubdomain } from '../api/names.ts';

/** The key of a resource and why it should be looked at; never state (api.md §9). */
export const reconcileMessageSchema = z
  .object({
    cluster: z.string().min(1).max(63),
    kind: z.string().min(1).max(63),
    namespace: z.string().min(1).max(63),
    /** No other text can be the name of an object, and in a path it could name another one. */
    name: z.string().refine(isDnsSubdomain, { error: 'must be the name of a Kubernetes object (a DNS-1123 subdomain)' }),
    cause: z.enum(['watch', 'timer', 'sweep']),
    /** The phase that a timer belongs to. "" is a phase, so absence and emptiness differ. */
    phase: z.string().max(63).optional(),
    /** The version that a timer was decided on. */
    resourceVersion: z.string().max(64).optional(),
  })
  .refine((message) => message.cause !== 'timer' || message.phase !== undefined, { path: ['phase'], message: 'is required when cause is timer' })
  .readonly();

export type ReconcileMessage = z.infer<typeof reconcileMessageSchema>;
