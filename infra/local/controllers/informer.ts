import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { ApiError, isGone } from '../../../shared/kubernetes/errors.ts';
import type { Transport, WatchEvent } from '../../../shared/kubernetes/request.ts';
import { collectionPath } from '../../../shared/kubernetes/resource-path.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import type { ApiClient, Kind } from './api-client.ts';

export interface InformerOptions {
  readonly client: ApiClient;
  readonly transport: Transport;
  readonly clock: TrackedClock;
  readonly kind: Kind;
  readonly signal: AbortSignal;
  /** Called for every object of a fresh list, then for each change. `gone`: the last state of an object that is no more. */
  readonly changed: (object: KubernetesObject, gone: boolean) => void;
  readonly failed: (error: unknown) => void;
}

const pauseMilliseconds = 1_000; // between a watch that ended at once and the next try: a restarting API server ends them all
const watchSeconds = '290'; // the server ends the watch then, and a new one is opened: no connection that died in silence is trusted longer

/** Follows one kind: a list, then a watch that goes on from the last version seen, and a new list when that version is too old. Ends when the signal aborts. */
export async function runInformer(options: InformerOptions): Promise<void> {
  const { clock, signal, failed } = options;
  const known = new Map<string, KubernetesObject>();
  let resourceVersion = '';
  while (!signal.aborted) {
    const openedAt = clock.milliseconds();
    try {
      if (resourceVersion === '') resourceVersion = await clock.track(() => relist(options, known));
      resourceVersion = await follow(options, known, resourceVersion);
    } catch (error) {
      if (signal.aborted) return;
      if (isGone(error)) resourceVersion = '';
      else failed(error);
    }
    if (clock.milliseconds() - openedAt < pauseMilliseconds) await pause(clock, signal);
  }
}

async function relist({ client, kind, changed }: InformerOptions, known: Map<string, KubernetesObject>): Promise<string> {
  const { items, resourceVersion } = await client.list(kind, {});
  const listed = new Set(items.map(identityOf));
  for (const [identity, object] of known) {
    if (listed.has(identity)) continue;
    known.delete(identity);
    changed(object, true);
  }
  for (const object of items) {
    known.set(identityOf(object), object);
    changed(object, false);
  }
  return resourceVersion;
}

/** Resolves to the last version seen when the server ends the watch. */
async function follow({ transport, kind, signal, changed }: InformerOptions, known: Map<string, KubernetesObject>, from: string): Promise<string> {
  let seen = from;
  const query = { resourceVersion: from, allowWatchBookmarks: 'true', timeoutSeconds: watchSeconds };
  for await (const event of transport.watch(collectionPath(kind, undefined), query, signal)) {
    if (event.type === 'ERROR') throw errorOf(event);
    const object = event.object as unknown as KubernetesObject;
    seen = object.metadata.resourceVersion ?? seen;
    if (event.type === 'BOOKMARK') continue;
    const gone = event.type === 'DELETED';
    if (gone) known.delete(identityOf(object));
    else known.set(identityOf(object), object);
    changed(object, gone);
  }
  return seen;
}

/** The uid, so that an object which was remade under its name while nobody looked counts as gone, and the new one as new. */
function identityOf({ metadata: { namespace = '', name, uid = '' } }: KubernetesObject): string {
  return `${namespace}/${name}/${uid}`;
}

function errorOf({ object }: WatchEvent): ApiError {
  const { code, reason, message } = object;
  return new ApiError({
    status: typeof code === 'number' ? code : 500,
    reason: typeof reason === 'string' ? reason : '',
    message: typeof message === 'string' ? message : 'the watch ended in an error',
  });
}

async function pause(clock: TrackedClock, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(pauseMilliseconds, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
