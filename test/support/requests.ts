import type { Child } from '../../functions/remediation-orchestrator/children.ts';
import type { TargetLease } from '../../functions/remediation-orchestrator/leases.ts';
import { settingsFrom, type Settings } from '../../functions/remediation-orchestrator/settings.ts';
import type { AIAnalysis, AnalysisSpec, AnalysisStatus } from '../../shared/api/ai-analysis.ts';
import { targetHash } from '../../shared/api/digest.ts';
import { leaseName } from '../../shared/api/names.ts';
import { refOf, type BoundRef, type StoredMeta } from '../../shared/api/object-ref.ts';
import type { Recommendation } from '../../shared/api/recommendation.ts';
import type { ProcessingStatus, RemediationProcessing } from '../../shared/api/remediation-processing.ts';
import type { RemediationRequest, RequestSpec, RequestStatus } from '../../shared/api/remediation-request.ts';
import type { Instant } from '../../shared/api/time.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import type { DeleteResource, Effect } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { aProcessing } from './processings.ts';
import { aStartedWorkflow, aStep, aStepStatus, type WorkflowOverrides } from './workflows.ts';

export const now: Instant = '2026-01-15T10:35:20Z';
export const settings: Settings = settingsFrom(parseEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/queues/' }, []));

export interface RequestOverrides extends Partial<RequestSpec> {
  readonly status?: Partial<RequestStatus>;
  readonly metadata?: Partial<StoredMeta>;
}

/** rr-1 (uid rr1): PodMemoryHigh fires for payment-api in production. Nobody has looked at it yet unless `status` says so. */
export function aRequest({ status, metadata, ...spec }: RequestOverrides = {}): RemediationRequest {
  return {
    apiVersion: 'remediation.kubernaut.io/v1',
    kind: 'RemediationRequest',
    metadata: { name: 'rr-1', namespace: 'kubernaut-system', uid: 'rr1', resourceVersion: '9', generation: 1, ...metadata },
    spec: {
      alertFingerprint: 'a3f5e2c1b4d60798',
      alertName: 'PodMemoryHigh',
      source: 'alertmanager',
      severity: 'critical',
      target: { kind: 'Deployment', name: 'payment-api', namespace: 'production' },
      targetCluster: 'primary-cluster',
      alertLabels: { alertname: 'PodMemoryHigh', namespace: 'production', deployment: 'payment-api' },
      alertAnnotations: {},
      firingTime: '2026-01-15T10:34:00Z',
      receivedTime: '2026-01-15T10:34:50Z',
      truncatedAlerts: 0,
      dryRun: false,
      pause: false,
      cancel: false,
      ...spec,
    },
    ...(status !== undefined && { status: { phase: 'processing', startTime: '2026-01-15T10:35:00Z', phaseStartTime: '2026-01-15T10:35:10Z', ...status } }),
  };
}

/** In this phase for ten seconds, with all that the phases before have written. */
export function aRequestIn(phase: RequestStatus['phase'], { status, ...overrides }: RequestOverrides = {}): RemediationRequest {
  const written = phase === '' ? {} : writtenBy[phase];
  return aRequest({ ...overrides, status: { phase, ...written, ...status } });
}

export const processingRef = aRef('remediation.kubernaut.io/v1', 'RemediationProcessing', 'rr-1-processing', 'rp1');
export const analysisRef = aRef('aianalysis.kubernaut.io/v1', 'AIAnalysis', 'rr-1-analysis', 'ai1');
export const workflowRef = aRef('workflow.kubernaut.io/v1', 'WorkflowExecution', 'rr-1-workflow', 'wf1');

const processed = { remediationProcessingRef: processingRef, overallDeadline: '2026-01-15T11:35:00Z' };
const analysed = { ...processed, aiAnalysisRef: analysisRef, environment: 'production', priority: 'P0' };
const acted = { ...analysed, workflowRef, topAction: 'scale_deployment', leaseRefs: [{ name: leaseName(targetHashOf()), uid: 'lease1' }] };
const writtenBy: Readonly<Record<Exclude<RequestStatus['phase'], ''>, Partial<RequestStatus>>> = {
  processing: processed,
  analyzing: analysed,
  executing: acted,
  blocked: { ...analysed, blockedBy: { reason: 'cooldown', name: 'rr-0', until: '2026-01-15T10:38:00Z', resumePhase: 'executing' } },
  completed: { ...acted, completionTime: now, workflowResults: { success: true, stepsExecuted: 1, duration: '1m35s' } },
  failed: { ...acted, completionTime: now, reason: 'step_execution_failed', outcome: 'failed' },
  cancelled: { ...analysed, completionTime: now, reason: 'cancelled', outcome: 'cancelled' },
};

function aRef(apiVersion: string, kind: string, name: string, uid: string): BoundRef {
  return { apiVersion, kind, name, namespace: 'kubernaut-system', uid };
}

/** Of payment-api in production, unless another object is named. */
export function targetHashOf(target: { readonly kind?: string; readonly name?: string; readonly namespace?: string } = {}): string {
  return targetHash({ cluster: 'primary-cluster', namespace: 'production', kind: 'Deployment', name: 'payment-api', ...target });
}

export const resolvedTarget = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payment-api', namespace: 'production', uid: 'u1', ownerChain: [] };

/** What processing leaves behind: the Deployment, its surroundings, production, P0. */
export function aCompletedProcessing(status: Partial<ProcessingStatus> = {}): RemediationProcessing {
  const found = {
    kubernetesContext: { workload: { replicas: 2 } },
    contextQuality: 'complete',
    missing: [],
    environment: 'production',
    priority: 'P0',
  } as const;
  return aProcessing({}, { phase: 'completed', resolvedTarget, ...found, ...status });
}

/** Scale payment-api from 2 to 5: safe, confidence 0.92. */
export function aRecommendation(overrides: Partial<Recommendation> = {}): Recommendation {
  return {
    id: 'rec-001',
    action: 'scale_deployment',
    description: 'Scale payment-api to 5 replicas.',
    confidence: 0.92,
    feasibility: 'high',
    impact: 'high',
    safetyLevel: 'safe',
    parameters: { deployment: 'payment-api', namespace: 'production', currentReplicas: 2, targetReplicas: 5 },
    reasons: [],
    ...overrides,
  };
}

export interface AnalysisOverrides {
  readonly spec?: Partial<AnalysisSpec>;
  readonly status?: Partial<AnalysisStatus>;
  readonly recommendation?: Partial<Recommendation>;
}

/** Completed, with one recommendation that was chosen. */
export function anAnalysis({ spec, status, recommendation }: AnalysisOverrides = {}): AIAnalysis {
  const best = aRecommendation(recommendation);
  const { currentReplicas: _informationOnly, ...parameters } = best.parameters;
  const topRecommendation = { id: best.id, action: best.action, confidence: best.confidence, parameters };
  return {
    apiVersion: 'aianalysis.kubernaut.io/v1',
    kind: 'AIAnalysis',
    metadata: { name: 'rr-1-analysis', namespace: 'kubernaut-system', uid: 'ai1', resourceVersion: '33', generation: 1 },
    spec: {
      remediationRequestRef: refOf(aRequest()),
      alertContext: {
        name: 'PodMemoryHigh',
        fingerprint: 'a3f5e2c1b4d60798',
        severity: 'critical',
        labels: {},
        annotations: {},
        firingTime: '2026-01-15T10:34:00Z',
      },
      target: resolvedTarget,
      kubernetesContext: {},
      contextQuality: 'complete',
      missing: [],
      environment: 'production',
      priority: 'P0',
      provider: 'rules',
      constraints: settings.constraints,
      ...spec,
    },
    status: { phase: 'completed', startTime: '2026-01-15T10:35:10Z', recommendations: [best], topRecommendation, ...status },
  };
}

/** The workflow of rr-1 as it ended: one step completed in 1m35s. */
export function aCompletedWorkflow(overrides: WorkflowOverrides = {}): WorkflowExecution {
  const workflow = aStartedWorkflow({ 'scale-deployment': 'completed' });
  const { executionPlan } = workflow.status ?? {};
  return aStartedWorkflow(
    {},
    {
      steps: [aStep()],
      ...overrides,
      status: {
        phase: 'completed',
        stepStatuses: [aStepStatus('scale-deployment', 'completed')],
        ...(executionPlan !== undefined && { executionPlan: { ...executionPlan, actualDuration: '1m35s' } }),
        overallSuccess: true,
        completionTime: '2026-01-15T10:36:50Z',
        ...overrides.status,
      },
    },
  );
}

/** The Lease on payment-api, held by rr-2. */
export function aLease(overrides: Partial<TargetLease> = {}): TargetLease {
  return { name: leaseName(targetHashOf()), uid: 'lease2', holderUid: 'rr2', holderName: 'rr-2', takenOn: '5', ...overrides };
}

/** The same Lease, held by rr-1 itself. */
export function anOwnLease(overrides: Partial<TargetLease> = {}): TargetLease {
  return aLease({ uid: 'lease1', holderUid: 'rr1', holderName: 'rr-1', takenOn: '9', ...overrides });
}

/** Another request for the same target, in this phase. */
export function anotherRequest(name: string, phase: RequestStatus['phase'], { metadata, ...overrides }: RequestOverrides = {}): RemediationRequest {
  return aRequestIn(phase, {
    ...overrides,
    metadata: { name, uid: name.replace('-', ''), labels: { 'kubernaut.io/target-hash': targetHashOf() }, ...metadata },
  });
}

/** One line an effect, in order: what a reader would say it does. */
export function said({ effects }: Decision): readonly string[] {
  return effects.map(saying);
}

function saying(effect: Effect): string {
  switch (effect.kind) {
    case 'RecordAudit':
      return `audit ${effect.type}`;
    case 'CreateResource':
      return `create ${effect.object.kind} ${effect.object.metadata.name}`;
    case 'DeleteResource':
      return `delete ${effect.ref.kind} ${effect.ref.name}`;
    case 'PatchMetadata':
      return `patch metadata of ${effect.ref?.name ?? 'itself'}`;
    case 'PatchStatus':
      return typeof effect.status['phase'] === 'string' ? `enter ${effect.status['phase']}` : 'write status';
    case 'EmitEvent':
      return `event ${effect.type} ${effect.reason}`;
    case 'Enqueue':
      return `wake ${effect.message.kind} ${effect.message.name}`;
  }
}

export function deletesOf({ effects }: Decision): readonly DeleteResource[] {
  return effects.filter((effect) => effect.kind === 'DeleteResource');
}

/** The child with the annotation that asks it to cancel. */
export function asked<Kind extends Child>(child: Kind): Kind {
  return { ...child, metadata: { ...child.metadata, annotations: { 'kubernaut.io/cancel-requested': 'true' } } };
}
