import { describe, expect, it } from 'vitest';
import { cancelRequestedAnnotation } from '../../../shared/api/labels.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import { aStartedWorkflow, anExecutionOf, anExecutionRef, portsOf } from '../../../test/support/workflows.ts';
import { ended } from './ended.ts';

const now = '2026-01-15T10:37:00Z';

describe('the pass after the end', () => {
  it('looks at nothing and does nothing for a workflow that ended by itself', async () => {
    const workflow = aStartedWorkflow({ a: 'completed', b: 'failed', c: 'skipped', d: 'rolled_back' }, { status: { phase: 'completed' } });
    const observed = await ended.observe(workflow, portsOf(clusterTwin()), now);
    expect(ended.decide(workflow, observed, now).effects).toEqual([]);
  });

  it('asks the executions that still run to cancel, and only those', async () => {
    const workflow = aStartedWorkflow(
      { a: 'executing', b: 'executing', gone: 'executing' },
      {
        status: {
          phase: 'failed',
          reason: 'status_refused',
          rollback: { state: 'running', steps: [{ stepName: 'c', phase: 'executing', executionRef: anExecutionRef('c') }] },
        },
      },
    );
    const twin = clusterTwin([
      anExecutionOf(workflow, 'a', 'executing'),
      anExecutionOf(workflow, 'b', 'completed'),
      anExecutionOf(workflow, 'c', 'validating'),
    ]);
    const { effects } = ended.decide(workflow, await ended.observe(workflow, portsOf(twin), now), now);
    expect(effects).toMatchObject([
      { kind: 'PatchMetadata', ref: { name: 'rr-1-workflow-a' }, annotations: { [cancelRequestedAnnotation]: 'true' } },
      { kind: 'PatchMetadata', ref: { name: 'rr-1-workflow-c' } },
    ]);
  });
});
