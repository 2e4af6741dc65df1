import { describe, expect, it } from 'vitest';
import { parseAIAnalysis } from './ai-analysis.ts';
import { parseKubernetesExecution } from './kubernetes-execution.ts';
import { parseRemediationProcessing } from './remediation-processing.ts';
import { parseRemediationRequest } from './remediation-request.ts';
import { InvalidResourceError, fieldPath } from './resource.ts';
import { isTerminal, phaseOf } from './status.ts';
import { parseWorkflowExecution } from './workflow-execution.ts';

/** The two manifests that the specification prints, with what the API adds to them. */
const stored = { namespace: 'kubernaut-system', resourceVersion: '41', generation: 1 };
const printedWorkflow = {
  apiVersion: 'workflow.kubernaut.io/v1',
  kind: 'WorkflowExecution',
  metadata: {
    ...stored,
    name: 'rem-req-abc123-workflow',
    uid: '7f3c0a52-5a0e-4a39-8b1c-2f6f0d1f2a10',
    ownerReferences: [
      {
        apiVersion: 'remediation.kubernaut.io/v1',
        kind: 'RemediationRequest',
        name: 'rem-req-abc123',
        uid: '0b8c2a8e-0f0d-4f8e-9a55-6f1e8f1c7d21',
        controller: true,
      },
    ],
  },
  spec: {
    workflowDefinition: {
      steps: [
        {
          name: 'scale-deployment',
          action: 'scale_deployment',
          parameters: { deployment: 'payment-api', namespace: 'production', replicas: 5 },
          dependencies: [],
        },
      ],
    },
    executionStrategy: { mode: 'sequential', dryRunFirst: true, approvalRequired: false, rollbackOnFailure: true },
    alertContext: { fingerprint: 'prom-alert-xyz789', severity: 'critical' },
    aiRecommendation: { recommendationID: 'rec-001', confidence: 0.92, action: 'scale_deployment' },
  },
  status: { phase: '' },
};
const printedExecution = {
  apiVersion: 'executor.kubernaut.io/v1',
  kind: 'KubernetesExecution',
  metadata: {
    ...stored,
    name: 'rem-req-abc123-workflow-scale-deployment',
    uid: '1a2b3c4d-1111-4222-8333-444455556666',
    ownerReferences: [{ apiVersion: 'workflow.kubernaut.io/v1', kind: 'WorkflowExecution', name: 'rem-req-abc123-workflow', uid: 'w1', controller: true }],
  },
  spec: {
    actionType: 'scale_deployment',
    actionParams: { deployment: 'payment-api', namespace: 'production', replicas: 5 },
    targetCluster: { name: 'primary-cluster', namespace: 'production' },
    timeout: '5m',
  },
  status: { phase: '' },
};

const requestRef = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', namespace: 'kubernaut-system', uid: 'r1' };
const alert = { name: 'HighMemory', fingerprint: 'a1b2', severity: 'critical', labels: { pod: 'x' }, annotations: {}, firingTime: '2026-01-15T10:35:20Z' };
const meta = { ...stored, name: 'x', uid: 'u1' };
const request = {
  apiVersion: 'remediation.kubernaut.io/v1',
  kind: 'RemediationRequest',
  metadata: meta,
  spec: {
    alertFingerprint: 'a1b2',
    alertName: 'HighMemory',
    severity: 'critical',
    firingTime: '2026-01-15T10:35:20Z',
    receivedTime: '2026-01-15T10:35:21.123Z',
  },
};
const processing = {
  apiVersion: 'remediation.kubernaut.io/v1',
  kind: 'RemediationProcessing',
  metadata: meta,
  spec: { remediationRequestRef: requestRef, alert },
};
const analysis = {
  apiVersion: 'aianalysis.kubernaut.io/v1',
  kind: 'AIAnalysis',
  metadata: meta,
  spec: {
    remediationRequestRef: requestRef,
    alertContext: alert,
    target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payment-api', namespace: 'production', uid: 'd1' },
    kubernetesContext: { workload: { replicas: 3 } },
    contextQuality: 'complete',
    environment: 'production',
    priority: 'P0',
  },
};

