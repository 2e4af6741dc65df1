import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { successOf } from '../../../shared/kubernetes/cluster.ts';
import { isNotFound } from '../../../shared/kubernetes/errors.ts';
import type { ObjectKey } from '../../../shared/kubernetes/ports.ts';
import type { ApiRequest, Transport } from '../../../shared/kubernetes/request.ts';
import { collectionPath, objectPath } from '../../../shared/kubernetes/resource-path.ts';

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What a control loop asks of the API. A refusal is thrown as ApiError; an absent object is null. */
export interface ApiClient {
  get(key: ObjectKey): Promise<KubernetesObject | null>;
  /** Every object, page by page. */
  list(kind: Kind, within: { readonly namespace?: string; readonly labelSelector?: string }): Promise<ObjectList>;
  send(request: ApiRequest): Promise<JsonValue>;
  create(object: KubernetesObject): Promise<KubernetesObject>;
  mergePatch(key: ObjectKey, body: JsonObject, subresource?: 'status'): Promise<KubernetesObject>;
}

interface ObjectList {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
}

const callTimeoutMilliseconds = 10_000;
const pageSize = 500;
const pagesMax = 20; // 10,000 objects of a kind is more than one machine is meant to hold

export function createApiClient(transport: Transport, fieldManager: string): ApiClient {
  const send = async (request: ApiRequest): Promise<JsonValue> => successOf(request, await transport.send(request, callTimeoutMilliseconds));

  return {
    send,
    async get(key) {
      try {
        return asObject(await send({ method: 'GET', path: objectPath(key) }));
      } catch (error) {
        if (isNotFound(error)) return null;
        throw error;
      }
    },
    async list(kind, { namespace, labelSelector }) {
      const items: KubernetesObject[] = [];
      let page: ListPage = { items: [], resourceVersion: '', next: '' };
      for (let count = 0; count < pagesMax && (count === 0 || page.next !== ''); count += 1) {
        const query = { limit: String(pageSize), ...(page.next !== '' && { continue: page.next }), ...(labelSelector !== undefined && { labelSelector }) };
        page = pageOf(await send({ method: 'GET', path: collectionPath(kind, namespace), query }), kind);
        items.push(...page.items);
      }
      return { items, resourceVersion: page.resourceVersion };
    },
    async create(object) {
      const path = collectionPath(object, object.metadata.namespace);
      return asObject(await send({ method: 'POST', path, query: { fieldManager }, body: object as unknown as JsonValue }));
    },
    async mergePatch(key, body, subresource) {
      const path = objectPath(key, subresource);
      return asObject(await send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', query: { fieldManager }, body }));
    },
  };
}

interface ListPage extends ObjectList {
  /** Empty on the last page. */
  readonly next: string;
}

/** Items of a list carry neither apiVersion nor kind; readers want whole objects. */
function pageOf(body: JsonValue, kind: Kind): ListPage {
  const { items, metadata } = body as unknown as {
    readonly items: readonly KubernetesObject[];
    readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  };
  const whole = items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }));
  return { items: whole, resourceVersion: metadata.resourceVersion ?? '', next: metadata.continue ?? '' };
}

function asObject(body: JsonValue): KubernetesObject {
  return body as unknown as KubernetesObject;
}
