import * as z from 'zod';
import { parametersSchema } from './free-form.ts';
import { isWithinJsonBytes, type Immutable } from './json.ts';
import { labelSchema } from './names.ts';
import { actionNameSchema, stepNameSchema, StrategyMode } from './recommendation.ts';
import { textSchema } from './text.ts';
import { timeoutSchema } from './time.ts';

export const stepsMax = 100;
export const workflowDefinitionBytesMax = 262_144; // plan, statuses and definition together stay under the 1 MiB of an object

/** What planning wants of a step's name. The API takes more, so that a wrong name fails with a reason and not in the API. */
export const stepNamePattern = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

const rollbackActionSchema = z.object({
  action: actionNameSchema.describe('Action that undoes the step.'),
  parameters: parametersSchema.describe('Parameters of that action.'),
  timeout: timeoutSchema.optional().describe('Time that the undo may take, 10s to 15m.'),
});
export type RollbackAction = Immutable<z.infer<typeof rollbackActionSchema>>;

const workflowStepSchema = z.object({
  name: stepNameSchema.describe('Name of the step, unique in the workflow.'),
  action: actionNameSchema.describe('Name of the action; planning judges whether it exists.'),
  parameters: parametersSchema.describe('Parameters of the action.'),
  dependencies: z.array(stepNameSchema).max(stepsMax).default([]).describe('Steps that must have completed before.'),
  criticalStep: z.boolean().default(true).describe('Whether its failure ends the workflow.'),
  timeout: timeoutSchema.optional().describe('Time that the step may take, 10s to 15m; absent: what the action declares.'),
  description: textSchema.optional().describe('What the step is for.'),
  rollback: rollbackActionSchema.optional().describe('Replaces the undo that is captured before the step runs.'),
});
export type WorkflowStep = Immutable<z.infer<typeof workflowStepSchema>>;

export const workflowDefinitionSchema = z
  .object({
    name: labelSchema.optional().describe('Name of the workflow, for people.'),
    steps: z.array(workflowStepSchema).min(1).max(stepsMax).meta({ 'x-kubernetes-list-type': 'atomic' }).describe('The steps.'),
  })
  .refine((definition) => isWithinJsonBytes(definition, workflowDefinitionBytesMax), {
    error: `must not exceed ${workflowDefinitionBytesMax} bytes as JSON`,
  });
export type WorkflowDefinition = Immutable<z.infer<typeof workflowDefinitionSchema>>;

export const executionStrategySchema = z.object({
  mode: z.enum(StrategyMode).default('sequential').describe('One step at a time, or the steps of a batch together.'),
  dryRunFirst: z.boolean().default(true).describe('Whether every step is tried by a server-side dry run first.'),
  approvalRequired: z.boolean().default(false).describe('Whether a person must approve the plan.'),
  rollbackOnFailure: z.boolean().default(true).describe('Whether a critical failure undoes what was done.'),
  monitoringSeconds: z.int().min(0).max(600).default(60).describe('How long the outcome must stay stable; 0 is one check.'),
  maxParallelSteps: z.int().min(1).max(20).default(5).describe('Most steps of a batch that run at once.'),
});
export type ExecutionStrategy = Immutable<z.infer<typeof executionStrategySchema>>;
