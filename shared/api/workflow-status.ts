import * as z from 'zod';
import type { Immutable } from './json.ts';
import { boundRefSchema, uidSchema } from './object-ref.ts';
import { stepNameSchema, StrategyMode } from './recommendation.ts';
import { statusFields } from './status.ts';
import { reasonSchema, textSchema } from './text.ts';
import { durationSchema, instantSchema } from './time.ts';
import { stepsMax } from './workflow-definition.ts';

export const WorkflowPhase = ['', 'planning', 'validating', 'executing', 'monitoring', 'rolling_back', 'completed', 'failed'] as const;
export type WorkflowPhase = (typeof WorkflowPhase)[number];

/** `executing` also while the execution is new or validating; a step without an entry has not started. */
export const StepPhase = ['executing', 'completed', 'failed', 'skipped', 'rolled_back'] as const;
export type StepPhase = (typeof StepPhase)[number];

export const StepCheck = ['passed', 'failed', 'skipped'] as const;
export type StepCheck = (typeof StepCheck)[number];

export const RollbackStrategy = ['automatic', 'none'] as const;
export type RollbackStrategy = (typeof RollbackStrategy)[number];

export const RollbackState = ['none', 'running', 'completed', 'partial', 'failed'] as const;
export type RollbackState = (typeof RollbackState)[number];

export const ApprovalDecision = ['approved', 'rejected'] as const;
export type ApprovalDecision = (typeof ApprovalDecision)[number];

export const Stability = ['stable', 'unstable'] as const;
export type Stability = (typeof Stability)[number];

const digestSchema = z
  .string()
  .max(71)
  .regex(/^sha256:[0-9a-f]{64}$/);

const batchSchema = z.object({
  batch: z.int().min(1).max(stepsMax).describe('Number of the batch, from 1.'),
  steps: z.array(stepNameSchema).max(stepsMax).describe('Steps of the batch, in the order of the definition.'),
  parallel: z.boolean().describe('Whether the steps of the batch run together.'),
});
export type Batch = Immutable<z.infer<typeof batchSchema>>;

const executionPlanSchema = z.object({
  strategy: z.enum(StrategyMode).describe('The mode of the strategy.'),
  estimatedDuration: durationSchema.describe('Sum of the timeouts of the steps along the plan, for example 5m.'),
  rollbackStrategy: z.enum(RollbackStrategy).describe('Whether a critical failure undoes what was done.'),
  executionOrder: z.array(batchSchema).max(stepsMax).describe('The batches, one after another.'),
  actualDuration: durationSchema.optional().describe('From the start of the first step to the end of the workflow.'),
  digest: digestSchema.describe('What an approval is bound to.'),
  worstCaseSeconds: z.int().min(0).describe('Sum of all deadlines to come, without the wait for an approval.'),
});
export type ExecutionPlan = Immutable<z.infer<typeof executionPlanSchema>>;

const stepValidationSchema = z.object({
  stepName: stepNameSchema.describe('The step.'),
  rbac: z.enum(StepCheck).optional().describe('Whether the identity of the action may act.'),
  resource: z.enum(StepCheck).optional().describe('Whether the target exists.'),
  targetUid: uidSchema.optional().describe('Uid of the target; empty for what does not exist yet.'),
  dryRun: z.enum(StepCheck).optional().describe('Whether the API would take it.'),
  dryRunOutput: textSchema.optional().describe('What the API said to the dry run.'),
});
export type StepValidation = Immutable<z.infer<typeof stepValidationSchema>>;

const validationResultsSchema = z.object({
  rbacValid: z.boolean().optional().describe('Whether the ServiceAccount of every action may do what its step wants.'),
  resourceAvailable: z.boolean().optional().describe('Whether every target exists.'),
  dryRunPassed: z.boolean().optional().describe('Whether the API accepted a server-side dry run of every step.'),
  approvalReceived: z.boolean().optional().describe('A person approved; false where none was asked.'),
  safetyChecksComplete: z.boolean().optional().describe('Whether every precondition was judged and holds.'),
  errorMessage: textSchema.optional().describe('The first check that does not hold, in a sentence.'),
  steps: z.array(stepValidationSchema).max(stepsMax).optional().describe('What validating found for each step.'),
});
export type WorkflowValidationResults = Immutable<z.infer<typeof validationResultsSchema>>;

