import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { successOf } from '../../../shared/kubernetes/cluster.ts';
import { isAlreadyExists } from '../../../shared/kubernetes/errors.ts';
import { collectionPath, objectPath } from '../../../shared/kubernetes/resource-path.ts';
import { valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { createObject } from '../stack/install.ts';
import { listAll, phaseIsTerminal, requestKind } from './observe.ts';
import type { Story } from './story.ts';

const timeoutMilliseconds = 10_000;

/** Makes the story's world, in the order of its file. What the cluster has before any story (the node, an action's role) is changed as the file says. */
export async function setScene(admin: Transport, story: Story): Promise<void> {
  for (const object of story.cluster) await createOrChange(admin, object);
}

async function createOrChange(admin: Transport, object: KubernetesObject): Promise<void> {
  try {
    await createObject(admin, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const { name, namespace } = object.metadata;
    const path = objectPath({ ...object, name, ...(namespace !== undefined && { namespace }) });
    const request = { method: 'PATCH', path, patchType: 'application/merge-patch+json', body: object as unknown as JsonObject } as const;
    successOf(request, await admin.send(request, timeoutMilliseconds));
  }
}

/** Faults of live pods only, written on their Deployment: `live-pods.sandbox.kubernaut.io/oom-killed`, `first-pod.sandbox.kubernaut.io/crash-loop`. Pods made later are well. */
const faultPrefixes = [
  ['live-pods.', (pods: readonly KubernetesObject[]) => pods],
  ['first-pod.', (pods: readonly KubernetesObject[]) => pods.slice(0, 1)],
] as const;

/** Whether anything of it is to fail: by a fault of live pods, or by one that its template says. */
export function hasFaults(story: Story): boolean {
  return JSON.stringify(story.cluster).includes('sandbox.kubernaut.io/');
}

export async function bringFaults(admin: Transport, story: Story): Promise<void> {
  for (const object of story.cluster) {
    for (const [prefix, choose] of faultPrefixes) await bringFault(admin, object, { prefix, choose });
  }
}

interface Fault {
  readonly prefix: string;
  readonly choose: (pods: readonly KubernetesObject[]) => readonly KubernetesObject[];
}

async function bringFault(admin: Transport, { metadata }: KubernetesObject, { prefix, choose }: Fault): Promise<void> {
  const faults = Object.entries(metadata.annotations ?? {}).filter(([key]) => key.startsWith(prefix));
  if (faults.length === 0) return;
  const annotations = Object.fromEntries(faults.map(([key, value]) => [key.slice(prefix.length), value]));
  const pods = await listAll(admin, { apiVersion: 'v1', kind: 'Pod' }, metadata.namespace);
  const ours = pods.filter(({ metadata: { name } }) => name.startsWith(`${metadata.name}-`)).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const pod of choose(ours)) {
    const path = `${collectionPath({ apiVersion: 'v1', kind: 'Pod' }, pod.metadata.namespace)}/${pod.metadata.name}`;
    const request = { method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { metadata: { annotations } } } as const;
    successOf(request, await admin.send(request, timeoutMilliseconds));
  }
}

/** Of the sandbox's annotations those by which a container ends, which a scene waits for; one that only delays or loses readiness is not waited for. */
const endings = ['crash-loop', 'exit-code', 'oom-killed', 'needs-memory', 'fails-if-configmap', 'fails-if-image'];

/** Every pod that was to fail has failed at least once. */
export async function faultsShow(admin: Transport, story: Story): Promise<boolean> {
  const namespaces = new Set(story.cluster.map(({ metadata }) => metadata.namespace).filter((namespace) => namespace !== undefined));
  const pods = (await Promise.all([...namespaces].map((namespace) => listAll(admin, { apiVersion: 'v1', kind: 'Pod' }, namespace)))).flat();
  const faulty = pods.filter(({ metadata }) => endings.some((fault) => metadata.annotations?.[`sandbox.kubernaut.io/${fault}`] !== undefined));
  return faulty.every(hasFailed);
}

/** Killed and back again, or waiting to be started once more. */
function hasFailed(pod: KubernetesObject): boolean {
  const crashes = ['crash-loop', 'fails-if-configmap'].some((fault) => pod.metadata.annotations?.[`sandbox.kubernaut.io/${fault}`] !== undefined);
  return containersOf(pod).some(({ restartCount = 0, state }) => (crashes ? state?.waiting?.reason === 'CrashLoopBackOff' : restartCount > 0));
}

interface ContainerStatus {
  readonly restartCount?: number;
  readonly ready?: boolean;
  readonly state?: { readonly waiting?: { readonly reason?: string } };
}

function containersOf(pod: KubernetesObject): readonly ContainerStatus[] {
  return ((pod['status'] ?? {}) as { readonly containerStatuses?: readonly ContainerStatus[] }).containerStatuses ?? [];
}

/** The world has settled: every Deployment has its pods, and each of them has run (or failed) once. */
export async function hasSettled(admin: Transport, story: Story): Promise<boolean> {
  const namespaces = new Set(story.cluster.map(({ metadata }) => metadata.namespace).filter((namespace) => namespace !== undefined));
  const wanted = story.cluster.reduce((sum, object) => sum + (object.kind === 'Deployment' ? replicasOf(object) : object.kind === 'Pod' ? 1 : 0), 0);
  const pods = (await Promise.all([...namespaces].map((namespace) => listAll(admin, { apiVersion: 'v1', kind: 'Pod' }, namespace)))).flat();
  return pods.length >= wanted && pods.every(hasRun);
}

/** Alertmanager's part: posts each notification with the token. Throws with the answer when one is not accepted. */
export async function postNotifications(
  post: (request: Request) => Promise<Response>,
  notifications: readonly JsonObject[],
  { url, token }: { readonly url: string; readonly token: string },
): Promise<void> {
  for (const notification of notifications) {
    const body = JSON.stringify(notification);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const answer = await post(new Request(url, { method: 'POST', headers, body }));
    if (answer.status !== 200) throw new Error(`the webhook answered ${answer.status}: ${await answer.text()}`);
  }
}

/** The story's end, as its script says it; `earlier`: the uids of what others began, `begun`: when it began. */
export async function hasEnded(
  admin: Transport,
  story: Story,
  { earlier = new Set(), elapsedSeconds }: { readonly earlier?: ReadonlySet<string>; readonly elapsedSeconds: () => number },
): Promise<boolean> {
  const { ends } = story.script;
  if (typeof ends === 'object') return elapsedSeconds() >= ends.afterSeconds;
  const begun = (await listAll(admin, requestKind)).filter(({ metadata: { uid = '' } }) => !earlier.has(uid));
  const isOver = (object: KubernetesObject) => phaseIsTerminal(object) && (ends === 'terminal' || valueAt(object, 'status', 'outcome') !== undefined);
  return begun.length > 0 && begun.every(isOver);
}

function replicasOf({ spec }: KubernetesObject): number {
  return (spec as { readonly replicas?: number } | undefined)?.replicas ?? 1;
}

function hasRun(pod: KubernetesObject): boolean {
  const containers = containersOf(pod);
  return containers.length > 0 && containers.every(({ restartCount = 0, ready = false }) => ready || restartCount > 0);
}
