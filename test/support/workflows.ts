import fc from 'fast-check';
import { bindAction } from '../../shared/actions/index.ts';
import type { StepWorld } from '../../functions/workflow-execution/validation.ts';
import { aDeployment } from './actions.ts';
import { batchesOf } from '../../functions/workflow-execution/batches.ts';
import type { Ports } from '../../functions/workflow-execution/executions.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { stepExecution } from '../../functions/workflow-execution/execution.ts';
import type { Node } from '../../shared/planning/graph.ts';
import { planOf } from '../../functions/workflow-execution/plan.ts';
import type { Settings } from '../../functions/workflow-execution/settings.ts';
import { parseKubernetesExecution, type ExecutionStatus, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { refOf, type BoundRef, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { parseRemediationRequest, type RemediationRequest } from '../../shared/api/remediation-request.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { ExecutionStrategy, WorkflowStep } from '../../shared/api/workflow-definition.ts';
import { parseWorkflowExecution, type WorkflowExecution, type WorkflowSpec } from '../../shared/api/workflow-execution.ts';
import type { StepStatus, WorkflowStatus } from '../../shared/api/workflow-status.ts';
import type { EmitEvent, PatchStatus, RecordAudit } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';

/** The specification's figures: the plan is validated, the first step is about to start. */
export const now: Instant = '2026-01-15T10:35:10Z';

export const settings: Settings = { cluster: 'primary-cluster', namespace: 'kubernaut-system', approvalTimeoutSeconds: 900 };

/** As in a function that has just started. */
export function portsOf(cluster: ClusterReader): Ports {
  return { cluster, ended: new Map() };
}

/** A step as the graph sees it: its name, then the names it waits for. */
export function node(name: string, ...dependencies: readonly string[]): Node {
  return { name, dependencies };
}

/** Scales payment-api in production to 5. */
export function aStep(name = 'scale-deployment', overrides: Partial<WorkflowStep> = {}): WorkflowStep {
  const parameters = { namespace: 'production', deployment: 'payment-api', replicas: 5 };
  return { name, action: 'scale_deployment', parameters, dependencies: [], criticalStep: true, ...overrides };
}

export interface WorkflowOverrides extends Partial<Omit<WorkflowSpec, 'workflowDefinition' | 'executionStrategy'>> {
  readonly steps?: readonly WorkflowStep[];
  readonly strategy?: Partial<ExecutionStrategy>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly status?: Partial<WorkflowStatus>;
}

/** One step of request rr-1 (uid rr1), planned and in `validating`; `status` goes over that. */
export function aWorkflow({ steps = [aStep()], strategy, annotations, status, ...spec }: WorkflowOverrides = {}): WorkflowExecution {
  const fresh = parseWorkflowExecution({
    apiVersion: 'workflow.kubernaut.io/v1',
    kind: 'WorkflowExecution',
    metadata: {
      name: 'rr-1-workflow',
      namespace: 'kubernaut-system',
      uid: 'wf1',
      resourceVersion: '41',
      generation: 1,
      ...(annotations !== undefined && { annotations }),
      ownerReferences: [{ apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', uid: 'rr1', controller: true }],
    },
    spec: {
      workflowDefinition: { steps },
      executionStrategy: { ...strategy },
      alertContext: { fingerprint: 'prom-alert-xyz789', severity: 'critical' },
      aiRecommendation: { recommendationID: 'rec-001', confidence: 0.92, action: 'scale_deployment' },
      ...spec,
    },
  });
  const planned = {
    totalSteps: steps.length,
    currentStep: 0,
    stepStatuses: [],
    executionPlan: planOf(fresh.spec, batchesOf(steps, fresh.spec.executionStrategy.mode)),
  };
  return { ...fresh, status: { phase: 'validating', startTime: now, phaseStartTime: now, ...planned, ...status } };
}

/** As `aWorkflow`, in a phase after validating, with steps in the states given: 'completed' and 'failed' ended a second after one another. */
export function aStartedWorkflow(phases: Readonly<Record<string, StepStatus['phase']>>, overrides: WorkflowOverrides = {}): WorkflowExecution {
  const stepStatuses = Object.entries(phases).map(([stepName, phase], index) => aStepStatus(stepName, phase, index));
  const steps = overrides.steps ?? Object.keys(phases).map((name) => aStep(name));
  return aWorkflow({ ...overrides, steps, status: { phase: 'executing', stepStatuses, currentStep: stepStatuses.length, ...overrides.status } });
}

/** What validating sees of the healthy step. */
export function aStepWorld(stepName = 'scale-deployment', overrides: Partial<StepWorld> = {}): StepWorld {
  const { action, parameters } = aStep(stepName);
  return {
    stepName,
    action: bindAction(action, parameters),
    access: { allowed: true, reason: '' },
    target: { object: aDeployment() },
    context: [],
    dryRun: { kind: 'accepted', objects: [] },
    ...overrides,
  };
}

export function aStepStatus(stepName: string, phase: StepStatus['phase'], endedAfterSeconds = 0): StepStatus {
  if (phase === 'skipped') return { stepName, phase };
  const completionTime = `2026-01-15T10:35:${String(40 + endedAfterSeconds).padStart(2, '0')}Z`;
  const ended = phase === 'executing' ? {} : { completionTime, executionResults: { success: phase !== 'failed' } };
  return { stepName, phase, startTime: '2026-01-15T10:35:15Z', ...ended, executionRef: anExecutionRef(stepName) };
}

export function anExecutionRef(stepName: string, suffix = ''): BoundRef {
  return {
    apiVersion: 'executor.kubernaut.io/v1',
    kind: 'KubernetesExecution',
    name: `rr-1-workflow-${stepName}${suffix}`,
    namespace: 'kubernaut-system',
    uid: `ke-${stepName}${suffix}`,
  };
}

export const aJobRef = { kind: 'Job', name: 'ke-scale-deployment-1a2b3c4d', namespace: 'kubernaut-system', uid: 'job1' };
/** What an execution captures before it scales from 2 to 5. */
export const anUndo = {
  available: true,
  action: 'scale_deployment',
  parameters: { namespace: 'production', deployment: 'payment-api', replicas: 2, restore: true },
  capturedAt: now,
};

/** The execution of a step, in the phase given. One that has ended had a Job, and can be undone, unless `status` says otherwise. */
export function anExecutionOf(
  workflow: WorkflowExecution,
  stepName: string,
  phase: ExecutionStatus['phase'],
  status: Partial<ExecutionStatus> = {},
): KubernetesExecution {
  const step = workflow.spec.workflowDefinition.steps.find(({ name }) => name === stepName) ?? aStep(stepName);
  const object = stepExecution(workflow, step);
  const hasEnded = phase === 'completed' || phase === 'failed';
  const verdict = hasEnded ? { completionTime: '2026-01-15T10:35:45Z', jobRef: aJobRef, rollbackInformation: anUndo, executionResults: verdictOf(phase) } : {};
  return parseKubernetesExecution({
    ...object,
    metadata: { ...object.metadata, uid: `ke-${stepName}`, resourceVersion: '77' },
    spec: { ...(object['spec'] as object), targetUid: 'u1' },
    status: { phase, startTime: '2026-01-15T10:35:15Z', ...verdict, ...(phase === 'failed' && { reason: 'health_check_failed' }), ...status },
  });
}

function verdictOf(phase: 'completed' | 'failed') {
  if (phase === 'failed') return { success: false, errorMessage: 'only 4 of 5 replicas ready' };
  return { success: true, message: 'Successfully scaled payment-api to 5 replicas', validationResult: 'Verified 5 replicas running and ready' };
}

/** The request rr-1 that names this workflow and is not paused. */
export function aRequestOf(workflow: WorkflowExecution, overrides: { readonly spec?: object; readonly status?: object } = {}): RemediationRequest {
  return parseRemediationRequest(aRequestObjectOf(workflow, overrides));
}

export function aRequestObjectOf(workflow: WorkflowExecution, overrides: { readonly spec?: object; readonly status?: object } = {}): KubernetesObject {
  return {
    apiVersion: 'remediation.kubernaut.io/v1',
    kind: 'RemediationRequest',
    metadata: { name: 'rr-1', namespace: 'kubernaut-system', uid: 'rr1', resourceVersion: '9' },
    spec: { alertFingerprint: 'prom-alert-xyz789', alertName: 'HighLoad', severity: 'critical', firingTime: now, receivedTime: now, ...overrides.spec },
    status: { phase: 'executing', workflowRef: refOf(workflow), ...overrides.status },
  };
}

/** What the decision writes into the status; undefined when it writes nothing. */
export function patchOf({ effects }: Decision): PatchStatus['status'] | undefined {
  return effects.find((effect) => effect.kind === 'PatchStatus')?.status;
}

export function eventsOf({ effects }: Decision): readonly EmitEvent[] {
  return effects.filter((effect) => effect.kind === 'EmitEvent');
}

export function rowsOf({ effects }: Decision): readonly RecordAudit[] {
  return effects.filter((effect) => effect.kind === 'RecordAudit');
}

/** The objects that the decision creates. */
export function createsOf({ effects }: Decision): readonly KubernetesObject[] {
  return effects.flatMap((effect) => (effect.kind === 'CreateResource' ? [effect.object] : []));
}

/** `Type=Status Reason` of every condition that the decision leaves in the status. */
export function conditionsOf(decision: Decision): readonly string[] {
  const conditions = (patchOf(decision)?.['conditions'] ?? []) as readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  return conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

/** 1 to 12 steps in any order of definition, whose dependencies hold no cycle. */
export const acyclicSteps: fc.Arbitrary<readonly Node[]> = fc
  .array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((wanted) => wanted.map((earlier, index) => node(`s${index}`, ...new Set(earlier.filter((other) => other < index).map((other) => `s${other}`)))))
  .chain((steps) => fc.shuffledSubarray([...steps], { minLength: steps.length }));
