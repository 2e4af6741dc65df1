import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { sha256Hex } from '../../../shared/api/digest.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { ApiError, isAlreadyExists, isNotFound, isRefused } from '../../../shared/kubernetes/errors.ts';
import type { ObjectKey } from '../../../shared/kubernetes/ports.ts';
import { objectPath } from '../../../shared/kubernetes/resource-path.ts';
import type { ApiClient } from './api-client.ts';

/** What a control loop decides to change, as data. */
export type Write = CreateObject | DeleteObject | PatchObject | BindPod | TellEvent;

interface CreateObject {
  readonly kind: 'CreateObject';
  readonly object: KubernetesObject;
}

interface DeleteObject {
  readonly kind: 'DeleteObject';
  readonly key: ObjectKey;
  readonly uid: string;
  /** 0: now, as a kubelet says when the containers have ended. Absent: as the object's own spec says. */
  readonly gracePeriodSeconds?: number;
}

/** A merge patch, bound to the version that it was decided on. */
interface PatchObject {
  readonly kind: 'PatchObject';
  readonly key: ObjectKey;
  readonly resourceVersion: string;
  readonly subresource?: 'status';
  readonly patch: JsonObject;
}

/** The scheduler's word: from now the pod belongs to the node. */
interface BindPod {
  readonly kind: 'BindPod';
  readonly pod: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly nodeName: string;
}

/** An Event that is told again counts up, as the recorders of Kubernetes do it. */
interface TellEvent {
  readonly kind: 'TellEvent';
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly regarding: ObjectKey & { readonly uid: string };
}

export interface Teller {
  /** `deployment-controller`, `kubelet`: Event.source.component. */
  readonly component: string;
  readonly host?: string;
  readonly now: Instant;
}

const messageLengthMax = 1_024; // the API's own bound on an Event

/** In order. Ends at the first refusal, which is thrown; what is already there, or already gone, is as wanted. */
export async function applyWrites(client: ApiClient, writes: readonly Write[], teller: Teller): Promise<void> {
  const versions = new Map<string, string>(); // a second patch of one object goes on from what the first returned
  for (const write of writes) {
    switch (write.kind) {
      case 'CreateObject':
        await unless(isAlreadyExists, () => client.create(write.object));
        break;
      case 'DeleteObject':
        await unless(isNotFound, () => client.send({ method: 'DELETE', path: objectPath(write.key), body: deleteOptions(write) }));
        break;
      case 'PatchObject':
        await unless(isNotFound, () => patchObject(client, write, versions));
        break;
      case 'BindPod':
        await unless(isNotFound, () => client.send({ method: 'POST', path: bindingPath(write), body: binding(write) }));
        break;
      case 'TellEvent':
        await unless(
          (error) => error instanceof ApiError,
          () => tellEvent(client, write, teller),
        ); // best effort, as everywhere in Kubernetes
        break;
    }
  }
}

async function unless(harmless: (error: unknown) => boolean, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!harmless(error)) throw error;
  }
}

function deleteOptions({ uid, gracePeriodSeconds }: DeleteObject): JsonObject {
  return { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) };
}

function bindingPath({ pod: { namespace, name } }: BindPod): string {
  return objectPath({ apiVersion: 'v1', kind: 'Pod', namespace, name }, 'binding');
}

function binding({ pod: { namespace, name, uid }, nodeName }: BindPod): JsonObject {
  return { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target: { apiVersion: 'v1', kind: 'Node', name: nodeName } };
}

async function patchObject(client: ApiClient, { key, patch, subresource, resourceVersion }: PatchObject, versions: Map<string, string>): Promise<void> {
  const path = objectPath(key);
  const metadata = { ...(patch['metadata'] as JsonObject | undefined), resourceVersion: versions.get(path) ?? resourceVersion };
  const patched = await client.mergePatch(key, { ...patch, metadata }, subresource);
  versions.set(path, patched.metadata.resourceVersion ?? resourceVersion);
}

async function tellEvent(client: ApiClient, event: TellEvent, { component, host, now }: Teller): Promise<void> {
  const { regarding, type, reason } = event;
  const message = event.message.slice(0, messageLengthMax);
  const name = `${regarding.name}.${sha256Hex(`${regarding.uid}/${component}/${reason}/${message}`).slice(0, 16)}`;
  const key: ObjectKey = { apiVersion: 'v1', kind: 'Event', name, namespace: regarding.namespace ?? 'default' };
  try {
    await client.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: key.namespace },
      involvedObject: regarding,
      type,
      reason,
      message,
      source: { component, ...(host !== undefined && { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await tellAgain(client, key, now);
  }
}

/** Who may not read it (a node writes Events, and reads none) tells of the time alone. */
async function tellAgain(client: ApiClient, key: ObjectKey, now: Instant): Promise<void> {
  const before = await client.get(key).catch((error: unknown) => {
    if (isRefused(error)) return null;
    throw error;
  });
  const count = before?.['count'];
  await client.mergePatch(key, { ...(typeof count === 'number' && { count: count + 1 }), lastTimestamp: now });
}
