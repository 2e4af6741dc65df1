import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { successOf } from '../../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { collectionPath } from '../../../shared/kubernetes/resource-path.ts';

const timeoutMilliseconds = 10_000;

/** What a namespace, a definition or an account must precede. */
const order = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount'];

/** Creates what `kubectl apply` would install: the namespace, the five definitions, identities and their rules. As an administrator. */
export async function installProduct(transport: Transport, root: string): Promise<void> {
  const objects = ['infra/cluster/crds', 'infra/cluster/rbac'].flatMap((folder) => manifestsIn(join(root, folder)));
  const ranked = objects.toSorted((a, b) => rank(a) - rank(b));
  for (const object of ranked) await createObject(transport, object);
}

/** The admission policies, which need an API server that knows them: the sandbox does not. As an administrator. */
export async function installPolicies(transport: Transport, root: string): Promise<void> {
  for (const object of manifestsIn(join(root, 'infra/cluster/policies'))) await createObject(transport, object);
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