describe('the manifests of the specification', () => {
  it('the workflow is accepted as printed, and gets its defaults', () => {
    const workflow = parseWorkflowExecution(printedWorkflow);
    expect(workflow).toMatchObject(printedWorkflow);
    expect(workflow.spec).toMatchObject({
      workflowDefinition: { steps: [{ criticalStep: true }] },
      executionStrategy: { monitoringSeconds: 60, maxParallelSteps: 5 },
      targetCluster: 'primary-cluster',
      environment: 'unknown',
      dryRun: false,
    });
  });

  it('the execution is accepted as printed, and gets its defaults', () => {
    const execution = parseKubernetesExecution(printedExecution);
    expect(execution).toMatchObject(printedExecution);
    expect(execution.spec.targetUid).toBe('');
  });
});

const printedAnalysis = {
  phase: 'completed',
  completionTime: '2025-01-15T10:35:00Z',
  recommendations: [
    {
      id: 'rec-001',
      action: 'scale_deployment',
      description: 'Scale payment-api deployment from 3 to 5 replicas',
      confidence: 0.92,
      historicalSuccessRate: 0.85,
      feasibility: 'high',
      impact: 'medium',
      safetyLevel: 'safe',
      parameters: { deployment: 'payment-api', namespace: 'production', currentReplicas: 3, targetReplicas: 5 },
    },
    {
      id: 'rec-002',
      action: 'increase_memory_limit',
      description: 'Increase memory limit from 512Mi to 1Gi',
      confidence: 0.88,
      historicalSuccessRate: 0.78,
      feasibility: 'high',
      impact: 'low',
      safetyLevel: 'safe',
    },
  ],
  topRecommendation: {
    id: 'rec-001',
    action: 'scale_deployment',
    confidence: 0.92,
    parameters: { deployment: 'payment-api', namespace: 'production', targetReplicas: 5 },
  },
  investigationReport: {
    summary: 'Memory pressure causing OOM events',
    rootCause: 'Insufficient memory limits for current workload',
    recommendation: 'Scale deployment to distribute load',
  },
};

it('the status that the specification prints of an analysis is accepted', () => {
  const { status } = parseAIAnalysis({ ...analysis, status: printedAnalysis });
  expect(status).toMatchObject(printedAnalysis);
  expect(status?.recommendations?.[1]?.parameters).toEqual({});
});

describe('defaults', () => {
  it('of a request', () => {
    expect(parseRemediationRequest(request).spec).toEqual({
      ...request.spec,
      source: 'manual',
      targetCluster: 'primary-cluster',
      alertLabels: {},
      alertAnnotations: {},
      truncatedAlerts: 0,
      dryRun: false,
      pause: false,
      cancel: false,
    });
  });

  it('of a processing and an analysis', () => {
    expect(parseRemediationProcessing(processing).spec.targetCluster).toBe('primary-cluster');
    expect(parseAIAnalysis(analysis).spec).toMatchObject({
      provider: 'rules',
      missing: [],
      target: { ownerChain: [] },
      constraints: { minConfidence: 0.6, approvalBelowConfidence: 0.8, maxReplicas: 1000, maxScaleFactor: 3, maxScaleStep: 20 },
    });
  });

  it('of an execution and a workflow that leave out what they can', () => {
    const { targetCluster: _cluster, timeout: _timeout, ...spec } = printedExecution.spec;
    expect(parseKubernetesExecution({ ...printedExecution, spec }).spec).toMatchObject({
      targetCluster: { name: 'primary-cluster', namespace: '' },
      timeout: '5m',
    });
    const { executionStrategy: _strategy, ...workflow } = printedWorkflow.spec;
    expect(parseWorkflowExecution({ ...printedWorkflow, spec: workflow }).spec.executionStrategy).toEqual({
      mode: 'sequential',
      dryRunFirst: true,
      approvalRequired: false,
      rollbackOnFailure: true,
      monitoringSeconds: 60,
      maxParallelSteps: 5,
    });
  });
});

