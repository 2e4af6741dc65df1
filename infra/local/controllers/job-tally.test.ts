import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { aPodView } from '../../../test/support/pods.ts';
import { jobSchema, trackingFinalizer, type Job } from './job.ts';
import { tallyOf } from './job-tally.ts';
import type { Pod } from './pod.ts';

function aJobView(status: JsonObject = {}): Job {
  const metadata = { name: 'backup', namespace: 'production', uid: 'job1', resourceVersion: '7', creationTimestamp: '2026-01-15T10:00:00Z' };
  return jobSchema.parse({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: { spec: {} } }, status });
}

function aPod(uid: string, phase: string, { held = true, deleted = false }: { readonly held?: boolean; readonly deleted?: boolean } = {}): Pod {
  const finalizers = held ? [trackingFinalizer] : [];
  return aPodView({ metadata: { uid, finalizers, ...(deleted && { deletionTimestamp: '2026-01-15T10:05:00Z' }) }, status: { phase } });
}

const uidsOf = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.uid);

describe('the tally of a Job', () => {
  it('writes an ended pod down before it lets it go', () => {
    const tally = tallyOf(aJobView(), [aPod('a', 'Failed'), aPod('b', 'Succeeded'), aPod('c', 'Running')]);
    expect(tally).toMatchObject({ succeeded: 1, failed: 1, settled: { succeeded: 0, failed: 0 }, uncounted: { succeeded: ['b'], failed: ['a'] } });
    expect(uidsOf(tally.toRelease)).toEqual(['b', 'a']);
    expect(uidsOf(tally.active)).toEqual(['c']);
  });

  it('moves the number once the pod was let go, and not before', () => {
    const written = aJobView({ uncountedTerminatedPods: { failed: ['a'] } });
    expect(tallyOf(written, [aPod('a', 'Failed')])).toMatchObject({ failed: 1, settled: { failed: 0 }, uncounted: { failed: ['a'] } });
    expect(tallyOf(written, [aPod('a', 'Failed', { held: false })])).toMatchObject({ failed: 1, settled: { failed: 1 }, uncounted: { failed: [] } });
    expect(tallyOf(written, [])).toMatchObject({ failed: 1, settled: { failed: 1 }, uncounted: { failed: [] } });
  });

  it('never counts a pod twice, however often it looks', () => {
    const counted = aJobView({ failed: 1 });
    expect(tallyOf(counted, [aPod('a', 'Failed', { held: false })])).toMatchObject({ failed: 1, uncounted: { failed: [] } });
  });

  it('counts a pod that is told to end as failed, and knows that it still runs', () => {
    expect(tallyOf(aJobView(), [aPod('a', 'Running', { deleted: true })])).toMatchObject({
      failed: 1,
      terminating: 1,
      active: [],
      uncounted: { failed: ['a'] },
    });
    expect(tallyOf(aJobView(), [aPod('a', 'Succeeded', { deleted: true })])).toMatchObject({ succeeded: 1, failed: 0, terminating: 0 });
  });
});
