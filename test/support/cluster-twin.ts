import { mergePatchObject } from '../../infra/local/sandbox/merge-patch.ts';
import { parseLabelSelector } from '../../infra/local/sandbox/label-selector.ts';
import { canonicalJson } from '../../shared/api/digest.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject, ObjectMeta } from '../../shared/api/object-ref.ts';
import type { Instant } from '../../shared/api/time.ts';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import type { AccessReview, Cluster, DryRun, ListOptions, ObjectKey } from '../../shared/kubernetes/ports.ts';

/** One call as it reaches the twin: 'create Job kubernaut-system/ke-1'. */
export interface TwinCall {
  readonly verb: 'get' | 'list' | 'create' | 'patchStatus' | 'patchMetadata' | 'delete';
  readonly kind: string;
  readonly name: string;
  readonly body?: JsonObject;
}

export interface ClusterTwin extends Cluster {
  /** Asked before each call is answered: what it throws is the answer. */
  onCall: (call: TwinCall) => void;
  /** Asked after each call that changed something: what it throws is a lost answer. */
  onWritten: (call: TwinCall) => void;
  /** As it stands; null when there is none. */
  read(kind: string, name: string): KubernetesObject | null;
  objects(): readonly KubernetesObject[];
  /** As somebody else would change it: a new resourceVersion, no precondition. */
  change(kind: string, name: string, patch: JsonObject): void;
  put(object: KubernetesObject): KubernetesObject;
}

/**
 * The rules of the API that the kernel stands on, and no more: 404, 409 for a taken name, a stale resourceVersion and a wrong uid, a status that only
 * its own subresource writes, finalizers that hold a deletion, a version that moves only when something changed.
 */
