import * as z from 'zod';

/** One row of the audit (api.md §11), as it travels on the audit queue. The database ignores a repeated id. */
export const auditEventSchema = z
  .object({
    id: z.uuid(),
    time: z.iso.datetime(),
    cluster: z.string().max(63),
    /** uid of the RemediationRequest; empty before one exists. */
    correlationId: z.string().max(64),
    requestName: z.string().max(253),
    kind: z.string().max(63),
    namespace: z.string().max(63),
    name: z.string().max(253),
    uid: z.string().max(64),
    type: z
      .string()
      .regex(/^[a-z_]+(\.[a-z_]+)+$/)
      .max(63),
    actor: z.object({ kind: z.enum(['system', 'user']), name: z.string().max(253) }),
    phaseFrom: z.string().max(63),
    phaseTo: z.string().max(63),
    reason: z.string().max(63),
    message: z.string().max(1024),
    payload: z.record(z.string(), z.json()).optional(),
    /** The version that the decision was made on. */
    resourceVersion: z.string().max(64),
    traceparent: z.string().max(55).optional(),
  })
  .readonly();

export type AuditEvent = z.infer<typeof auditEventSchema>;
