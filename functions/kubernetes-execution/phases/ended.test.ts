import { describe, expect, it } from 'vitest';
import type { KubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import { aCondition, aJob, anExecution, jobRef, now, told, unrecorded } from '../../../test/support/executions.ts';
import { ended } from './ended.ts';

const over = (status: KubernetesExecution['status']) => anExecution({ phase: 'failed', ...(status !== undefined && { status }) });
const failedByKernel = over({ phase: 'failed', jobRef });
const judged = over({ phase: 'failed', jobRef, conditions: [aCondition('JobFinished', 'False', { reason: 'execution_job_failed' })] });

async function pass(execution: KubernetesExecution, job = aJob({ metadata: unrecorded })) {
  const asked: string[] = [];
  const get = async ({ kind, name }: { readonly kind: string; readonly name: string }) => {
    asked.push(`${kind} ${name}`);
    return job;
  };
  return { decision: ended.decide(execution, await ended.observe(execution, { get }, now), now), asked };
}

describe('the pass after the end', () => {
  it.each([
    ['an execution that never had a Job', over({ phase: 'failed' })],
    ['one whose Job was judged, which took the finalizer off before', judged],
  ])('asks nothing for %s', async (_sentence, execution) => {
    expect(await pass(execution)).toEqual({ decision: { effects: [] }, asked: [] });
  });

  it('takes the finalizer off the Job of one that ended otherwise', async () => {
    const { decision, asked } = await pass(failedByKernel);
    expect(asked).toEqual([`Job ${jobRef.name}`]);
    expect(told(decision)).toEqual([`PatchMetadata ${jobRef.name}`]);
  });

  it('leaves a Job that has none, and one that took the name later', async () => {
    expect((await pass(failedByKernel, aJob())).decision.effects).toEqual([]);
    expect((await pass(failedByKernel, aJob({ metadata: { ...unrecorded, uid: 'later' } }))).decision.effects).toEqual([]);
  });
});
