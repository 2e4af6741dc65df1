import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { ApiRequest, Transport } from '../../../shared/kubernetes/request.ts';
import { collectionPath, objectPath } from '../../../shared/kubernetes/resource-path.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { listAll } from './observe.ts';
import { postNotifications } from './play.ts';
import type { Act, ActObject } from './script.ts';
import { ActFailed } from './act-failed.ts';

const callMilliseconds = 10_000;

/** Where deeds are done. */
export interface Scene {
  readonly admin: Transport;
  readonly now: () => Instant;
  readonly notifications: readonly JsonObject[];
  /** Of one of ours, by its subject in the trail. */
  readonly seen: (subject: string) => KubernetesObject | null;
  readonly post: (request: Request) => Promise<Response>;
  readonly webhook: { readonly url: string; readonly token: string };
}

/** Does what the act says. Throws ActFailed with the act's words when it is refused, or when it is not refused as it must be. */
export async function perform(act: Act, scene: Scene): Promise<void> {
  if ('post' in act.do) return postNotifications(scene.post, withAlert(scene, act.do.post.alert), scene.webhook);
  for (const request of await requestsOf(act, scene)) {
    const answer = await scene.admin.send(act.as === undefined ? request : { ...request, impersonate: act.as }, callMilliseconds);
    const wasRefused = answer.status >= 400;
    const words = stringAt(answer.body, 'message') ?? `answer ${answer.status}`;
    if (act.refused === undefined && wasRefused) throw new ActFailed(`"${act.says}" is refused: ${words}`);
    if (act.refused !== undefined && !wasRefused) throw new ActFailed(`"${act.says}" must be refused, and is done`);
    if (act.refused !== undefined && !words.includes(act.refused)) throw new ActFailed(`"${act.says}" is refused by other words: ${words}`);
  }
}

async function requestsOf(act: Act, scene: Scene): Promise<readonly ApiRequest[]> {
  const deed = act.do;
  if ('patch' in deed) return [patchOf(keyOf(act, deed.patch.object, scene), deed.patch.with)];
  if ('delete' in deed) return [{ method: 'DELETE', path: objectPath(keyOf(act, deed.delete, scene)), body: { propagationPolicy: 'Background' } }];
  if ('create' in deed) {
    const body = deed.create as unknown as JsonObject;
    return [{ method: 'POST', path: collectionPath(deed.create, deed.create.metadata.namespace), body }];
  }
  if ('patchEach' in deed) {
    const { apiVersion, kind, namespace, namePrefix, with: body } = deed.patchEach;
    const all = await listAll(scene.admin, { apiVersion, kind }, namespace);
    const chosen = all.filter(({ metadata }) => metadata.name.startsWith(namePrefix));
    if (chosen.length === 0) throw new ActFailed(`"${act.says}": there is no ${kind} ${namespace}/${namePrefix}…`);
    return chosen.map(({ metadata: { name } }) => patchOf({ apiVersion, kind, namespace, name }, body));
  }
  return [];
}

type Key = Parameters<typeof objectPath>[0];

function patchOf(key: Key, body: Readonly<Record<string, JsonValue>>): ApiRequest {
  return { method: 'PATCH', path: objectPath(key), patchType: 'application/merge-patch+json', body };
}

function keyOf(act: Act, object: ActObject, { seen }: Scene): Key {
  if (typeof object !== 'string') return object.namespace === undefined ? { ...object, namespace: '' } : { ...object, namespace: object.namespace };
  const found = seen(object);
  if (found === null) throw new ActFailed(`"${act.says}": there is no ${object} yet`);
  const { apiVersion, kind, metadata } = found;
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? '' };
}

function withAlert({ notifications, now }: Scene, given: JsonObject): readonly JsonObject[] {
  const changed = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, value === 'now' ? now() : value]));
  return notifications.map((notification) => ({
    ...notification,
    ...(typeof changed['status'] === 'string' && { status: changed['status'] }),
    alerts: (notification['alerts'] as readonly JsonObject[]).map((alert) => ({ ...alert, ...changed })),
  }));
}
