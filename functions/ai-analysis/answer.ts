import * as z from 'zod';
import { resolveAlias } from '../../shared/actions/index.ts';
import { severitySchema } from '../../shared/api/alert.ts';
import { parametersSchema } from '../../shared/api/free-form.ts';
import { bytesOf, type Immutable } from '../../shared/api/json.ts';
import { objectRefSchema } from '../../shared/api/object-ref.ts';
import { recommendationSchema, shareSchema } from '../../shared/api/recommendation.ts';
import { fieldPath } from '../../shared/api/resource.ts';
import { boundedText, cutText, maskSecrets } from '../../shared/api/text.ts';

/** Half of what is left of an object's 1 MiB beside the spec: every list of an answer at its largest would be more. */
const answerBytesMax = 262_144;
export const candidatesMax = 10;
const findingsMax = 50;
const evidenceMax = 10;
const nameBytesMax = 63;

// An investigator says what others wrote (logs, annotations, alerts) in its own words: every text of it is masked and cut before it stands anywhere.
const sentence = z.string().transform(boundedText);

const findingSchema = z.object({
  id: short(nameBytesMax),
  detector: short(nameBytesMax),
  severity: severitySchema,
  confidence: shareSchema,
  summary: sentence,
  evidence: atMost(evidenceMax, z.object({ ref: objectRefSchema, field: short(253), text: short(512) })).default([]),
});

/** The rim is where an alias is resolved: everything behind it knows canonical names only. */
const action = short(nameBytesMax).transform(resolveAlias);

const stepSchema = recommendationSchema.shape.steps.unwrap().element.extend({ action });

const candidateSchema = z.object({
  action,
  description: sentence,
  confidence: shareSchema,
  impact: recommendationSchema.shape.impact,
  parameters: parametersSchema,
  /** Ids of the findings that speak for it; a claim without any is rejected. */
  findings: z.array(short(nameBytesMax)).default([]),
  // A plan that loses a step is another plan: too many are a mistake, and never cut.
  steps: z.array(stepSchema).min(1).max(20).optional(),
  mode: recommendationSchema.shape.mode,
});

const answerSchema = z.object({
  model: short(128).default('unknown'),
  tokens: z.int().min(0).default(0),
  findings: atMost(findingsMax, findingSchema),
  summary: sentence,
  rootCause: sentence,
  /** What to do about it in one sentence, if the first candidate is taken. */
  recommendation: sentence,
  /** Best first. */
  candidates: atMost(candidatesMax, candidateSchema),
});

/** What an investigator said, once it is known to be an answer. */
export type Answer = Immutable<z.infer<typeof answerSchema>>;

/** Something that might be done. Nothing in it is believed: action, parameters and target pass the same gates whoever names them. */
export type Candidate = Answer['candidates'][number];

export type Reading = { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'mistake'; readonly message: string };

/** An answer comes from outside: it is one only if it is JSON of this form. A mistake is told by its path and never by its words. */
export function readAnswer(said: unknown): Reading {
  const text = jsonOf(said);
  if (text === null) return mistake('answer: must be an object of JSON');
  const bytes = bytesOf(text);
  if (bytes > answerBytesMax) return mistake(`answer: must not exceed ${answerBytesMax} bytes as JSON, and has ${bytes}`);
  const parsed = answerSchema.safeParse(JSON.parse(text));
  if (parsed.success) return { kind: 'answer', answer: parsed.data };
  const [issue] = parsed.error.issues;
  return mistake(`${fieldPath(['answer', ...(issue?.path ?? [])])}: ${issue?.message ?? 'is not valid'}`);
}

function mistake(message: string): Reading {
  return { kind: 'mistake', message: boundedText(message) };
}

/** Null for what JSON cannot say. */
function jsonOf(said: unknown): string | null {
  try {
    return JSON.stringify(said) ?? null;
  } catch {
    return null;
  }
}

function short(bytesMax: number) {
  return z
    .string()
    .min(1)
    .transform((text) => cutText(maskSecrets(text), bytesMax));
}

function atMost<Item extends z.ZodType>(countMax: number, item: Item) {
  return z.array(item).transform((items) => items.slice(0, countMax));
}
