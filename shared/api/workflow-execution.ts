import * as z from 'zod';
import { fingerprintSchema, severitySchema } from './alert.ts';
import { environmentSchema } from './cluster-context.ts';
import { compiled } from './compiled.ts';
import { ageColumn, phaseColumn, reasonColumn, type KindDefinition } from './definition.ts';
import { parametersSchema } from './free-form.ts';
import type { Immutable } from './json.ts';
import { defaultCluster } from './labels.ts';
import { boundRefSchema, type KubernetesObject } from './object-ref.ts';
import { actionNameSchema, shareSchema } from './recommendation.ts';
import { parseResource, type Resource } from './resource.ts';
import { executionStrategySchema, workflowDefinitionSchema } from './workflow-definition.ts';
import { workflowStatusSchema, type WorkflowStatus } from './workflow-status.ts';

/** What each phase may fail with, in the order in which it judges. */
export const PlanningFailure = ['dependency_resolution_failed', 'execution_order_failed', 'safety_validation_failed'] as const;
export type PlanningFailure = (typeof PlanningFailure)[number];

export const WorkflowValidationFailure = [
  'rbac_validation_failed',
  'resource_not_found',
  'precondition_failed',
  'dry_run_failed',
  'approval_rejected',
  'approval_expired',
] as const;
export type WorkflowValidationFailure = (typeof WorkflowValidationFailure)[number];

/** `rollback_failed` is never the verdict: it is added to the message of the first reason. `child_refused`: the API refused an execution for good. */
export const WorkflowFailure = [
  ...PlanningFailure,
  ...WorkflowValidationFailure,
  'approval_plan_changed',
  'step_execution_failed',
  'execution_missing',
  'child_refused',
  'post_execution_instability',
  'rollback_failed',
  'orphaned',
  'cancelled',
  'deadline_exceeded',
  'status_refused',
] as const;
export type WorkflowFailure = (typeof WorkflowFailure)[number];

/** A workflow that was asked to stop after validating. */
export const WorkflowCompletion = ['dry_run_only'] as const;
export type WorkflowCompletion = (typeof WorkflowCompletion)[number];

const alertContextSchema = z.object({
  fingerprint: fingerprintSchema.describe('Fingerprint of the alert.'),
  severity: severitySchema.describe('Severity after mapping.'),
  originalAlert: z.string().max(32_768).optional().describe('The JSON of the alert, masked.'),
});

const aiRecommendationSchema = z.object({
  recommendationID: z.string().min(1).max(16).describe('Which recommendation of the analysis this is.'),
  confidence: shareSchema.describe('How sure the investigation is.'),
  action: actionNameSchema.describe('The recommended action.'),
  parameters: parametersSchema.optional().describe('Parameters as they were recommended.'),
});

export const workflowSpecSchema = z
  .object({
    workflowDefinition: workflowDefinitionSchema.describe('The steps and what they depend on.'),
    executionStrategy: executionStrategySchema.prefault({}).describe('How the steps run.'),
    alertContext: alertContextSchema.describe('The alert behind it.'),
    aiRecommendation: aiRecommendationSchema.describe('The recommendation behind it.'),
    remediationRequestRef: boundRefSchema.optional().describe('The request that this workflow serves; the owner reference says the same.'),
    targetCluster: z.string().max(63).default(defaultCluster).describe('Cluster of the targets.'),
    environment: environmentSchema.default('unknown').describe('Environment of the target; unknown counts as production.'),
    dryRun: z.boolean().default(false).describe('Stop after validating.'),
  })
  .describe('What shall be done, and how.');
export type WorkflowSpec = Immutable<z.infer<typeof workflowSpecSchema>>;

const apiVersion = 'workflow.kubernaut.io/v1';

export type WorkflowExecution = Resource<'WorkflowExecution', WorkflowSpec, WorkflowStatus>;

const specSchema = compiled(workflowSpecSchema);
const statusSchema = compiled(workflowStatusSchema);

/** See parseResource: a view with defaults, never to be written back. */
export function parseWorkflowExecution(object: KubernetesObject): WorkflowExecution {
  const shape = { apiVersion, kind: 'WorkflowExecution', specSchema: specSchema(), statusSchema: statusSchema() } as const;
  return parseResource<'WorkflowExecution', WorkflowSpec, WorkflowStatus>(object, shape);
}

export const workflowExecutionDefinition: KindDefinition = {
  group: 'workflow.kubernaut.io',
  version: 'v1',
  kind: 'WorkflowExecution',
  plural: 'workflowexecutions',
  singular: 'workflowexecution',
  shortNames: ['wf'],
  categories: ['kubernaut'],
  description: 'Plans the steps of a remediation, validates them, runs them, watches the outcome and undoes what failed.',
  printerColumns: [
    phaseColumn,
    { name: 'STEP', type: 'integer', jsonPath: '.status.currentStep' },
    { name: 'STEPS', type: 'integer', jsonPath: '.status.totalSteps' },
    { name: 'RESULT', type: 'boolean', jsonPath: '.status.overallSuccess' },
    ageColumn,
    reasonColumn,
    { name: 'MODE', type: 'string', jsonPath: '.spec.executionStrategy.mode', priority: 1 },
  ],
  mutableFields: [],
  specRules: [],
  objectRules: [],
  schema: z.object({ spec: workflowSpecSchema, status: workflowStatusSchema }),
};
