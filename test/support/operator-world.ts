import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { kubeconfigYaml } from '../../infra/local/sandbox/https-kubeconfig.ts';
import { administrator } from '../../infra/local/sandbox/sandbox.ts';
import { createObject, installProduct } from '../../infra/local/stack/install.ts';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import { defaultNamespace } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { createCluster, successOf } from '../../shared/kubernetes/cluster.ts';
import type { Cluster, ObjectKey } from '../../shared/kubernetes/ports.ts';
import { objectPath } from '../../shared/kubernetes/resource-path.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { aCommandLine, type CommandLine, type Ended } from './command-line.ts';
import { adminToken, anHttpsWorld } from './https.ts';

export const root = join(import.meta.dirname, '../..');

/** A served sandbox that holds the product, without its functions: what a command reads is what the test put there. */
export interface OperatorWorld {
  readonly admin: Transport;
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  readonly commandLine: CommandLine;
  /** As the administrator of the kubeconfig, unless `environment` says otherwise. */
  kubernaut(argv: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Creates the object with its status; what the API makes (uid, resourceVersion) replaces what was given. */
  put(object: KubernetesObject): Promise<KubernetesObject>;
  /** A kubeconfig of somebody else, by the token of a ServiceAccount in the product's namespace. */
  kubeconfigOf(serviceAccount: string): Promise<string>;
  close(): Promise<void>;
}

export async function anOperatorWorld(): Promise<OperatorWorld> {
  const [world, commandLine] = await Promise.all([anHttpsWorld(), aCommandLine()]);
  const admin = world.sandbox.transport(administrator);
  await installProduct(admin, root, { clock: createRealClock() });
  const save = async (name: string, token: string): Promise<string> => {
    const path = join(commandLine.runtimeDirectory, name);
    await writeFile(path, kubeconfigYaml({ ...world.front, token, namespace: defaultNamespace }), { mode: 0o600 });
    return path;
  };
  const kubeconfig = await save('kubeconfig', adminToken);
  return {
    admin,
    cluster: createCluster({ transport: admin, namespace: defaultNamespace, timeoutMilliseconds: () => 10_000 }),
    kubeconfig,
    commandLine,
    kubernaut: (argv, environment) => commandLine.run(argv, { KUBECONFIG: kubeconfig, ...environment }),
    put: (object) => put(admin, object),
    async kubeconfigOf(serviceAccount) {
      return save(`${serviceAccount}.kubeconfig`, await tokenOf(admin, serviceAccount));
    },
    async close() {
      await commandLine.close();
      await world.close();
    },
  };
}

async function put(admin: Transport, object: KubernetesObject): Promise<KubernetesObject> {
  const { uid: _uid, resourceVersion: _version, generation: _generation, ...metadata } = object.metadata;
  const created = await createObject(admin, { ...object, metadata });
  return object['status'] === undefined ? created : writeStatus(admin, created, object['status'] as JsonObject);
}

export async function writeStatus(admin: Transport, object: KubernetesObject, status: JsonObject): Promise<KubernetesObject> {
  const { apiVersion, kind, metadata } = object;
  const key: ObjectKey = { apiVersion, kind, name: metadata.name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) };
  const request = { method: 'PATCH', path: objectPath(key, 'status'), patchType: 'application/merge-patch+json', body: { status } } as const;
  return successOf(request, await admin.send(request, 10_000)) as unknown as KubernetesObject;
}

async function tokenOf(admin: Transport, serviceAccount: string): Promise<string> {
  const account: JsonValue = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace: defaultNamespace } };
  await admin.send({ method: 'POST', path: `/api/v1/namespaces/${defaultNamespace}/serviceaccounts`, body: account }, 10_000);
  const path = `/api/v1/namespaces/${defaultNamespace}/serviceaccounts/${serviceAccount}/token`;
  const request = { method: 'POST', path, body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } } } as const;
  const answer = successOf(request, await admin.send(request, 10_000)) as { readonly status: { readonly token: string } };
  return answer.status.token;
}
