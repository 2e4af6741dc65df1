import * as z from 'zod';
import type { Immutable } from './json.ts';
import { labelSchema, nameSchema } from './names.ts';
import { objectRefSchema, uidSchema } from './object-ref.ts';

/** What the labels of an alert say; nobody has looked at the cluster yet. */
export const alertTargetSchema = z.object({
  kind: z.string().min(1).max(63).describe('Kind of the object, for example Deployment.'),
  name: nameSchema.describe('Name of the object.'),
  namespace: labelSchema.optional().describe('Namespace of the object; absent for what belongs to the whole cluster.'),
  container: labelSchema.optional().describe('Container that the alert speaks of.'),
});
export type AlertTarget = Immutable<z.infer<typeof alertTargetSchema>>;

/** The controller at the top of the owner chain, or the object itself; read from the cluster. */
export const resolvedTargetSchema = objectRefSchema.extend({
  uid: uidSchema.min(1).describe('Uid of the object as it was read.'),
  container: labelSchema.optional().describe('Container that the alert speaks of.'),
  ownerChain: z.array(objectRefSchema).max(5).default([]).describe('From the object that the alert names up to the target.'),
});
export type ResolvedTarget = Immutable<z.infer<typeof resolvedTargetSchema>>;
