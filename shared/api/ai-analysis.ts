import * as z from 'zod';
import { alertSchema } from './alert.ts';
import { contextBytesMax, contextQualitySchema, environmentSchema, missingSchema, prioritySchema } from './cluster-context.ts';
import { ageColumn, phaseColumn, reasonColumn, type KindDefinition } from './definition.ts';
import { boundedJsonObject } from './free-form.ts';
import { investigationReportSchema, investigationSchema } from './investigation.ts';
import type { Immutable } from './json.ts';
import { labelSchema } from './names.ts';
import { boundRefSchema, type KubernetesObject } from './object-ref.ts';
import { actionNameSchema, recommendationSchema, shareSchema, topRecommendationSchema } from './recommendation.ts';
import { parseResource, type Resource } from './resource.ts';
import { statusFields } from './status.ts';
import { resolvedTargetSchema } from './target.ts';
import { reasonSchema, textSchema } from './text.ts';

export const AnalysisPhase = ['', 'investigating', 'analyzing', 'recommending', 'completed', 'failed'] as const;
export type AnalysisPhase = (typeof AnalysisPhase)[number];

export const AnalysisFailure = ['invalid_analysis', 'cancelled', 'deadline_exceeded', 'status_refused'] as const;
export type AnalysisFailure = (typeof AnalysisFailure)[number];

/** An analysis that completed with nothing to recommend. */
export const AnalysisCompletion = ['no_action_needed'] as const;
export type AnalysisCompletion = (typeof AnalysisCompletion)[number];

export const recommendationsMax = 10;
export const rejectedMax = 20;

const constraintsSchema = z.object({
  allowedActions: z.array(actionNameSchema).max(64).optional().describe('Actions that may be recommended; absent: every enabled one.'),
  minConfidence: shareSchema.default(0.6).describe('Below this nothing is recommended.'),
  approvalBelowConfidence: shareSchema.default(0.8).describe('Below this a person must approve.'),
  maxReplicas: z.int().min(0).max(1_000_000).default(1000).describe('Most replicas that a recommendation may ask for.'),
  maxScaleFactor: z.number().min(1).max(1000).default(3).describe('Most by which replicas may be multiplied.'),
  maxScaleStep: z.int().min(1).max(1_000_000).default(20).describe('Most replicas that may be added at once.'),
});
export type Constraints = Immutable<z.infer<typeof constraintsSchema>>;

export const analysisSpecSchema = z
  .object({
    remediationRequestRef: boundRefSchema.describe('The request that this analysis serves.'),
    alertContext: alertSchema.describe('The alert, copied from the request.'),
    target: resolvedTargetSchema.describe('The object to be remedied, copied from the processing.'),
    kubernetesContext: boundedJsonObject(contextBytesMax).describe('What surrounds the target, copied from the processing.'),
    contextQuality: contextQualitySchema.describe('Whether everything could be read.'),
    missing: missingSchema.default([]).describe('What could not be read, and why.'),
    environment: environmentSchema.describe('Environment of the target; unknown counts as production.'),
    priority: prioritySchema.describe('How urgent the remediation is, P0 first; from severity and environment.'),
    provider: labelSchema.default('rules').describe('Who is asked; rules is the embedded one.'),
    constraints: constraintsSchema.prefault({}).describe('Limits of what may be recommended, copied from the configuration.'),
  })
  .describe('Everything that an investigation starts from.');
export type AnalysisSpec = Immutable<z.infer<typeof analysisSpecSchema>>;

const rejectedSchema = z.object({
  action: z.string().max(63).describe('What was not recommended.'),
  reason: reasonSchema.describe('The constraint that dropped it.'),
  message: textSchema.describe('Why it was dropped, in a sentence.'),
});
export type Rejected = Immutable<z.infer<typeof rejectedSchema>>;

export const analysisStatusSchema = z
  .object({
    ...statusFields(AnalysisPhase),
    investigation: investigationSchema.optional().describe('What was found, and by whom.'),
    recommendations: z.array(recommendationSchema).max(recommendationsMax).optional().describe('What to do, best first.'),
    rejected: z.array(rejectedSchema).max(rejectedMax).optional().describe('Recommendations that were dropped, and why.'),
    topRecommendation: topRecommendationSchema.optional().describe('What was chosen.'),
    investigationReport: investigationReportSchema.optional().describe('The report for people; at most 10,240 bytes.'),
  })
  .describe('What was found, and what should be done.');
export type AnalysisStatus = Immutable<z.infer<typeof analysisStatusSchema>>;

const apiVersion = 'aianalysis.kubernaut.io/v1';

export type AIAnalysis = Resource<'AIAnalysis', AnalysisSpec, AnalysisStatus>;

/** See parseResource: a view with defaults, never to be written back. */
export function parseAIAnalysis(object: KubernetesObject): AIAnalysis {
  const shape = { apiVersion, kind: 'AIAnalysis', specSchema: analysisSpecSchema, statusSchema: analysisStatusSchema } as const;
  return parseResource<'AIAnalysis', AnalysisSpec, AnalysisStatus>(object, shape);
}

export const aiAnalysisDefinition: KindDefinition = {
  group: 'aianalysis.kubernaut.io',
  version: 'v1',
  kind: 'AIAnalysis',
  plural: 'aianalyses',
  singular: 'aianalysis',
  shortNames: ['aia'],
  categories: ['kubernaut'],
  description: 'Investigates an alert and recommends what to do about it.',
  printerColumns: [
    phaseColumn,
    { name: 'TOP', type: 'string', jsonPath: '.status.topRecommendation.action' },
    { name: 'CONFIDENCE', type: 'number', jsonPath: '.status.topRecommendation.confidence' },
    { name: 'PROVIDER', type: 'string', jsonPath: '.status.investigation.provider' },
    ageColumn,
    reasonColumn,
  ],
  mutableFields: [],
  specRules: [],
  objectRules: [],
  schema: z.object({ spec: analysisSpecSchema, status: analysisStatusSchema }),
};
