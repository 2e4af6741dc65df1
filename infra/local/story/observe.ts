import { kinds, KindName } from '../../../shared/api/kinds.ts';
import { defaultNamespace, fieldManager, managedByLabel } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { isTerminal } from '../../../shared/api/status.ts';
import { successOf } from '../../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { collectionPath } from '../../../shared/kubernetes/resource-path.ts';

const timeoutMilliseconds = 10_000;

export interface Followed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly labelSelector?: string;
}

const followedKinds: readonly Followed[] = [
  ...KindName.map((kind) => ({ apiVersion: kinds[kind].apiVersion, kind })),
  { apiVersion: 'batch/v1', kind: 'Job', labelSelector: `${managedByLabel}=${fieldManager}` },
];

/** Calls back for every change of our resources and Jobs, until the signal aborts. */
export async function followChanges(transport: Transport, changed: (object: KubernetesObject) => void, signal: AbortSignal): Promise<void> {
  await Promise.all(followedKinds.map((followed) => followKind(transport, followed, { changed, signal })));
}

async function followKind(
  transport: Transport,
  followed: Followed,
  { changed, signal }: { readonly changed: (object: KubernetesObject) => void; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await followOnce(transport, followed, { changed, signal });
    } catch (error) {
      if (!signal.aborted) throw error; // told to end while the watch was being opened
    }
  }
}

async function followOnce(
  transport: Transport,
  followed: Followed,
  { changed, signal }: { readonly changed: (object: KubernetesObject) => void; readonly signal: AbortSignal },
): Promise<void> {
  const query = followed.labelSelector === undefined ? {} : { labelSelector: followed.labelSelector };
  // Without a version the watch begins with what is there: a change that is told twice is none to the recorder.
  for await (const { type, object } of transport.watch(collectionPath(followed, defaultNamespace), query, signal)) {
    if (type === 'ADDED' || type === 'MODIFIED') changed(object as unknown as KubernetesObject);
  }
}

export async function listAll(
  transport: Transport,
  { apiVersion, kind, labelSelector }: Followed,
  namespace: string | undefined = defaultNamespace,
): Promise<readonly KubernetesObject[]> {
  const query = labelSelector === undefined ? {} : { labelSelector };
  const request = { method: 'GET', path: collectionPath({ apiVersion, kind }, namespace), query } as const;
  const list = successOf(request, await transport.send(request, timeoutMilliseconds)) as unknown as { readonly items: readonly KubernetesObject[] };
  return list.items.map((item) => ({ ...item, apiVersion, kind }));
}

export async function readOne(
  transport: Transport,
  { apiVersion, kind }: Followed,
  place: { readonly namespace: string; readonly name: string },
): Promise<KubernetesObject | null> {
  const request = { method: 'GET', path: `${collectionPath({ apiVersion, kind }, place.namespace)}/${place.name}` } as const;
  const answer = await transport.send(request, timeoutMilliseconds);
  return answer.status === 404 ? null : (successOf(request, answer) as unknown as KubernetesObject);
}

export function phaseIsTerminal(object: KubernetesObject): boolean {
  return isTerminal((object['status'] as { readonly phase?: string } | undefined)?.phase);
}

export const requestKind: Followed = { apiVersion: kinds.RemediationRequest.apiVersion, kind: 'RemediationRequest' };
export const workflowKind: Followed = { apiVersion: kinds.WorkflowExecution.apiVersion, kind: 'WorkflowExecution' };
export const jobKind: Followed = { apiVersion: 'batch/v1', kind: 'Job', labelSelector: `${managedByLabel}=${fieldManager}` };
