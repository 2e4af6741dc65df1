import type { Answer, Candidate } from '../../functions/ai-analysis/answer.ts';
import type { Question } from '../../functions/ai-analysis/provider.ts';
import { analysisSpecSchema, type AIAnalysis, type AnalysisSpec, type AnalysisStatus, type Constraints } from '../../shared/api/ai-analysis.ts';
import type { Finding } from '../../shared/api/investigation.ts';
import type { KubernetesContext, PodContext } from '../../shared/api/kubernetes-context.ts';
import type { KubernetesObject, StoredMeta } from '../../shared/api/object-ref.ts';
import type { Recommendation } from '../../shared/api/recommendation.ts';
import type { Instant } from '../../shared/api/time.ts';
import { refOf } from '../../shared/api/object-ref.ts';
import { aRequest, resolvedTarget } from './requests.ts';

export const began: Instant = '2026-01-15T10:35:10Z';
export const now: Instant = '2026-01-15T10:35:20Z';

export interface AnalysisOverrides {
  readonly spec?: Partial<AnalysisSpec>;
  readonly constraints?: Partial<Constraints>;
  readonly context?: Partial<KubernetesContext> | null;
  readonly status?: Partial<AnalysisStatus>;
  readonly metadata?: Partial<StoredMeta>;
}

/** Of rr-1, about Deployment payment-api in production with three pods, ten seconds in this phase. */
export function anAnalysisIn(phase: AnalysisStatus['phase'], { spec, constraints, context = {}, status, metadata }: AnalysisOverrides = {}): AIAnalysis {
  return {
    apiVersion: 'aianalysis.kubernaut.io/v1',
    kind: 'AIAnalysis',
    metadata: { name: 'rr-1-analysis', namespace: 'kubernaut-system', uid: 'ai1', resourceVersion: '33', generation: 1, ...metadata },
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
      kubernetesContext: context === null ? {} : aContext(context),
      contextQuality: 'complete',
      missing: [],
      environment: 'production',
      priority: 'P0',
      provider: 'rules',
      constraints: { ...analysisSpecSchema.shape.constraints.parse(undefined), ...constraints },
      ...spec,
    },
    ...(phase !== '' && { status: { phase, startTime: began, phaseStartTime: began, ...status } }),
  };
}

/** Three replicas of one container with 512Mi, all pods well. */
export function aContext(overrides: Partial<KubernetesContext> = {}): KubernetesContext {
  return {
    workload: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'payment-api',
      namespace: 'production',
      replicas: 3,
      containers: [{ name: 'api', image: 'payment-api:1.2.3', memoryLimit: '512Mi', memoryRequest: '256Mi', cpuLimit: '500m', cpuRequest: '100m' }],
      configMaps: [],
    },
    pods: { total: 3, ready: 3, worst: [] },
    ...overrides,
  };
}

export function aPodContext(name: string, overrides: Partial<PodContext> = {}): PodContext {
  return { name, uid: `uid-${name}`, phase: 'Running', ready: true, restarts: 0, container: 'api', ...overrides };
}

export const oomKilled = aPodContext('payment-api-1', { restarts: 4, lastTerminatedReason: 'OOMKilled', lastExitCode: 137 });
export const crashLooping = aPodContext('payment-api-2', {
  ready: false,
  restarts: 7,
  waitingReason: 'CrashLoopBackOff',
  lastTerminatedReason: 'Error',
  lastExitCode: 1,
});

export function aQuestion(overrides: AnalysisOverrides = {}, configMaps: readonly KubernetesObject[] = []): Question {
  const { spec } = anAnalysisIn('investigating', overrides);
  return { spec, context: overrides.context === null ? null : aContext(overrides.context), configMaps };
}

export function aFinding(overrides: Partial<Finding> = {}): Finding {
  return {
    id: 'memory-pressure',
    detector: 'oom-killed',
    severity: 'critical',
    confidence: 0.92,
    summary: '1 of 3 pods had containers killed for memory',
    evidence: [
      {
        ref: { apiVersion: 'v1', kind: 'Pod', name: 'payment-api-1', namespace: 'production', uid: 'p1' },
        field: 'status.containerStatuses[api].lastState.terminated',
        text: 'OOMKilled, exit code 137, 4 restarts',
      },
    ],
    ...overrides,
  };
}

/** Scale payment-api from 3 to 5, because of memory pressure. */
export function aCandidate(overrides: Partial<Candidate> = {}): Candidate {
  return {
    action: 'scale_deployment',
    description: 'Scale payment-api deployment from 3 to 5 replicas',
    confidence: 0.92,
    impact: 'medium',
    parameters: { deployment: 'payment-api', namespace: 'production', currentReplicas: 3, targetReplicas: 5 },
    findings: ['memory-pressure'],
    ...overrides,
  };
}

export function anAnswer(overrides: Partial<Answer> = {}): Answer {
  return {
    model: 'recorded-1',
    tokens: 1_234,
    findings: [aFinding()],
    summary: 'Memory pressure causing OOM events',
    rootCause: 'Insufficient memory limits for current workload',
    recommendation: 'Scale deployment to distribute load',
    candidates: [aCandidate()],
    ...overrides,
  };
}

/** As the drafts of `analyzing` hold it: nothing judged yet, and its finding as the reason. */
export function aDraft(overrides: Partial<Recommendation> = {}): Recommendation {
  return {
    id: 'rec-001',
    action: 'scale_deployment',
    description: 'Scale payment-api deployment from 3 to 5 replicas',
    confidence: 0.92,
    feasibility: 'high',
    impact: 'medium',
    safetyLevel: 'dangerous',
    parameters: { deployment: 'payment-api', namespace: 'production', currentReplicas: 3, targetReplicas: 5 },
    reasons: ['finding memory-pressure'],
    ...overrides,
  };
}

/** The same once the catalogue has judged it. */
export function aJudged(overrides: Partial<Recommendation> = {}): Recommendation {
  return aDraft({ safetyLevel: 'safe', ...overrides });
}

/** In `analyzing` with these drafts, or in `recommending` with what was judged. */
export function anAnalysisWith(phase: 'analyzing' | 'recommending', recommendations: readonly Recommendation[], overrides: AnalysisOverrides = {}): AIAnalysis {
  const { summary, rootCause, recommendation, findings } = anAnswer();
  const investigationReport = { summary, rootCause, recommendation, alternatives: [], notChecked: [] };
  return anAnalysisIn(phase, {
    ...overrides,
    status: { recommendations, investigation: { findings, provider: 'rules' }, investigationReport, ...overrides.status },
  });
}
