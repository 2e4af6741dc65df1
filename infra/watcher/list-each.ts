import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { objectOf } from '../../shared/kubernetes/cluster.ts';
import type { ApiRequest, Transport } from '../../shared/kubernetes/request.ts';
import { collectionPath } from '../../shared/kubernetes/resource-path.ts';
import type { FollowOptions } from './follow.ts';
import type { WatchedKind } from './forward.ts';

const pageSize = 50; // the transport takes 64 MiB of an answer, and an object of ours may reach 1 MiB
const timeoutMilliseconds = 30_000;

/** Lists page by page, hands each object on and forgets it. Returns the version to watch from: the first page's, which all the others share. */
export async function listEach({ transport, namespace, watched, changed, noticed }: FollowOptions, signal: AbortSignal): Promise<string> {
  const path = collectionPath(watched, namespace);
  let next = '';
  let count = 0;
  for (;;) {
    signal.throwIfAborted();
    const query = { limit: String(pageSize), ...selectorOf(watched), ...(next !== '' && { continue: next }) };
    const { items, metadata } = await pageOf(transport, { method: 'GET', path, query });
    // The items of a list may carry neither apiVersion nor kind.
    for (const item of items) await changed('present', { ...item, apiVersion: watched.apiVersion, kind: watched.kind });
    count += items.length;
    next = metadata.continue ?? '';
    if (next === '') {
      noticed({ kind: 'listed', count });
      return metadata.resourceVersion;
    }
  }
}

export function selectorOf({ labelSelector }: WatchedKind): Readonly<Record<string, string>> {
  return labelSelector === undefined ? {} : { labelSelector };
}

interface Page {
  readonly items: readonly KubernetesObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

async function pageOf(transport: Transport, request: ApiRequest): Promise<Page> {
  return objectOf(request, await transport.send(request, timeoutMilliseconds)) as unknown as Page;
}
