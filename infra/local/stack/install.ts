import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { JsonValue } from '../../../shared/api/json.ts';
import { kinds } from '../../../shared/api/kinds.ts';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Clock } from '../../../shared/clock.ts';
import { successOf } from '../../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { collectionPath } from '../../../shared/kubernetes/resource-path.ts';
import { webhookConfigurations } from '../../cluster/webhook-configurations.ts';
import { waitUntil } from '../story/wait-until.ts';
import { functionsUser } from './identities.ts';

const timeoutMilliseconds = 10_000;

/** What a namespace, a definition or an account must precede. */
const order = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount'];

/** How long an API server may take to serve a definition that it has accepted: a moment, but on a busy machine. */
const servedSecondsMax = 30;

/**
 * Creates what `kubectl apply` would install: the namespace, the five definitions, identities and their rules. As an administrator. Done when
 * our kinds are served, which a kube-apiserver does a moment after it accepted their definitions. Throws TookTooLong.
 */
export async function installProduct(transport: Transport, root: string, { clock, signal = never }: InstallWait): Promise<void> {
  for (const object of productOf(root)) await createObject(transport, object);
  await waitUntil(() => kindsAreServed(transport), { clock, signal, what: 'the API serves our kinds', secondsMax: servedSecondsMax });
}

export interface InstallWait {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

const never = new AbortController().signal;

/** Asked of the kinds themselves: a definition is Established before every request finds it. */
async function kindsAreServed(transport: Transport): Promise<boolean> {
  const paths = Object.entries(kinds).map(([kind, { apiVersion }]) => collectionPath({ apiVersion, kind }, defaultNamespace));
  const answers = await Promise.all(paths.map((path) => transport.send({ method: 'GET', path, query: { limit: '1' } }, timeoutMilliseconds)));
  return answers.every(({ status }) => status === 200);
}

/** A process that plays hundreds of stories installs the same files into each cluster: they are read once. */
const products = new Map<string, readonly KubernetesObject[]>();

function productOf(root: string): readonly KubernetesObject[] {
  const known = products.get(root);
  if (known !== undefined) return known;
  const objects = ['infra/cluster/crds', 'infra/cluster/rbac'].flatMap((folder) => manifestsIn(join(root, folder)));
  const ranked = objects.toSorted((a, b) => rank(a) - rank(b));
  products.set(root, ranked);
  return ranked;
}

/** The admission policies, against stolen credentials: a real cluster has them. As an administrator. */
export async function installPolicies(transport: Transport, root: string): Promise<void> {
  for (const object of manifestsIn(join(root, 'infra/cluster/policies'))) await createObject(transport, object);
}

/** Where the API server reaches the admission-webhook. */
export interface AdmissionEndpoint {
  readonly url: string;
  /** Base64 of the PEM of the authority that vouches for it; absent: one that everybody trusts. */
  readonly caBundle?: string;
}

/** From now on the API server asks the webhook there about our kinds, and refuses what nobody decides. As an administrator. */
export async function installAdmission(transport: Transport, endpoint: AdmissionEndpoint): Promise<void> {
  const functions = { users: [functionsUser.username], groups: [] };
  for (const object of webhookConfigurations({ ...endpoint, functions, namespace: defaultNamespace })) await createObject(transport, object);
}

function manifestsIn(folder: string): readonly KubernetesObject[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return names.flatMap((name) => readObjects(join(folder, name)));
}

/** Every document of a YAML file. Throws with the file's name when one is no object. */
export function readObjects(path: string): readonly KubernetesObject[] {
  return parseAllDocuments(readFileSync(path, 'utf8'))
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null)
    .map((object) => {
      if (typeof object.kind !== 'string' || typeof object.apiVersion !== 'string') throw new Error(`${path}: a document lacks apiVersion or kind`);
      return object;
    });
}

export async function createObject(transport: Transport, object: KubernetesObject): Promise<KubernetesObject> {
  const request = { method: 'POST', path: collectionPath(object, object.metadata.namespace), body: object as unknown as JsonValue } as const;
  return successOf(request, await transport.send(request, timeoutMilliseconds)) as unknown as KubernetesObject;
}

function rank({ kind }: KubernetesObject): number {
  const index = order.indexOf(kind);
  return index === -1 ? order.length : index;
}
