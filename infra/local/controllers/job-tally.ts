import { trackingFinalizer, type Job } from './job.ts';
import { isFinished, isReady, type Pod } from './pod.ts';

/**
 * What became of the Job's pods. A pod is counted exactly once, in three steps that each survive a crash: its uid is written
 * down as uncounted, its finalizer is taken off, and then the number moves and the uid goes.
 */
export interface Tally {
  /** Counted and written down together. */
  readonly succeeded: number;
  readonly failed: number;
  readonly active: readonly Pod[];
  readonly ready: number;
  /** Told to end, and still running. */
  readonly terminating: number;
  /** For the status: what is settled, and the uids that are not. */
  readonly settled: { readonly succeeded: number; readonly failed: number };
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  /** Written down, and still held by their finalizer. */
  readonly toRelease: readonly Pod[];
}

export function tallyOf({ status }: Job, pods: readonly Pod[]): Tally {
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid, pod]));
  const before = { succeeded: status.uncountedTerminatedPods?.succeeded ?? [], failed: status.uncountedTerminatedPods?.failed ?? [] };
  const writtenDown = new Set([...before.succeeded, ...before.failed]);
  const fresh = [...tracked.values()].filter((pod) => !writtenDown.has(pod.metadata.uid));
  const succeeded = book(before.succeeded, fresh.filter(hasSucceeded), tracked);
  const failed = book(before.failed, fresh.filter(hasFailed), tracked);
  const settled = { succeeded: (status.succeeded ?? 0) + succeeded.settled, failed: (status.failed ?? 0) + failed.settled };
  const uncounted = { succeeded: succeeded.uncounted, failed: failed.uncounted };
  const active = pods.filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
  return {
    succeeded: settled.succeeded + uncounted.succeeded.length,
    failed: settled.failed + uncounted.failed.length,
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined).length,
    settled,
    uncounted,
    toRelease: [...uncounted.succeeded, ...uncounted.failed].map((uid) => tracked.get(uid)).filter((pod) => pod !== undefined),
  };
}

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers.includes(trackingFinalizer);
}

function book(
  before: readonly string[],
  ended: readonly Pod[],
  tracked: ReadonlyMap<string, Pod>,
): { readonly settled: number; readonly uncounted: readonly string[] } {
  const held = before.filter((uid) => tracked.has(uid));
  return { settled: before.length - held.length, uncounted: [...held, ...ended.map(({ metadata }) => metadata.uid)] };
}

function hasSucceeded({ status }: Pod): boolean {
  return status.phase === 'Succeeded';
}

/** One that was told to end before it succeeded counts as failed, whoever told it. */
function hasFailed({ status, metadata }: Pod): boolean {
  return status.phase === 'Failed' || (metadata.deletionTimestamp !== undefined && status.phase !== 'Succeeded');
}
