import { describe, expect, it } from 'vitest';
import { anExecution, conditionIn, effectsOf, now, settings, statusOf, told } from '../../../test/support/executions.ts';
import { fresh } from './fresh.ts';

const decide = (execution = anExecution({ phase: '' })) => fresh(settings).decide(execution, null, now);

describe('a new execution', () => {
  it('is taken up when the specification may run, and nothing is known of it yet', () => {
    expect(told(decide())).toEqual(['PatchStatus']);
    expect(statusOf(decide())).toMatchObject({ phase: 'validating', startTime: now, phaseStartTime: now, reason: null, observedGeneration: 1 });
    const conditions = ['Ready', 'Succeeded', 'Validated', 'JobFinished', 'OutcomeVerified'].map((type) => conditionIn(decide(), type));
    expect(conditions).toEqual(['False Validating', 'Unknown Running', 'Unknown Pending', 'Unknown Pending', 'Unknown Pending']);
  });

  it('fails with the words of what speaks against it, and the cluster is not asked', () => {
    const decision = decide(anExecution({ phase: '', spec: { targetCluster: { name: 'west', namespace: '' } } }));
    const message = 'spec.targetCluster.name: "west" is unknown: this installation acts on "primary-cluster"';
    expect(told(decision)).toEqual(['RecordAudit execution.failed', 'PatchStatus', 'EmitEvent Warning ExecutionFailed']);
    expect(statusOf(decision)).toMatchObject({
      phase: 'failed',
      reason: 'unknown_cluster',
      message,
      startTime: now,
      completionTime: now,
      executionResults: { success: false, errorMessage: message, executionDuration: '0s' },
    });
    expect(['Ready', 'Succeeded', 'Validated'].map((type) => conditionIn(decision, type))).toEqual([
      'False UnknownCluster',
      'False UnknownCluster',
      'False UnknownCluster',
    ]);
    expect(effectsOf(decision, 'EmitEvent')[0]?.message).toBe(`Action scale_deployment failed: ${message}`);
  });
});
