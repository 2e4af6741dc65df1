import { describe, expect, it } from 'vitest';
import type { Recommendation } from '../../shared/api/recommendation.ts';
import { parseWorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { anAnalysis, aRecommendation, aRequest, settings, targetHashOf, type RequestOverrides } from '../../test/support/requests.ts';
import { judgeAnalysis } from './recommendation.ts';
import { stepsOf } from './steps.ts';
import { buildWorkflow } from './workflow.ts';

function build(recommendation: Partial<Recommendation> = {}, request: RequestOverrides = {}) {
  const analysis = anAnalysis({ recommendation });
  const judged = judgeAnalysis(analysis);
  if (judged.kind !== 'valid') throw new Error(judged.kind);
  const { object, approvalReasons } = buildWorkflow(aRequest(request), analysis, { chosen: judged.chosen, steps: stepsOf(judged.chosen) }, settings);
  return { object, approvalReasons, workflow: parseWorkflowExecution({ ...object, metadata: { ...object.metadata, uid: 'wf1', resourceVersion: '1' } }) };
}

describe('the workflow of a recommendation', () => {
  it('is the specification’s: one step named after its action, sequential, tried first, undone on failure, approved by nobody', () => {
    const { object } = build({}, { originalPayload: '{"status":"firing"}' });
    expect(object).toMatchObject({
      apiVersion: 'workflow.kubernaut.io/v1',
      metadata: {
        name: 'rr-1-workflow',
        namespace: 'kubernaut-system',
        labels: { 'kubernaut.io/target-hash': targetHashOf() },
        ownerReferences: [{ apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', uid: 'rr1', controller: true }],
      },
    });
    expect(object['spec']).toEqual({
      workflowDefinition: {
        steps: [
          {
            name: 'scale-deployment',
            action: 'scale_deployment',
            parameters: { deployment: 'payment-api', namespace: 'production', replicas: 5 },
            dependencies: [],
            criticalStep: true,
          },
        ],
      },
      executionStrategy: {
        mode: 'sequential',
        dryRunFirst: true,
        approvalRequired: false,
        rollbackOnFailure: true,
        monitoringSeconds: 60,
        maxParallelSteps: 5,
      },
      alertContext: { fingerprint: 'a3f5e2c1b4d60798', severity: 'critical', originalAlert: '{"status":"firing"}' },
      aiRecommendation: {
        recommendationID: 'rec-001',
        confidence: 0.92,
        action: 'scale_deployment',
        parameters: { deployment: 'payment-api', namespace: 'production', targetReplicas: 5 },
      },
      remediationRequestRef: { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', namespace: 'kubernaut-system', uid: 'rr1' },
      targetCluster: 'primary-cluster',
      environment: 'production',
      dryRun: false,
    });
  });

  it('has the steps of a recommendation of several, their order, their mode, and which it could do without', () => {
    const steps = [
      {
        name: 'raise-memory',
        action: 'increase_memory_limit',
        parameters: { namespace: 'production', deployment: 'payment-api', container: 'app', targetMemory: '1Gi' },
        dependencies: [],
      },
      {
        name: 'scale',
        action: 'scale_deployment',
        parameters: { namespace: 'production', deployment: 'payment-api', targetReplicas: 4 },
        dependencies: ['raise-memory'],
        criticalStep: false,
      },
    ];
    const { workflow } = build({ steps, mode: 'parallel' });
    expect(workflow.spec.executionStrategy.mode).toBe('parallel');
    expect(workflow.spec.workflowDefinition.steps).toMatchObject([
      { name: 'raise-memory', parameters: { kind: 'deployment', name: 'payment-api', memory: '1Gi' }, dependencies: [], criticalStep: true },
      { name: 'scale', parameters: { replicas: 4 }, dependencies: ['raise-memory'], criticalStep: false },
    ]);
  });

  it('holds an action that nobody knows, so that it fails in planning with its reason', () => {
    const { workflow } = build({ action: 'reboot_universe', parameters: { severity: 11 } });
    expect(workflow.spec.workflowDefinition.steps).toMatchObject([{ name: 'reboot-universe', action: 'reboot_universe', parameters: { severity: 11 } }]);
  });

  it('carries a dry run and the need for approval', () => {
    const { workflow, approvalReasons } = build({ safetyLevel: 'dangerous' }, { dryRun: true });
    expect(workflow.spec).toMatchObject({ dryRun: true, executionStrategy: { approvalRequired: true } });
    expect(approvalReasons).toEqual(['scale_deployment is dangerous']);
  });

  it('takes the recommendation that was chosen, not the first', () => {
    const second = aRecommendation({ id: 'rec-002', safetyLevel: 'moderate', mode: 'parallel' });
    const top = { id: 'rec-002', action: 'scale_deployment', confidence: 0.92, parameters: {} };
    const judged = judgeAnalysis(anAnalysis({ status: { recommendations: [aRecommendation(), second], topRecommendation: top } }));
    expect(judged).toMatchObject({ kind: 'valid', chosen: { recommendation: { id: 'rec-002' } } });
  });
});