const approvalSchema = z.object({
  expiresAt: instantSchema.describe('When it is too late to decide.'),
  decision: z.enum(ApprovalDecision).optional().describe('What was decided.'),
  user: z.string().max(253).optional().describe('Who decided, as the API authenticated them.'),
  at: instantSchema.optional().describe('When the decision was made.'),
  planDigest: digestSchema.optional().describe('The plan that was decided on.'),
  reason: textSchema.optional().describe('Why it was rejected.'),
});
export type Approval = Immutable<z.infer<typeof approvalSchema>>;

const stepResultsSchema = z.object({
  success: z.boolean().describe('Whether the outcome of the step is as wanted.'),
  message: textSchema.optional().describe('What was done.'),
  validationResult: textSchema.optional().describe('What the outcome check saw.'),
  errorMessage: textSchema.optional().describe('What went wrong with the step.'),
});
export type StepResults = Immutable<z.infer<typeof stepResultsSchema>>;

const stepStatusSchema = z.object({
  stepName: stepNameSchema.describe('The step.'),
  phase: z.enum(StepPhase).describe('Where the step stands.'),
  startTime: instantSchema.optional().describe('When its execution was made.'),
  completionTime: instantSchema.optional().describe('When its execution ended.'),
  executionResults: stepResultsSchema.optional().describe('What the step came to, copied from its execution.'),
  executionRef: boundRefSchema.optional().describe('The KubernetesExecution of the step.'),
});
export type StepStatus = Immutable<z.infer<typeof stepStatusSchema>>;

const stepStatusesSchema = z
  .array(stepStatusSchema)
  .max(stepsMax)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['stepName'] });

const monitoringSchema = z.object({
  startedAt: instantSchema.describe('When monitoring began.'),
  until: instantSchema.describe('When it ends if everything stays stable.'),
  endedAt: instantSchema.optional().describe('When it ended.'),
  result: z.enum(Stability).optional().describe('Whether the outcome stayed.'),
  message: textSchema.optional().describe('What was seen.'),
});
export type Monitoring = Immutable<z.infer<typeof monitoringSchema>>;

const rollbackStepSchema = z.object({
  stepName: stepNameSchema.describe('The step that is undone.'),
  executionRef: boundRefSchema.optional().describe('The KubernetesExecution that undoes it.'),
  phase: z.enum(StepPhase).describe('Where the undo stands.'),
  reason: reasonSchema.optional().describe('Why the undo failed.'),
});
export type RollbackStep = Immutable<z.infer<typeof rollbackStepSchema>>;

const rollbackSchema = z.object({
  state: z.enum(RollbackState).describe('Where the rollback stands.'),
  steps: z.array(rollbackStepSchema).max(stepsMax).default([]).describe('The undone steps, in the order of their undoing.'),
});
export type Rollback = Immutable<z.infer<typeof rollbackSchema>>;

export const workflowStatusSchema = z
  .object({
    ...statusFields(WorkflowPhase),
    totalSteps: z.int().min(0).max(stepsMax).optional().describe('Steps defined.'),
    currentStep: z.int().min(0).max(stepsMax).optional().describe('Steps started.'),
    executionPlan: executionPlanSchema.optional().describe('In which order the steps run.'),
    validationResults: validationResultsSchema.optional().describe('What validating found.'),
    validationTime: instantSchema.optional().describe('When everything held.'),
    approval: approvalSchema.optional().describe('What a person decided.'),
    stepStatuses: stepStatusesSchema.optional().describe('The steps that have started or were skipped.'),
    monitoring: monitoringSchema.optional().describe('How the outcome was watched after the last step.'),
    rollback: rollbackSchema.optional().describe('What was undone.'),
    overallSuccess: z
      .boolean()
      .optional()
      .describe('Whether every critical step completed and everything stayed stable; absent while running and after a dry run.'),
  })
  .describe('How far the workflow is.');
export type WorkflowStatus = Immutable<z.infer<typeof workflowStatusSchema>>;
