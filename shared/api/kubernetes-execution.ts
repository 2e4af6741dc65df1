import * as z from 'zod';
import { ageColumn, phaseColumn, reasonColumn, type KindDefinition } from './definition.ts';
import { jsonObjectSchema, parametersSchema } from './free-form.ts';
import type { Immutable } from './json.ts';
import { defaultCluster } from './labels.ts';
import { nameSchema } from './names.ts';
import { boundRefSchema, objectRefSchema, uidSchema, type KubernetesObject } from './object-ref.ts';
import { actionNameSchema } from './recommendation.ts';
import { parseResource, type Resource } from './resource.ts';
import { statusFields } from './status.ts';
import { textSchema } from './text.ts';
import { durationSchema, instantSchema, timeoutSchema } from './time.ts';

export const ExecutionPhase = ['', 'validating', 'executing', 'completed', 'failed'] as const;
export type ExecutionPhase = (typeof ExecutionPhase)[number];

/** What each phase may fail with, in the order in which it judges. */
export const AdmittanceFailure = ['unknown_action', 'action_not_enabled', 'invalid_parameters', 'protected_namespace', 'unknown_cluster'] as const;
export type AdmittanceFailure = (typeof AdmittanceFailure)[number];

export const ValidationFailure = ['rbac_validation_failed', 'resource_not_found', 'target_changed', 'precondition_failed', 'dry_run_failed'] as const;
export type ValidationFailure = (typeof ValidationFailure)[number];

export const ExecutingFailure = [
  'target_changed',
  'job_creation_failed',
  'execution_timeout',
  'execution_job_failed',
  'job_missing',
  'outcome_validation_failed',
  'health_check_failed',
] as const;
export type ExecutingFailure = (typeof ExecutingFailure)[number];

export const ExecutionFailure = [
  ...AdmittanceFailure,
  ...ValidationFailure,
  'job_creation_failed',
  'execution_timeout',
  'execution_job_failed',
  'job_missing',
  'outcome_validation_failed',
  'health_check_failed',
  'orphaned',
  'cancelled',
  'deadline_exceeded',
  'status_refused',
] as const;
export type ExecutionFailure = (typeof ExecutionFailure)[number];

export const dryRunOutputBytesMax = 4_096;
export const jobOutputBytesMax = 16_384;
export const rollbackInformationBytesMax = 65_536;
export const targetBeforeBytesMax = 8_192;

const clusterReferenceSchema = z.object({
  name: z.string().max(63).default(defaultCluster).describe('Cluster of the target.'),
  namespace: z
    .string()
    .max(63)
    .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/)
    .default('')
    .describe('Namespace of the target; empty for what belongs to the whole cluster.'),
});

const executionTargetSchema = objectRefSchema.omit({ uid: true });

export const executionSpecSchema = z
  .object({
    actionType: actionNameSchema.describe('Name of the action.'),
    actionParams: parametersSchema.describe('Parameters of the action.'),
    targetCluster: clusterReferenceSchema.prefault({}).describe('Where the target is.'),
    timeout: timeoutSchema.default('5m').describe('Time that the execution may take, 10s to 15m.'),
    workflowExecutionRef: boundRefSchema.optional().describe('The workflow that this execution serves; the owner reference says the same.'),
    remediationRequestRef: boundRefSchema.optional().describe('The request that this execution serves.'),
    stepName: z.string().max(40).optional().describe('The step that this execution carries out.'),
    environment: z.string().max(63).optional().describe('Environment of the target.'),
    target: executionTargetSchema.optional().describe('The target; must equal what the action derives from its parameters.'),
    targetUid: uidSchema.default('').describe('Uid that the target must have; empty for what did not exist when it was planned.'),
    rollbackOf: nameSchema.optional().describe('The execution that this one undoes.'),
  })
  .describe('One action on one target.');
export type ExecutionSpec = Immutable<z.infer<typeof executionSpecSchema>>;