export function clusterTwin(seeds: readonly KubernetesObject[] = [], now: () => Instant = () => '2026-01-15T10:35:20Z'): ClusterTwin {
  const shelf = new Map<string, KubernetesObject>();
  let revision = 100;
  const incarnations = new Map<string, number>();

  const at = (key: ObjectKey) => shelf.get(pathOf(key));
  const found = (key: ObjectKey): KubernetesObject => {
    const object = at(key);
    if (object === undefined) throw refusal(404, 'NotFound', `${key.kind} "${key.name}" not found`);
    return object;
  };
  const store = (object: KubernetesObject, before?: KubernetesObject): KubernetesObject => {
    if (before !== undefined && canonicalJson(object) === canonicalJson(before)) return before;
    revision += 1;
    const stored = withMeta(object, { resourceVersion: String(revision) });
    const isOver = stored.metadata.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0;
    if (isOver) shelf.delete(pathOf(keyOf(stored)));
    else shelf.set(pathOf(keyOf(stored)), stored);
    return stored;
  };
  const expectVersion = ({ metadata }: KubernetesObject, resourceVersion: unknown) => {
    if (resourceVersion === undefined || resourceVersion === metadata.resourceVersion) return;
    throw refusal(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version');
  };
  const fresh = (object: KubernetesObject): KubernetesObject => {
    // Told by name and incarnation, so that two runs of one story give the same uids.
    const count = (incarnations.get(pathOf(keyOf(object))) ?? 0) + 1;
    incarnations.set(pathOf(keyOf(object)), count);
    return withMeta(object, { uid: object.metadata.uid ?? `uid-${object.metadata.name}-${count}`, creationTimestamp: now(), generation: 1 });
  };

  const listed = (kind: string, { namespace, labelSelector }: ListOptions): readonly KubernetesObject[] => {
    twin.onCall({ verb: 'list', kind, name: '' });
    const selects = parseLabelSelector(labelSelector);
    return [...shelf.values()].filter(
      (object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace) && selects(object.metadata.labels ?? {}),
    );
  };

  const twin: ClusterTwin = {
    onCall: () => undefined,
    onWritten: () => undefined,
    read: (kind, name) => [...shelf.values()].find((object) => object.kind === kind && object.metadata.name === name) ?? null,
    objects: () => [...shelf.values()],
    put: (object) => store({ ...fresh(object), ...(object['status'] !== undefined && { status: object['status'] }) }),
    change(kind, name, patch) {
      const object = twin.read(kind, name);
      if (object === null) throw new Error(`${kind} ${name} is not in the twin`);
      store(asObject(mergePatchObject(asJson(object), patch)), object);
    },

    get: (key) =>
      answer(() => {
        twin.onCall({ verb: 'get', kind: key.kind, name: key.name });
        return at(key) ?? null;
      }),
    list: (kind, options) => answer(() => listed(kind.kind, options).slice(0, options.limit)),
    // A token is the number of those before it.
    listPage: (kind, { from = '0', ...options }) =>
      answer(() => {
        const rest = listed(kind.kind, options).slice(Number(from));
        return { items: rest.slice(0, options.limit), next: rest.length > options.limit ? String(Number(from) + options.limit) : null };
      }),
    reviewAccess: () => Promise.resolve<AccessReview>({ allowed: true, reason: '' }),
    dryRun: () => Promise.resolve<DryRun>({ kind: 'accepted', objects: [] }),
    podLog: () => Promise.resolve(null),

    create: (object) =>
      answer(() => {
        const call: TwinCall = { verb: 'create', kind: object.kind, name: object.metadata.name, body: asJson(object) };
        twin.onCall(call);
        if (at(keyOf(object)) !== undefined) throw refusal(409, 'AlreadyExists', `${object.kind} "${object.metadata.name}" already exists`);
        const { status: _ignored, ...body } = object;
        const stored = store(fresh(asObject(body as JsonObject)));
        twin.onWritten(call);
        return stored;
      }),
    patchStatus: (key, status, resourceVersion) =>
      answer(() => {
        const call: TwinCall = { verb: 'patchStatus', kind: key.kind, name: key.name, body: status };
        twin.onCall(call);
        const object = found(key);
        expectVersion(object, resourceVersion);
        const stored = store(asObject(mergePatchObject(asJson(object), { status })), object);
        twin.onWritten(call);
        return stored;
      }),
    patchMetadata: (key, metadata) =>
      answer(() => {
        const call: TwinCall = { verb: 'patchMetadata', kind: key.kind, name: key.name, body: metadata };
        twin.onCall(call);
        const object = found(key);
        expectVersion(object, metadata['resourceVersion']);
        // A patch knows no precondition on the uid: another one is an attempt to change it.
        const { uid = object.metadata.uid } = metadata;
        if (uid !== object.metadata.uid) throw refusal(422, 'Invalid', 'metadata.uid: field is immutable');
        const stored = store(asObject(mergePatchObject(asJson(object), { metadata })), object);
        twin.onWritten(call);
        return stored;
      }),
    delete: (key, { uid }) =>
      answer(() => {
        const call: TwinCall = { verb: 'delete', kind: key.kind, name: key.name };
        twin.onCall(call);
        const object = at(key);
        if (object === undefined) return;
        if (uid !== object.metadata.uid) throw refusal(409, 'Conflict', 'the UID in the precondition does not match the UID in record');
        store(withMeta(object, { deletionTimestamp: now() }), object);
        twin.onWritten(call);
      }),
  };
  for (const seed of seeds) twin.put(seed);
  return twin;
}

export function refusal(status: number, reason: string, message: string, retryAfterSeconds?: number): ApiError {
  return new ApiError({ status, reason, message, retryAfterSeconds });
}

/** A throw inside is a rejected promise, as from any client. */
async function answer<T>(work: () => T): Promise<T> {
  return work();
}

function pathOf({ apiVersion, kind, namespace = '', name }: ObjectKey): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}

function keyOf({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject): ObjectKey {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}

function withMeta(object: KubernetesObject, metadata: Partial<ObjectMeta>): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}

function asJson(object: KubernetesObject): JsonObject {
  return object as unknown as JsonObject;
}

function asObject(json: JsonObject): KubernetesObject {
  return json as unknown as KubernetesObject;
}
