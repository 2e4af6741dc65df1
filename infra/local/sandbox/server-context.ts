import type { TrackedClock } from '../tracked-clock.ts';
import type { ContainerLogs } from '../container-logs.ts';
import type { EventStream } from './event-stream.ts';
import type { Extensions } from './extension.ts';
import type { ResourceTypes } from './resource-types.ts';
import type { Store } from './store.ts';
import type { WatchHistory } from './watch-history.ts';

/** What every part of the API server works on. */
export interface ServerContext {
  readonly store: Store;
  readonly types: ResourceTypes;
  readonly history: WatchHistory;
  readonly logs: ContainerLogs;
  readonly extensions: Extensions;
  readonly clock: TrackedClock;
  readonly randomUuid: () => string;
  /** Every watch that is open. */
  readonly streams: Set<EventStream>;
  /** Runs in the asynchronous context of the server, not of the request: what it sleeps or tracks is no part of the client's work. */
  readonly detached: <T>(work: () => T) => T;
}
