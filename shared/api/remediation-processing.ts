import * as z from 'zod';
import { alertSchema } from './alert.ts';
import { contextQualitySchema, environmentSchema, EnvironmentSource, missingSchema, prioritySchema } from './cluster-context.ts';
import { ageColumn, phaseColumn, reasonColumn, type KindDefinition } from './definition.ts';
import { jsonObjectSchema } from './free-form.ts';
import type { Immutable } from './json.ts';
import { defaultCluster } from './labels.ts';
import { boundRefSchema, type KubernetesObject } from './object-ref.ts';
import { parseResource, type Resource } from './resource.ts';
import { statusFields } from './status.ts';
import { alertTargetSchema, resolvedTargetSchema } from './target.ts';

export const ProcessingPhase = ['', 'enriching', 'classifying', 'completed', 'failed'] as const;
export type ProcessingPhase = (typeof ProcessingPhase)[number];

/** In the order in which enriching judges them; the last three may come in any phase. */
export const ProcessingFailure = [
  'unknown_cluster',
  'target_not_found',
  'target_ambiguous',
  'protected_namespace',
  'cancelled',
  'deadline_exceeded',
  'status_refused',
] as const;
export type ProcessingFailure = (typeof ProcessingFailure)[number];

export const processingSpecSchema = z
  .object({
    remediationRequestRef: boundRefSchema.describe('The request that this processing serves.'),
    alert: alertSchema.describe('The alert, copied from the request.'),
    target: alertTargetSchema.optional().describe('What the labels say, copied from the request.'),
    targetCluster: z.string().max(63).default(defaultCluster).describe('Cluster of the target.'),
  })
  .describe('What is known of the alert before anybody looks at the cluster.');
export type ProcessingSpec = Immutable<z.infer<typeof processingSpecSchema>>;

export const processingStatusSchema = z
  .object({
    ...statusFields(ProcessingPhase),
    resolvedTarget: resolvedTargetSchema.optional().describe('The object to be remedied, as the cluster knows it.'),
    kubernetesContext: jsonObjectSchema.optional().describe('What surrounds the target; at most 8,192 bytes, no logs, no values of Secrets.'),
    contextQuality: contextQualitySchema.optional().describe('Whether everything could be read.'),
    missing: missingSchema.optional().describe('What could not be read, and why.'),
    environment: environmentSchema.optional().describe('Environment of the target; unknown counts as production.'),
    environmentSource: z.enum(EnvironmentSource).optional().describe('Where the environment was read.'),
    priority: prioritySchema.optional().describe('How urgent the remediation is, P0 first; from severity and environment.'),
  })
  .describe('What the cluster says about the target.');
export type ProcessingStatus = Immutable<z.infer<typeof processingStatusSchema>>;

const apiVersion = 'remediation.kubernaut.io/v1';

export type RemediationProcessing = Resource<'RemediationProcessing', ProcessingSpec, ProcessingStatus>;

/** See parseResource: a view with defaults, never to be written back. */
export function parseRemediationProcessing(object: KubernetesObject): RemediationProcessing {
  const shape = { apiVersion, kind: 'RemediationProcessing', specSchema: processingSpecSchema, statusSchema: processingStatusSchema } as const;
  return parseResource<'RemediationProcessing', ProcessingSpec, ProcessingStatus>(object, shape);
}

export const remediationProcessingDefinition: KindDefinition = {
  group: 'remediation.kubernaut.io',
  version: 'v1',
  kind: 'RemediationProcessing',
  plural: 'remediationprocessings',
  singular: 'remediationprocessing',
  shortNames: ['rp'],
  categories: ['kubernaut'],
  description: 'Finds the target of an alert, its surroundings, its environment and its priority.',
  printerColumns: [
    phaseColumn,
    { name: 'TARGET', type: 'string', jsonPath: '.status.resolvedTarget.name' },
    { name: 'ENVIRONMENT', type: 'string', jsonPath: '.status.environment' },
    { name: 'PRIORITY', type: 'string', jsonPath: '.status.priority' },
    ageColumn,
    reasonColumn,
  ],
  mutableFields: [],
  specRules: [],
  objectRules: [],
  schema: z.object({ spec: processingSpecSchema, status: processingStatusSchema }),
};
