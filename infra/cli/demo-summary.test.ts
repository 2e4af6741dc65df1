import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { DemoReport } from './demo-report.ts';
import { summaryLines } from './demo-summary.ts';

function anObject(kind: string, spec: object, status: object): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name: kind.toLowerCase() }, spec, status };
}

const scaled = anObject(
  'KubernetesExecution',
  { stepName: 'scale' },
  { phase: 'failed', reason: 'health_check_failed', message: 'only 2 of 4 replicas ready' },
);
const undone = anObject(
  'KubernetesExecution',
  { stepName: 'scale', rollbackOf: 'x' },
  { phase: 'completed', executionResults: { message: 'Successfully scaled worker to 2 replicas', validationResult: 'Verified 2 replicas running and ready' } },
);
const recommendation = { action: 'scale_deployment', confidence: 0.9, historicalSuccessRate: 0.8, historicalSampleSize: 0, historicalTier: 'environment' };

const failed = anObject('RemediationRequest', {}, { phase: 'failed', reason: 'step_execution_failed', message: 'step scale failed', outcome: 'failed' });

const report: DemoReport = {
  remediationRequest: failed,
  remediationRequests: [failed],
  remediationProcessing: null,
  aiAnalysis: anObject('AIAnalysis', {}, { recommendations: [recommendation], investigationReport: { rootCause: 'Too few workers' } }),
  workflowExecution: null,
  kubernetesExecutions: [scaled, undone],
  jobs: [],
  events: [anObject('Event', {}, {})],
  audit: [],
  timeline: [],
  counts: {
    queueMessages: 3,
    auditMessages: 2,
    functionInvocations: 0,
    kubernetesRequests: 0,
    sweeperRequests: 0,
    kubernetesRequestsByVerb: {},
    jobs: 0,
    byFunction: {},
  },
  executor: 'simulated kubectl',
};

describe('the summary of a demo', () => {
  it('gives each step a line of its own, and below it what was seen of its outcome', () => {
    expect(summaryLines(report).slice(0, 7)).toEqual([
      '',
      'verdict      failed: step_execution_failed: step scale failed',
      'root cause   Too few workers',
      'chosen       scale_deployment, confidence 0.9; success rate 0.8 assumed, for want of past runs (tier environment)',
      'steps        scale: failed: health_check_failed: only 2 of 4 replicas ready',
      '             undo of scale: Successfully scaled worker to 2 replicas',
      '               Verified 2 replicas running and ready',
    ]);
    expect(summaryLines(report).at(-1)).toBe('traces       1 Event, 0 audit rows');
  });

  it('gives the verdict and the outcome of each request, and says when none was made', () => {
    const cancelled = anObject('RemediationRequest', {}, { phase: 'cancelled', reason: 'cancelled', message: 'spec.cancel was set', outcome: 'cancelled' });
    const remedied = anObject('RemediationRequest', {}, { phase: 'completed', message: 'scaled', outcome: 'remediated' });
    expect(summaryLines({ ...report, aiAnalysis: null, kubernetesExecutions: [], remediationRequests: [cancelled, remedied] }).slice(0, 4)).toEqual([
      '',
      'verdict      remediationrequest cancelled: spec.cancel was set',
      '             remediationrequest completed: scaled',
      'outcome      remediated',
    ]);
    expect(summaryLines({ ...report, remediationRequests: [] })[1]).toBe('verdict      nothing to do: no RemediationRequest was made');
  });

  it('leaves out what there is nothing to say of', () => {
    const names = summaryLines({ ...report, aiAnalysis: null, kubernetesExecutions: [] }).map((line) => line.slice(0, 12).trim());
    expect(names).toEqual(['', 'verdict', 'messages', 'invocations', 'requests', 'traces']);
  });
});
