import * as z from 'zod';
import { investigationSchema } from '../../shared/api/investigation.ts';
import { actionNameSchema, recommendationSchema, recommendedStepsMax, shareSchema } from '../../shared/api/recommendation.ts';
import { textSchema } from '../../shared/api/text.ts';
import { parametersSchema } from '../../shared/api/free-form.ts';
import type { Answer } from './provider.ts';

const candidatesMax = 10;

/** A provider's answer comes from outside: it is an answer only if it fits this. Text is data; nothing in it is ever carried out. */
export const answerSchema = z.object({
  model: z.string().max(128),
  tokens: z.int().min(0).default(0),
  findings: investigationSchema.shape.findings.unwrap(),
  summary: textSchema,
  rootCause: textSchema,
  recommendation: textSchema,
  candidates: z
    .array(
      z.object({
        action: actionNameSchema,
        description: textSchema,
        confidence: shareSchema,
        impact: recommendationSchema.shape.impact,
        parameters: parametersSchema,
        findings: z.array(z.string().max(63)).max(50),
        steps: recommendationSchema.shape.steps.unwrap().max(recommendedStepsMax).optional(),
        mode: recommendationSchema.shape.mode,
      }),
    )
    .max(candidatesMax),
});

/** Throws with the path of the first mistake: an answer that is no answer is trouble, and trouble is asked again. */
export function parseAnswer(provider: string, raw: unknown): Answer {
  const parsed = answerSchema.safeParse(raw);
  if (parsed.success) return parsed.data as Answer;
  const [issue] = parsed.error.issues;
  throw new Error(`provider ${provider}: answer.${(issue?.path ?? []).join('.')}: ${issue?.message ?? 'is not valid'}`);
}
