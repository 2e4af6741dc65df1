import { watchedKinds, type WatchedKind } from '../../../infra/watcher/forward.ts';
import { listAll } from '../../../infra/local/story/observe.ts';
import { playOnVirtualClock } from '../../../infra/local/story/play-on-virtual-clock.ts';
import { readStory } from '../../../infra/local/story/story.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { silentLogger } from '../../../shared/telemetry/logger.ts';
import { root } from '../bench-stack.ts';

/** Many resources of one kind, each the text of one that a real remediation left behind. */
export interface Replayed {
  readonly watched: WatchedKind;
  /** `isLive`: not over, so that a fresh list forwards its key. */
  text(wanted: { readonly name: string; readonly version: number; readonly isLive: boolean }): string;
}

const namePlace = '@name@';
const versionPlace = '@version@';
/** A phase of each kind in which something is still to come. */
const livePhases: Readonly<Record<string, string>> = {
  RemediationRequest: 'executing',
  RemediationProcessing: 'enriching',
  AIAnalysis: 'investigating',
  WorkflowExecution: 'monitoring',
  KubernetesExecution: 'executing',
};

/** Plays one story on the virtual clock and takes its resources for patterns, with the managed fields that an API server adds to what it stores. */
export async function replayedResources(): Promise<readonly Replayed[]> {
  const patterns = new Map<string, JsonObject>();
  await playOnVirtualClock(readStory(root, 'payment-api-memory'), { root, logger: silentLogger }, async ({ admin }) => {
    for (const watched of ourKinds) {
      const [object] = await listAll(admin, watched);
      if (object === undefined) throw new Error(`the story left no ${watched.kind}`);
      patterns.set(watched.kind, asStored(object));
    }
  });
  return ourKinds.map((watched) => replayed(watched, patterns.get(watched.kind) ?? {}));
}

const ourKinds = watchedKinds.filter(({ kind }) => kind in livePhases);

function replayed(watched: WatchedKind, pattern: JsonObject): Replayed {
  const ended = JSON.stringify(pattern);
  const status = isJsonObject(pattern['status']) ? pattern['status'] : {};
  const live = JSON.stringify({ ...pattern, status: { ...status, phase: livePhases[watched.kind] ?? '' } });
  return {
    watched,
    text: ({ name, version, isLive }) => (isLive ? live : ended).replaceAll(namePlace, name).replaceAll(versionPlace, String(version)),
  };
}

function asStored(object: KubernetesObject): JsonObject {
  const { metadata, ...rest } = object as unknown as JsonObject & { readonly metadata: JsonObject };
  const { status, ...others } = rest;
  const managedFields = [
    managed({ metadata: fieldsOf(metadata), spec: fieldsOf(others['spec'] ?? {}) }),
    managed({ status: fieldsOf(status ?? {}) }, 'status'),
  ];
  return { ...rest, metadata: { ...metadata, name: namePlace, uid: `uid-of-${namePlace}`, resourceVersion: versionPlace, managedFields } };
}

function managed(fields: Readonly<Record<string, JsonObject>>, subresource?: string): JsonObject {
  const fieldsV1 = Object.fromEntries(Object.entries(fields).map(([name, inner]) => [`f:${name}`, inner]));
  return {
    manager: 'kubernaut',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-15T10:35:20Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource !== undefined && { subresource }),
  };
}

/** As an API server notes who set what: every field by name, lists as a whole. */
function fieldsOf(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [`f:${name}`, fieldsOf(member ?? null)]));
}
