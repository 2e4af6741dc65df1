import { bindAction } from '../../shared/actions/index.ts';
import type { BoundAction } from '../../shared/actions/action.ts';
import { upperCamel, type Condition, type ConditionStatus } from '../../shared/api/condition.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import {
  parseKubernetesExecution,
  type ExecutionPhase,
  type ExecutionSpec,
  type ExecutionStatus,
  type KubernetesExecution,
} from '../../shared/api/kubernetes-execution.ts';
import { cancelRequestedAnnotation, remediationRequestLabel, unrecordedFinalizer } from '../../shared/api/labels.ts';
import { jobName } from '../../shared/api/names.ts';
import type { KubernetesObject, ObjectMeta } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import { parseWorkflowExecution, type WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { Effect, StatusPatch } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';

// One remediation seen by its executor: rr-1's workflow (uid wf1) scales payment-api in production (uid u1) from 3 replicas to 5. The execution
// (uid ke1) began at 10:35:15; now is 10:35:20.

export const now: Instant = '2026-01-15T10:35:20Z';
export const startTime: Instant = '2026-01-15T10:35:15Z';
const namespace = 'kubernaut-system';

export const settings = { cluster: 'primary-cluster', namespace, kubectlImage: 'registry.k8s.io/kubectl:v1.36.3' };

export interface ExecutionOverrides {
  readonly phase?: ExecutionPhase;
  readonly spec?: Partial<ExecutionSpec>;
  readonly status?: Partial<ExecutionStatus>;
  readonly metadata?: Partial<ObjectMeta>;
}

/** Scale payment-api to 5, in `validating`. */
export function anExecution(overrides: ExecutionOverrides = {}): KubernetesExecution {
  return parseKubernetesExecution(anExecutionObject(overrides));
}

/** The same as the API stores it. */
export function anExecutionObject({ phase = 'validating', spec, status, metadata }: ExecutionOverrides = {}): KubernetesObject {
  const owner = { apiVersion: 'workflow.kubernaut.io/v1', kind: 'WorkflowExecution', name: 'rr-1-workflow', uid: 'wf1', controller: true };
  const begun = phase === '' ? {} : { status: { phase, startTime, phaseStartTime: startTime, ...status } };
  return {
    apiVersion: 'executor.kubernaut.io/v1',
    kind: 'KubernetesExecution',
    metadata: {
      name: 'rr-1-workflow-scale',
      namespace,
      uid: 'ke1',
      resourceVersion: '41',
      generation: 1,
      creationTimestamp: startTime,
      labels: { [remediationRequestLabel]: 'rr-1' },
      ownerReferences: [owner],
      ...metadata,
    },
    spec: {
      stepName: 'scale',
      actionType: 'scale_deployment',
      actionParams: { namespace: 'production', deployment: 'payment-api', replicas: 5 },
      targetCluster: { name: 'primary-cluster', namespace: 'production' },
      timeout: '5m',
      targetUid: 'u1',
      ...spec,
    },
    ...begun,
  };
}

export const scaleTo5: BoundAction = bindAction('scale_deployment', { namespace: 'production', deployment: 'payment-api', replicas: 5 });

const captured: Partial<ExecutionStatus> = {
  rollbackInformation: {
    available: true,
    action: 'scale_deployment',
    parameters: { namespace: 'production', deployment: 'payment-api', replicas: 3, restore: true },
    capturedAt: startTime,
  },
  targetBefore: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'payment-api', namespace: 'production', uid: 'u1' }, spec: { replicas: 3 } },
};

/** In `executing`, validated, without a Job. */
export function anUnrecorded(overrides: Omit<ExecutionOverrides, 'phase'> = {}): KubernetesExecution {
  return anExecution({ ...overrides, phase: 'executing', status: { ...captured, ...overrides.status } });
}

export const jobRef = { kind: 'Job', name: jobName('scale_deployment', 'ke1'), namespace, uid: 'job1' } as const;

/** In `executing`, its Job made at 10:35:16 and named in the status. */
export function aRecorded(overrides: Omit<ExecutionOverrides, 'phase'> = {}): KubernetesExecution {
  const conditions = [aCondition('Permitted', 'True', { reason: 'granted', at: startTime })];
  return anUnrecorded({ ...overrides, status: { jobRef, jobCreatedTime: '2026-01-15T10:35:16Z', conditions, ...overrides.status } });
}

export function aCondition(type: string, status: ConditionStatus, { reason, at = startTime }: { readonly reason: string; readonly at?: Instant }): Condition {
  return { type, status, reason: upperCamel(reason), message: '', lastTransitionTime: at };
}

export const askedToCancel = { annotations: { [cancelRequestedAnnotation]: 'true' } };

