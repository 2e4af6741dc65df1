import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Clock } from '../../shared/clock.ts';
import { ApiError, isGone } from '../../shared/kubernetes/errors.ts';
import type { Transport, WatchEvent } from '../../shared/kubernetes/request.ts';
import { collectionPath } from '../../shared/kubernetes/resource-path.ts';
import type { Change, WatchedKind } from './forward.ts';
import { listEach, selectorOf } from './list-each.ts';
import { createSilence } from './silence.ts';

export interface FollowOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly namespace: string;
  readonly watched: WatchedKind;
  /** 0 to 1, for the jitter of waits. */
  readonly random: () => number;
  readonly changed: (change: Change, object: KubernetesObject) => Promise<void>;
  readonly noticed: (notice: Notice) => void;
}

/** For metrics, health and the log. `alive`: something came, if only a bookmark. */
export type Notice =
  | { readonly kind: 'listed'; readonly count: number }
  | { readonly kind: 'alive' }
  | { readonly kind: 'reopened'; readonly why: 'ended' | 'expired' | 'silent' }
  | { readonly kind: 'trouble'; readonly error: unknown };

const watchSeconds = 540; // the server ends the watch before we distrust it
const silenceMilliseconds = 300_000; // bookmarks come about once a minute; five minutes of nothing is a dead connection
const wellMilliseconds = 30_000; // a watch that lasted this long, or brought anything, was a good one
const retryBaseMilliseconds = 1_000;
const retryMaxMilliseconds = 30_000;
const failuresWithOneVersion = 3;

/** Where the stream stands. It keeps a version, and never objects. */
interface Position {
  /** The last version seen; null: everything is to be listed. */
  version: string | null;
  /** Whether the last watch brought anything. */
  came: boolean;
  /** Rounds in a row that brought nothing. */
  failures: number;
}

/**
 * Follows one collection until the signal aborts: lists, watches from the list's version, resumes from the last version seen, lists
 * again when that is too old (410), and opens the watch anew when it has been silent for too long. What fails, and what ends as soon
 * as it begins, is tried again after a pause that doubles.
 */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { clock, noticed, random } = options;
  const at: Position = { version: null, came: false, failures: 0 };
  while (!signal.aborted) {
    const begun = clock.milliseconds();
    const end = await followOnce(options, at, signal);
    if (signal.aborted) return;
    noticed(end);
    const wasGood = at.came || clock.milliseconds() - begun >= wellMilliseconds;
    at.failures = wasGood ? 0 : at.failures + 1;
    // A version that nothing comes of may be one that the server does not know any more, as after a restore: a fresh list cannot be wrong.
    if (isExpired(end) || at.failures >= failuresWithOneVersion) at.version = null;
    const pause = pauseMilliseconds(end, at.failures);
    if (pause > 0) await clock.sleep(pause * (0.5 + random() / 2), signal).catch(() => undefined);
  }
}

type End = Extract<Notice, { readonly kind: 'reopened' | 'trouble' }>;

function isExpired(end: End): boolean {
  return end.kind === 'reopened' && end.why === 'expired';
}

/** A good watch that ended is opened anew at once, and so is the first that met a version too old; everything else waits. */
function pauseMilliseconds(end: End, failures: number): number {
  if (end.kind === 'trouble') return backoffMilliseconds(Math.max(1, failures));
  const free = isExpired(end) ? 1 : 0;
  return failures <= free ? 0 : backoffMilliseconds(failures - free);
}

function backoffMilliseconds(failures: number): number {
  return Math.min(retryMaxMilliseconds, retryBaseMilliseconds * 2 ** Math.min(failures - 1, 10));
}

async function followOnce(options: FollowOptions, at: Position, signal: AbortSignal): Promise<End> {
  at.came = false;
  try {
    at.version ??= await listEach(options, signal);
    return { kind: 'reopened', why: await watchFrom(options, at, signal) };
  } catch (error) {
    return isGone(error) ? { kind: 'reopened', why: 'expired' } : { kind: 'trouble', error };
  }
}

async function watchFrom(options: FollowOptions, at: Position, signal: AbortSignal): Promise<'ended' | 'silent'> {
  const { transport, clock, namespace, watched, noticed } = options;
  const silence = createSilence({ clock, milliseconds: silenceMilliseconds, outer: signal });
  try {
    const query = { resourceVersion: at.version ?? '', allowWatchBookmarks: 'true', timeoutSeconds: String(watchSeconds), ...selectorOf(watched) };
    for await (const event of transport.watch(collectionPath(watched, namespace), query, silence.signal)) {
      silence.restart();
      await take(options, event);
      at.came = true;
      at.version = versionOf(event) ?? at.version;
      noticed({ kind: 'alive' });
    }
    return silence.isBroken() ? 'silent' : 'ended';
  } finally {
    silence.end();
  }
}

/** Throws what the server says is wrong with the watch. */
async function take({ changed }: FollowOptions, { type, object }: WatchEvent): Promise<void> {
  if (type === 'ERROR') {
    const { code, reason, message } = object as { readonly code?: number; readonly reason?: string; readonly message?: string };
    throw new ApiError({ status: code ?? 500, reason: reason ?? '', message: message ?? 'the watch ended with an error' });
  }
  if (type !== 'BOOKMARK') await changed(type === 'DELETED' ? 'deleted' : 'changed', object as unknown as KubernetesObject);
}

function versionOf({ object }: WatchEvent): string | undefined {
  return (object as unknown as KubernetesObject).metadata.resourceVersion;
}
