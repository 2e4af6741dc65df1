import * as z from 'zod';
import type { Immutable } from './json.ts';
import { textSchema } from './text.ts';

/** `unknown` is treated as production by every gate. */
export const Environment = ['production', 'staging', 'development', 'unknown'] as const;
export type Environment = (typeof Environment)[number];
export const environmentSchema = z.enum(Environment);

/** Where the environment was read: a label of the namespace, the operator's map, a pattern of names, nowhere. */
export const EnvironmentSource = ['label', 'map', 'pattern', 'none'] as const;
export type EnvironmentSource = (typeof EnvironmentSource)[number];

export const Priority = ['P0', 'P1', 'P2', 'P3'] as const;
export type Priority = (typeof Priority)[number];
export const prioritySchema = z.enum(Priority);

/** `degraded`: something could not be read; `missing` says what and why. */
export const ContextQuality = ['complete', 'degraded'] as const;
export type ContextQuality = (typeof ContextQuality)[number];
export const contextQualitySchema = z.enum(ContextQuality);

export const contextBytesMax = 8_192; // copied into the analysis and into a prompt

export const missingSchema = z
  .array(
    z.object({
      source: z.string().max(63).describe('What could not be read.'),
      reason: textSchema.describe('Why it could not be read.'),
    }),
  )
  .max(16);
export type MissingSource = Immutable<z.infer<typeof missingSchema>>[number];
