import { describe, expect, it } from 'vitest';
import { aDraft, anAnalysisIn } from '../../../test/support/analyses.ts';
import { aRequestIn } from '../../../test/support/requests.ts';
import { aStep, aWorkflow, type WorkflowOverrides } from '../../../test/support/workflows.ts';
import type { WorkflowStatus } from '../../../shared/api/workflow-status.ts';
import { approvalsInFull, approvalsTable, parameterText } from './approvals-text.ts';
import { pendingApproval, type Family } from './pending-approval.ts';

const now = '2026-01-15T10:40:00Z';
const expiresAt = '2026-01-15T10:50:30Z';
const nobody: Family = { request: null, analysis: null };
const checked: WorkflowStatus['validationResults'] = {
  steps: [{ stepName: 'scale-deployment', dryRun: 'passed', dryRunOutput: 'deployment.apps/payment-api scaled (dry run)' }],
};

const asking = (overrides: WorkflowOverrides = {}) =>
  aWorkflow({
    ...overrides,
    strategy: { approvalRequired: true, ...overrides.strategy },
    status: { approval: { expiresAt }, validationResults: checked, ...overrides.status },
  });

describe('what waits for approval', () => {
  it('is told with the plan, its digest, the dry run and the time that is left', () => {
    const workflow = asking();
    expect(pendingApproval(workflow, { ...nobody, request: aRequestIn('executing') }, now)).toEqual({
      request: 'rr-1',
      workflow: 'rr-1-workflow',
      namespace: 'kubernaut-system',
      alert: { name: 'PodMemoryHigh', severity: 'critical' },
      target: 'Deployment production/payment-api',
      environment: 'unknown',
      mode: 'sequential',
      steps: [
        {
          name: 'scale-deployment',
          action: 'scale_deployment',
          parameters: { namespace: 'production', deployment: 'payment-api', replicas: 5 },
          dependencies: [],
          batch: 1,
          dryRun: 'deployment.apps/payment-api scaled (dry run)',
        },
      ],
      why: ['its definition asks for it (executionStrategy.approvalRequired)'],
      digest: workflow.status?.executionPlan?.digest,
      expiresAt,
      secondsLeft: 630,
    });
  });

  it('says why with the words of who asked', () => {
    const top = { id: 'rec-001', action: 'scale_deployment', confidence: 0.7, parameters: {} };
    const analysis = anAnalysisIn('completed', { status: { recommendations: [aDraft({ safetyLevel: 'moderate' })], topRecommendation: top } });
    expect(pendingApproval(asking(), { ...nobody, analysis }, now)?.why).toEqual([
      'scale_deployment has a moderate risk, and the environment is production',
      'confidence 0.7 is below 0.8',
    ]);
  });

  it('lists the steps in the order in which they would run, and hides what looks like a secret', () => {
    const configuring = aStep('first', {
      action: 'patch_configmap',
      parameters: { namespace: 'production', configmap: 'payment-config', data: { url: 'postgres://ada:hunter2@db/pay' } },
    });
    const told = pendingApproval(asking({ steps: [aStep('second', { dependencies: ['first'] }), configuring] }), nobody, now);
    expect(told?.steps.map(({ name, batch, dependencies }) => ({ name, batch, dependencies }))).toEqual([
      { name: 'first', batch: 1, dependencies: [] },
      { name: 'second', batch: 2, dependencies: ['first'] },
    ]);
    expect(JSON.stringify(told)).not.toContain('hunter2');
  });

  it.each<[string, WorkflowOverrides]>([
    ['was not asked for', { status: { approval: undefined } }],
    ['was given', { status: { approval: { expiresAt, decision: 'approved' } } }],
    ['is over with its workflow', { status: { phase: 'failed', approval: { expiresAt } } }],
  ])('is nothing where the approval %s', (_sentence, overrides) => {
    expect(pendingApproval(asking(overrides), nobody, now)).toBeNull();
  });
});

describe('approvals for people', () => {
  const pending = pendingApproval(asking(), { ...nobody, request: aRequestIn('executing') }, now);
  const all = pending === null ? [] : [pending];

  it('are a block each, which ends in how to decide', () => {
    const { digest = '' } = pending ?? {};
    expect(approvalsInFull(all)).toEqual([
      'rr-1: Deployment production/payment-api, PodMemoryHigh (critical), unknown',
      '  workflow   rr-1-workflow: 1 step, sequential',
      '  step 1     scale-deployment: scale_deployment namespace=production deployment=payment-api replicas=5',
      '             dry run: deployment.apps/payment-api scaled (dry run)',
      '  why        its definition asks for it (executionStrategy.approvalRequired)',
      `  digest     ${digest}`,
      '  expires    2026-01-15T10:50:30Z, in 10m30s',
      `  decide     npx kubernaut approve rr-1 --digest ${digest}`,
      '             npx kubernaut reject rr-1 --reason TEXT',
    ]);
  });

  it('are a row each, aligned', () => {
    const [head = '', row = ''] = approvalsTable(all);
    expect(head).toMatch(/^REQUEST {2}WORKFLOW {7}TARGET/);
    expect(row).toMatch(/^rr-1 {5}rr-1-workflow {2}Deployment production\/payment-api {2}scale_deployment {2}10m30s {6}sha256:/);
  });

  it('say that it is too late', () => {
    const late = all.map((approval) => ({ ...approval, secondsLeft: -3 }));
    expect(approvalsInFull(late)).toContain('  expires    2026-01-15T10:50:30Z: too late to decide');
    expect(approvalsTable(late)[1]).toContain('  expired  ');
  });

  it('write what is no plain word as JSON', () => {
    expect(parameterText({ a: 'b', c: 'd e', f: 1, g: { h: true }, i: '' })).toBe('a=b c="d e" f=1 g={"h":true} i=""');
  });
});
