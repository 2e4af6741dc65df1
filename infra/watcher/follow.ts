import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Clock } from '../../shared/clock.ts';
import { successOf } from '../../shared/kubernetes/cluster.ts';
import { ApiError, isGone } from '../../shared/kubernetes/errors.ts';
import type { Transport, WatchEvent } from '../../shared/kubernetes/request.ts';
import { collectionPath } from '../../shared/kubernetes/resource-path.ts';
import type { Change, WatchedKind } from './forward.ts';

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

const pageSize = 500; // an object of ours may reach 1 MiB: pages keep a list from being one answer of hundreds
const listTimeoutMilliseconds = 30_000;
const watchSeconds = 540; // the server ends the watch before we distrust it
const silenceMilliseconds = 300_000; // bookmarks come about once a minute; five minutes of nothing is a dead connection
const retryBaseMilliseconds = 1_000;
const retryMaxMilliseconds = 30_000;

/**
 * Follows one collection until the signal aborts: lists, watches from the list's version, resumes from the last version seen, lists
 * again when that is too old (410), and opens the watch anew when it has been silent for too long. Keeps a version, never objects.
 */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  let version: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      version ??= await list(options);
      const ended: Ended = await watchFrom(options, version, signal);
      version = ended.version;
      failures = 0;
      if (!signal.aborted) options.noticed({ kind: 'reopened', why: ended.why });
    } catch (error) {
      if (signal.aborted) return;
      if (isGone(error)) {
        version = null;
        options.noticed({ kind: 'reopened', why: 'expired' });
        continue;
      }
      options.noticed({ kind: 'trouble', error });
      const delay = Math.min(retryMaxMilliseconds, retryBaseMilliseconds * 2 ** failures);
      failures = Math.min(failures + 1, 10);
      await options.clock.sleep(delay * (0.5 + options.random() / 2), signal).catch(() => undefined);
    }
  }
}

/** Lists page by page, hands each object on and forgets it. Returns the version to watch from. */
async function list({ transport, namespace, watched, changed, noticed }: FollowOptions): Promise<string> {
  const path = collectionPath(watched, namespace);
  let next: string | undefined;
  let count = 0;
  for (;;) {
    const query = { limit: String(pageSize), ...selector(watched), ...(next !== undefined && { continue: next }) };
    const request = { method: 'GET', path, query } as const;
    const page = successOf(request, await transport.send(request, listTimeoutMilliseconds)) as unknown as Page;
    for (const item of page.items) await changed('present', { ...item, apiVersion: watched.apiVersion, kind: watched.kind });
    count += page.items.length;
    next = page.metadata.continue;
    if (next === undefined || next === '') {
      noticed({ kind: 'listed', count });
      return page.metadata.resourceVersion;
    }
  }
}

interface Page {
  readonly items: readonly KubernetesObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

interface Ended {
  readonly version: string;
  readonly why: 'ended' | 'silent';
}

async function watchFrom(options: FollowOptions, from: string, signal: AbortSignal): Promise<Ended> {
  const { transport, clock, namespace, watched } = options;
  const silence = createSilence(clock, signal);
  let version = from;
  try {
    const query = { resourceVersion: from, allowWatchBookmarks: 'true', timeoutSeconds: String(watchSeconds), ...selector(watched) };
    for await (const event of transport.watch(collectionPath(watched, namespace), query, silence.signal)) {
      silence.restart();
      options.noticed({ kind: 'alive' });
      version = await take(options, event, version);
    }
  } finally {
    silence.end();
  }
  return { version, why: silence.broken() ? 'silent' : 'ended' };
}

async function take({ changed }: FollowOptions, { type, object }: WatchEvent, version: string): Promise<string> {
  if (type === 'ERROR') {
    const { code, reason, message } = object as { readonly code?: number; readonly reason?: string; readonly message?: string };
    throw new ApiError({ status: code ?? 500, reason: reason ?? '', message: message ?? 'the watch ended with an error' });
  }
  const seen = object as unknown as KubernetesObject;
  if (type !== 'BOOKMARK') await changed(type === 'DELETED' ? 'deleted' : 'changed', seen);
  return seen.metadata.resourceVersion ?? version;
}

/** Aborts when nothing came for too long, or when the outer signal does. */
function createSilence(clock: Clock, outer: AbortSignal) {
  const inner = new AbortController();
  let watchdog = new AbortController();
  let broken = false;
  const abort = () => inner.abort();
  outer.addEventListener('abort', abort, { once: true });
  const arm = () => {
    watchdog = new AbortController();
    clock.sleep(silenceMilliseconds, watchdog.signal).then(
      () => {
        broken = true;
        inner.abort();
      },
      () => undefined,
    );
  };
  arm();
  return {
    signal: inner.signal,
    broken: () => broken,
    restart() {
      watchdog.abort();
      arm();
    },
    end() {
      watchdog.abort();
      outer.removeEventListener('abort', abort);
    },
  };
}

function selector({ labelSelector }: WatchedKind): Readonly<Record<string, string>> {
  return labelSelector === undefined ? {} : { labelSelector };
}
