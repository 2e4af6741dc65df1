import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { immutableJson } from './immutable-json.ts';
import { jsonOf } from './object.ts';
import type { ResourceCall } from './resource-call.ts';
import { apiVersionOf } from './resource-types.ts';
import { pageOf } from './list-page.ts';
import { selectionOf } from './selection.ts';
import type { ServerContext } from './server-context.ts';
import { notFound, resourceVersionTooLarge } from './status-object.ts';
import { versionToList } from './watch-start.ts';

export function existing({ store }: ServerContext, { type, namespace, name }: Pick<ResourceCall, 'type' | 'namespace' | 'name'>): KubernetesObject {
  const object = store.get(type.group, type.plural, namespace, name);
  if (object === undefined) throw notFound(type, name);
  return object;
}

export function getObject(server: ServerContext, call: ResourceCall): ApiResponse {
  return objectResponse(server, call, existing(server, call));
}

/** One object as the client wants it: itself, or a Table of one row. */
export function objectResponse(
  { extensions, clock }: ServerContext,
  { type, accept, query }: ResourceCall,
  object: KubernetesObject,
  status = 200,
): ApiResponse {
  if (!extensions.tables.wanted(accept)) return { status, body: jsonOf(object) };
  const resourceVersion = object.metadata.resourceVersion ?? '';
  return { status, body: extensions.tables.render(type, [object], { resourceVersion }, { now: clock.now(), includeObject: query['includeObject'] }) };
}

export function listObjects(server: ServerContext, { type, namespace, query, accept }: ResourceCall): ApiResponse {
  const { store, extensions, clock } = server;
  const asked = versionToList(query);
  if (asked > store.revision()) throw resourceVersionTooLarge(asked, store.revision());
  const selected = store.list(type.group, type.plural, namespace).filter(selectionOf(type, namespace, query));
  const { objects, metadata } = pageOf(server, type, selected, query);
  const view = { now: clock.now(), includeObject: query['includeObject'] };
  if (extensions.tables.wanted(accept)) return { status: 200, body: extensions.tables.render(type, objects, metadata, view) };
  const items = type.custom ? objects.map(jsonOf) : objects.map(withoutTypeMeta);
  const listMetadata = type.custom ? { continue: '', ...metadata } : metadata; // as the unstructured lists of Go say it
  return { status: 200, body: immutableJson({ kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: { ...listMetadata }, items }) };
}

const listItems = new WeakMap<KubernetesObject, JsonObject>();

/** The items of a built-in list say their kind in the list alone, as Go's typed lists do; custom resources say it each. A stored version never changes, so its item is made once. */
function withoutTypeMeta(object: KubernetesObject): JsonObject {
  const made = listItems.get(object);
  if (made !== undefined) return made;
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = jsonOf(object);
  const item = immutableJson(rest);
  listItems.set(object, item);
  return item;
}