/** The Job of `aRecorded`, running since 10:35:17 and free of its finalizer. */
export function aJob({
  metadata,
  status,
  spec,
}: { readonly metadata?: Partial<ObjectMeta>; readonly status?: JsonObject; readonly spec?: JsonObject } = {}): KubernetesObject {
  const owner = { apiVersion: 'executor.kubernaut.io/v1', kind: 'KubernetesExecution', name: 'rr-1-workflow-scale', uid: 'ke1', controller: true };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobRef.name,
      namespace,
      uid: jobRef.uid,
      resourceVersion: '50',
      creationTimestamp: '2026-01-15T10:35:16Z',
      ownerReferences: [owner],
      ...metadata,
    },
    spec: { activeDeadlineSeconds: 299, ...spec },
    status: { startTime: '2026-01-15T10:35:17Z', ...status },
  };
}

export const complete = { conditions: [{ type: 'Complete', status: 'True', reason: 'CompletionsReached' }] };
export const failed = { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] };
export const timedOut = { conditions: [{ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' }] };
export const unrecorded = { finalizers: [unrecordedFinalizer] };

/** The Job's pod; its container as the state says. */
export function anExecutorPod(
  state: JsonObject,
  overrides: { readonly phase?: string; readonly status?: JsonObject; readonly metadata?: Partial<ObjectMeta> } = {},
): KubernetesObject {
  const { phase = 'Failed', status, metadata } = overrides;
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: jobRef.name, uid: jobRef.uid, controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${jobRef.name}-x1`,
      namespace,
      uid: 'pod1',
      creationTimestamp: '2026-01-15T10:35:17Z',
      labels: { 'kubernaut.io/execution': 'rr-1-workflow-scale' },
      ownerReferences: [owner],
      ...metadata,
    },
    status: { phase, containerStatuses: [{ name: 'kubectl-executor', state }], ...status },
  };
}

export function aWarning(
  reason: string,
  message: string,
  about: JsonObject = { kind: 'Job', uid: jobRef.uid, name: jobRef.name },
  at: Instant = now,
): KubernetesObject {
  const metadata = { name: `${reason.toLowerCase()}.1`, namespace, creationTimestamp: at };
  return { apiVersion: 'v1', kind: 'Event', metadata, involvedObject: about, type: 'Warning', reason, message };
}

/** The workflow that owns the execution; it names `names` in its status. */
export function anOwner({ phase = 'executing', names = ['ke1'], metadata }: OwnerOverrides = {}): WorkflowExecution {
  return parseWorkflowExecution(anOwnerObject({ phase, names, ...(metadata !== undefined && { metadata }) }));
}

export interface OwnerOverrides {
  readonly phase?: string;
  readonly names?: readonly string[];
  readonly metadata?: Partial<ObjectMeta>;
}

export function anOwnerObject({ phase = 'executing', names = ['ke1'], metadata }: OwnerOverrides = {}): KubernetesObject {
  const apiVersion = 'executor.kubernaut.io/v1';
  const refs = names.map((uid) => ({ apiVersion, kind: 'KubernetesExecution', name: 'rr-1-workflow-scale', namespace, uid }));
  return {
    apiVersion: 'workflow.kubernaut.io/v1',
    kind: 'WorkflowExecution',
    metadata: { name: 'rr-1-workflow', namespace, uid: 'wf1', resourceVersion: '30', generation: 1, ...metadata },
    spec: {
      workflowDefinition: {
        steps: [{ name: 'scale', action: 'scale_deployment', parameters: { namespace: 'production', deployment: 'payment-api', replicas: 5 } }],
      },
      alertContext: { fingerprint: 'abc', severity: 'critical' },
      aiRecommendation: { recommendationID: 'rec-001', confidence: 0.9, action: 'scale_deployment' },
    },
    status: { phase, stepStatuses: refs.map((executionRef, index) => ({ stepName: `s${index}`, phase: 'executing', executionRef })) },
  };
}

export function effectsOf<Kind extends Effect['kind']>(decision: Decision, kind: Kind): readonly Extract<Effect, { kind: Kind }>[] {
  return decision.effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind);
}

/** What the decision writes into the status; undefined when it writes nothing. */
export function statusOf(decision: Decision): StatusPatch | undefined {
  return effectsOf(decision, 'PatchStatus')[0]?.status;
}

/** One condition of what the decision writes: `False JobMissing`. */
export function conditionIn(decision: Decision, type: string): string | undefined {
  const conditions = statusOf(decision)?.['conditions'];
  const found = Array.isArray(conditions) ? (conditions as readonly Condition[]).find((condition) => condition.type === type) : undefined;
  return found === undefined ? undefined : `${found.status} ${found.reason}`;
}

/** Kinds of the effects in order, and what tells them apart: `RecordAudit execution.failed`. */
export function told(decision: Decision): readonly string[] {
  return decision.effects.map((effect) => {
    switch (effect.kind) {
      case 'RecordAudit':
        return `${effect.kind} ${effect.type}`;
      case 'EmitEvent':
        return `${effect.kind} ${effect.type} ${effect.reason}`;
      case 'CreateResource':
        return `${effect.kind} ${effect.object.metadata.name}`;
      case 'DeleteResource':
      case 'PatchMetadata':
        return `${effect.kind} ${effect.ref?.name ?? ''}`;
      case 'PatchStatus':
      case 'Enqueue':
        return effect.kind;
    }
  });
}