const validationResultsSchema = z.object({
  rbacValid: z.boolean().optional().describe('Whether the ServiceAccount of the action may do what it wants.'),
  resourceExists: z.boolean().optional().describe('Whether the target exists.'),
  dryRunPassed: z.boolean().optional().describe('Whether the API accepted a server-side dry run.'),
  dryRunOutput: z.string().max(dryRunOutputBytesMax).optional().describe('What the API said to the dry run, a line for each request.'),
  errorMessage: textSchema.optional().describe('The first check that does not hold, in a sentence.'),
});
export type ExecutionValidationResults = Immutable<z.infer<typeof validationResultsSchema>>;

const rollbackInformationSchema = z.object({
  available: z.boolean().describe('Whether the action can be undone.'),
  action: actionNameSchema.optional().describe('The action that undoes it.'),
  parameters: jsonObjectSchema.optional().describe('Parameters of that action: the values before the change.'),
  capturedAt: instantSchema.optional().describe('When those values were read.'),
});
export type RollbackInformation = Immutable<z.infer<typeof rollbackInformationSchema>>;

const executionResultsSchema = z.object({
  success: z.boolean().describe('Whether the outcome is as wanted.'),
  message: textSchema.optional().describe('What was done.'),
  validationResult: textSchema.optional().describe('What the outcome check saw.'),
  errorMessage: textSchema.optional().describe('What went wrong with the execution.'),
  executionDuration: durationSchema.optional().describe('From the first pass to the verdict.'),
  jobOutput: z.string().max(jobOutputBytesMax).optional().describe('The end of the log of the Job, with secrets masked.'),
  exitCode: z.int32().optional().describe('Exit code of the container of the Job.'),
});
export type ExecutionResults = Immutable<z.infer<typeof executionResultsSchema>>;

const jobRefSchema = boundRefSchema.partial({ apiVersion: true });
export type JobRef = Immutable<z.infer<typeof jobRefSchema>>;

export const executionStatusSchema = z
  .object({
    ...statusFields(ExecutionPhase),
    validationResults: validationResultsSchema.optional().describe('What validating found.'),
    validationTime: instantSchema.optional().describe('When validating ended.'),
    rollbackInformation: rollbackInformationSchema.optional().describe('How to undo it; written before the Job exists.'),
    targetBefore: jsonObjectSchema.optional().describe('The target before the change, as far as it matters; at most 8,192 bytes.'),
    jobRef: jobRefSchema.optional().describe('The Job; never cleared, so that no second one is made.'),
    jobCreatedTime: instantSchema.optional().describe('When the Job was made.'),
    executionResults: executionResultsSchema.optional().describe('The verdict and what led to it.'),
  })
  .describe('How far the execution is.');
export type ExecutionStatus = Immutable<z.infer<typeof executionStatusSchema>>;

const apiVersion = 'executor.kubernaut.io/v1';

export type KubernetesExecution = Resource<'KubernetesExecution', ExecutionSpec, ExecutionStatus>;

/** See parseResource: a view with defaults, never to be written back. */
export function parseKubernetesExecution(object: KubernetesObject): KubernetesExecution {
  const shape = { apiVersion, kind: 'KubernetesExecution', specSchema: executionSpecSchema, statusSchema: executionStatusSchema } as const;
  return parseResource<'KubernetesExecution', ExecutionSpec, ExecutionStatus>(object, shape);
}

export const kubernetesExecutionDefinition: KindDefinition = {
  group: 'executor.kubernaut.io',
  version: 'v1',
  kind: 'KubernetesExecution',
  plural: 'kubernetesexecutions',
  singular: 'kubernetesexecution',
  shortNames: ['ke'],
  categories: ['kubernaut'],
  description: 'Validates one action, runs it as a Job and checks what came of it.',
  printerColumns: [
    phaseColumn,
    { name: 'ACTION', type: 'string', jsonPath: '.spec.actionType' },
    { name: 'TARGET', type: 'string', jsonPath: '.spec.target.name' },
    { name: 'JOB', type: 'string', jsonPath: '.status.jobRef.name' },
    ageColumn,
    reasonColumn,
  ],
  mutableFields: [],
  specRules: [],
  objectRules: [],
  schema: z.object({ spec: executionSpecSchema, status: executionStatusSchema }),
};