describe('a view', () => {
  it('keeps the fields that its schema does not know', () => {
    const newer = {
      ...printedExecution,
      extra: 1,
      spec: { ...printedExecution.spec, quorum: 2, targetCluster: { name: 'c', namespace: 'n', region: 'eu' } },
      status: { phase: 'validating', attempts: [{ n: 1 }], validationResults: { rbacValid: true, quotaValid: true } },
    };
    expect(parseKubernetesExecution(newer)).toMatchObject(newer);
  });

  it('has no status before anything was written, and the phase "" before the first pass', () => {
    const alertStatus = { state: 'firing', lastSeen: '2026-01-15T10:35:20Z', occurrences: 1 };
    expect(parseRemediationRequest(request)).not.toHaveProperty('status');
    expect(phaseOf(parseRemediationRequest(request))).toBe('');
    expect(parseRemediationRequest({ ...request, status: { alertStatus } }).status).toEqual({ phase: '', alertStatus });
  });
});

describe('a mistake names its field', () => {
  const { uid: _uid, ...unstored } = meta;
  it.each([
    ['another kind', () => parseWorkflowExecution(printedExecution), 'kind'],
    ['another version', () => parseWorkflowExecution({ ...printedWorkflow, apiVersion: 'workflow.kubernaut.io/v2' }), 'apiVersion'],
    ['an object that was never stored', () => parseRemediationRequest({ ...request, metadata: unstored }), 'metadata.uid'],
    ['no spec', () => parseRemediationRequest({ ...request, spec: undefined }), 'spec'],
    ['a wrong severity', () => parseRemediationRequest({ ...request, spec: { ...request.spec, severity: 'bad' } }), 'spec.severity'],
    ['an unknown phase', () => parseRemediationRequest({ ...request, status: { phase: 'resting' } }), 'status.phase'],
    ['no steps', () => parseWorkflowExecution(workflowWith([])), 'spec.workflowDefinition.steps'],
    ['a step without parameters', () => parseWorkflowExecution(workflowWith([{ name: 'a', action: 'b' }])), 'spec.workflowDefinition.steps[0].parameters'],
    ['too many parameters', () => parseKubernetesExecution(executionWith({ actionParams: keys(33) })), 'spec.actionParams'],
    ['too large parameters', () => parseKubernetesExecution(executionWith({ actionParams: { a: 'x'.repeat(65_536) } })), 'spec.actionParams'],
    ['a parameter with a long name', () => parseKubernetesExecution(executionWith({ actionParams: { ['x'.repeat(64)]: 1 } })), 'spec.actionParams'],
    ['parameters that are a list', () => parseKubernetesExecution(executionWith({ actionParams: [] })), 'spec.actionParams'],
    ['a timeout of an hour', () => parseKubernetesExecution(executionWith({ timeout: '1h' })), 'spec.timeout'],
    ['too many labels', () => parseRemediationRequest({ ...request, spec: { ...request.spec, alertLabels: keys(65) } }), 'spec.alertLabels'],
    ['a context past its bound', () => parseAIAnalysis(analysisWith({ kubernetesContext: { log: 'x'.repeat(8_192) } })), 'spec.kubernetesContext'],
  ])('%s', (_sentence, parse, field) => {
    expect(parse).toThrow(InvalidResourceError);
    expect(parse).toThrow(expect.objectContaining({ name: 'InvalidResourceError', field }));
  });

  it('and a definition past its bound in bytes', () => {
    const steps = Array.from({ length: 5 }, (_, index) => ({ name: `s${index}`, action: 'a', parameters: { text: 'x'.repeat(60_000) } }));
    expect(() => parseWorkflowExecution(workflowWith(steps))).toThrow('spec.workflowDefinition: must not exceed 262144 bytes');
  });

  it('as an operator writes it', () => {
    expect(fieldPath(['spec', 'workflowDefinition', 'steps', 1, 'parameters', 'replicas'])).toBe('spec.workflowDefinition.steps[1].parameters.replicas');
  });

  function keys(count: number) {
    return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
  }
  function workflowWith(steps: readonly object[]) {
    return { ...printedWorkflow, spec: { ...printedWorkflow.spec, workflowDefinition: { steps } } };
  }
  function executionWith(fields: object) {
    return { ...printedExecution, spec: { ...printedExecution.spec, ...fields } };
  }
  function analysisWith(fields: object) {
    return { ...analysis, spec: { ...analysis.spec, ...fields } };
  }
});

it.each([
  ['completed', true],
  ['failed', true],
  ['cancelled', true],
  ['executing', false],
  ['', false],
  [undefined, false],
])('phase %j is terminal: %s', (phase, terminal) => {
  expect(isTerminal(phase)).toBe(terminal);
});
