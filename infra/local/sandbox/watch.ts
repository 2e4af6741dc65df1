import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { WatchEvent } from '../../../shared/kubernetes/request.ts';
import { eventStream, type EventStream } from './event-stream.ts';
import { jsonOf, withMetadata } from './object.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import { selectionOf } from './selection.ts';
import type { ServerContext } from './server-context.ts';
import { badRequest, expired, resourceVersionTooLarge, statusObject, type StatusError } from './status-object.ts';
import type { Change } from './store.ts';
import { isTrue } from './url.ts';
import { startOfWatch, type WatchStart } from './watch-start.ts';

const bookmarkIntervalMilliseconds = 60_000;

export interface WatchRequest {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly accept: string | undefined;
}

type Selection = (object: KubernetesObject) => boolean;

/** Opens a watch at once: what is committed after this call is delivered, in the order of commits, whenever the client begins to read. */
export function openWatch(server: ServerContext, request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchEvent> {
  const { type, namespace, query } = request;
  const selected = selectionOf(type, namespace, query);
  const timeoutSeconds = secondsOf(query['timeoutSeconds']);
  const start = startOfWatch(query, server.store.revision());
  const timers = new AbortController();
  const stream = eventStream(() => {
    timers.abort();
    stopFollowing();
    server.streams.delete(stream);
  });
  const send = (event: WatchEvent | null): void => {
    if (event !== null) stream.push(presented(server, request, event));
  };
  const stopFollowing = server.store.observe((change) => {
    const isAhead = start.kind === 'after' && change.revision <= start.revision;
    if (sameResource(change.type, type) && !isAhead) send(eventOf(change, selected));
  });
  server.streams.add(stream);
  for (const event of initialEvents(server, request, { start, selected })) send(event);
  if (start.kind === 'tooNew' || (start.kind === 'after' && server.history.since(type, start.revision) === null)) stream.end();
  else server.detached(() => startTimers(server, { type, query, stream, timeoutSeconds }, timers.signal));
  abortWith(signal, stream);
  return stream.events;
}

function sameResource(a: ResourceType, b: ResourceType): boolean {
  return a.plural === b.plural && a.group === b.group;
}

function initialEvents(
  server: ServerContext,
  { type, namespace, query }: WatchRequest,
  from: { readonly start: WatchStart; readonly selected: Selection },
): readonly (WatchEvent | null)[] {
  const { start, selected } = from;
  switch (start.kind) {
    case 'state': {
      const objects = server.store.list(type.group, type.plural, namespace).filter(selected);
      const events = objects.map((object): WatchEvent => ({ type: 'ADDED', object: jsonOf(object) }));
      return isTrue(query['allowWatchBookmarks'] ?? 'false')
        ? [...events, bookmark(type, server.store.revision(), { 'k8s.io/initial-events-end': 'true' })]
        : events;
    }
    case 'after': {
      const missed = server.history.since(type, start.revision);
      if (missed !== null) return missed.map((change) => eventOf(change, selected));
      return [errorEvent(expired(`too old resource version: ${start.revision} (${server.store.revision()})`))];
    }
    case 'tooNew':
      return [errorEvent(resourceVersionTooLarge(start.revision, server.store.revision()))];
  }
}

function errorEvent({ answer }: StatusError): WatchEvent {
  return { type: 'ERROR', object: statusObject(answer) };
}

/** What the change is to a watch that sees only part of the objects: one that leaves the selection is deleted there. */
function eventOf({ kind, object, previous, revision }: Change, selected: Selection): WatchEvent | null {
  const isSelected = kind !== 'DELETED' && selected(object);
  const wasSelected = previous !== null && selected(previous);
  if (isSelected) return { type: wasSelected ? 'MODIFIED' : 'ADDED', object: jsonOf(object) };
  if (!wasSelected) return null;
  const last = kind === 'DELETED' ? object : withMetadata(previous, { resourceVersion: String(revision) });
  return { type: 'DELETED', object: jsonOf(last) };
}

function bookmark(type: ResourceType, revision: number, annotations?: Readonly<Record<string, string>>): WatchEvent {
  const metadata = { resourceVersion: String(revision), ...(annotations !== undefined && { annotations }) };
  return { type: 'BOOKMARK', object: { kind: type.kind, apiVersion: apiVersionOf(type), metadata } };
}

function presented({ extensions, clock }: ServerContext, { type, accept, query }: WatchRequest, event: WatchEvent): WatchEvent {
  if (event.type === 'BOOKMARK' || event.type === 'ERROR' || !extensions.tables.wanted(accept)) return event;
  const object = event.object as KubernetesObject; // as it left the store, above
  const table = extensions.tables.render(
    type,
    [object],
    { resourceVersion: object.metadata.resourceVersion ?? '' },
    { now: clock.now(), includeObject: query['includeObject'] },
  );
  return { ...event, object: table };
}

interface Timed {
  readonly type: ResourceType;
  readonly query: Readonly<Record<string, string>>;
  readonly stream: EventStream;
  /** 0: as long as the client likes. */
  readonly timeoutSeconds: number;
}

function secondsOf(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^-?\d{1,9}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function startTimers(server: ServerContext, { type, query, stream, timeoutSeconds }: Timed, signal: AbortSignal): void {
  if (timeoutSeconds > 0) void sleepThen(server, timeoutSeconds * 1_000, signal).then((woken) => woken && stream.end());
  if (isTrue(query['allowWatchBookmarks'] ?? 'false')) void sendBookmarks(server, { type, stream }, signal);
}

async function sendBookmarks(server: ServerContext, { type, stream }: Pick<Timed, 'type' | 'stream'>, signal: AbortSignal): Promise<void> {
  while (await sleepThen(server, bookmarkIntervalMilliseconds, signal)) stream.push(bookmark(type, server.store.revision()));
}

/** True when the time has passed, false when the watch ended first. */
async function sleepThen({ clock }: ServerContext, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(milliseconds, signal).then(
    () => !signal.aborted,
    () => false,
  );
}

/** An aborted watch delivers nothing more, not even what is pending. */
function abortWith(signal: AbortSignal, stream: EventStream): void {
  if (signal.aborted) stream.discard();
  else signal.addEventListener('abort', stream.discard, { once: true });
}
