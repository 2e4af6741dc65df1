import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeApp } from '../../functions/admission-webhook/handler.ts';
import { peopleRules } from '../../infra/cluster/people.ts';
import { createMemoryQueues } from '../../infra/local/queue/memory-queues.ts';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { kubeconfigYaml } from '../../infra/local/sandbox/https-kubeconfig.ts';
import { administrator } from '../../infra/local/sandbox/sandbox.ts';
import { serveAdmission, type AdmissionServer } from '../../infra/local/stack/admission-server.ts';
import { functionsUser } from '../../infra/local/stack/identities.ts';
import { createObject, installAdmission, installProduct } from '../../infra/local/stack/install.ts';
import { readServerlessFile } from '../../infra/local/stack/serverless-file.ts';
import { isKindName } from '../../shared/api/kinds.ts';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import { defaultNamespace } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { createCluster, successOf } from '../../shared/kubernetes/cluster.ts';
import type { Cluster, ObjectKey } from '../../shared/kubernetes/ports.ts';
import { objectPath } from '../../shared/kubernetes/resource-path.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { aCommandLine, type CommandLine, type Ended } from './command-line.ts';
import { anHttpsWorld } from './https.ts';
import { bind, createClusterRole } from './people.ts';

export const root = join(import.meta.dirname, '../..');

/**
 * A served sandbox that holds the product and asks its admission-webhook, without the other functions: what a command reads is what the test put there
 * in their name, and what becomes of a decision is what admission makes of it.
 */
export interface OperatorWorld {
  readonly admin: Transport;
  /** As the functions, who alone make children and write statuses. */
  readonly functions: Transport;
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  readonly commandLine: CommandLine;
  /** As ada, an operator who may pause namespaces too, unless `environment` says otherwise. */
  kubernaut(argv: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Creates the object with its status, ours in the name of the functions; what the API makes (uid, resourceVersion) replaces what was given. */
  put(object: KubernetesObject): Promise<KubernetesObject>;
  /** A kubeconfig of somebody else, by the token of a ServiceAccount in the product's namespace. */
  kubeconfigOf(serviceAccount: string): Promise<string>;
  close(): Promise<void>;
}

export async function anOperatorWorld(): Promise<OperatorWorld> {
  const [world, commandLine] = await Promise.all([anHttpsWorld({ people: [ada] }), aCommandLine()]);
  const admin = world.sandbox.transport(administrator);
  const functions = world.sandbox.transport(functionsUser);
  await installProduct(admin, root, { clock: createRealClock() });
  const admission = await admissionBefore(admin);
  await createClusterRole({ admin }, 'pausing', peopleRules().pauseNamespaces);
  for (const role of ['kubernaut-operator', 'pausing']) await bind({ admin }, ada.user.username, role, 'everywhere');
  const save = async (name: string, token: string): Promise<string> => {
    const path = join(commandLine.runtimeDirectory, name);
    await writeFile(path, kubeconfigYaml({ ...world.front, token, namespace: defaultNamespace }), { mode: 0o600 });
    return path;
  };
  const kubeconfig = await save('kubeconfig', ada.token);
  return {
    admin,
    functions,
    cluster: createCluster({ transport: admin, namespace: defaultNamespace, timeoutMilliseconds: () => 10_000 }),
    kubeconfig,
    commandLine,
    kubernaut: (argv, environment) => commandLine.run(argv, { KUBECONFIG: kubeconfig, ...environment }),
    put: (object) => put(isKindName(object.kind) ? functions : admin, object),
    async kubeconfigOf(serviceAccount) {
      return save(`${serviceAccount}.kubeconfig`, await tokenOf(admin, serviceAccount));
    },
    async close() {
      await commandLine.close();
      await world.close();
      await admission.close();
    },
  };
}

const ada = { token: 'token-of-ada', user: { username: 'ada', groups: ['system:authenticated'] } };

/** The admission-webhook as in production, before the API server of the world. What it has to say to the audit nobody reads here. */
async function admissionBefore(admin: Transport): Promise<AdmissionServer> {
  const clock = createRealClock();
  const segment = 'segment-of-the-tests-admission';
  const server = await serveAdmission(0, segment, clock.milliseconds());
  const queues = createMemoryQueues(clock, readServerlessFile(root).queues);
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://queues.invalid/', KUBERNAUT_ADMISSION_PATH_FILE: '/given/by/the/port' };
  const app = composeApp(variables, { queues, clock, logger: silentLogger, segments: async () => [segment] });
  server.answerWith(async (request) => app.fetch(request));
  await installAdmission(admin, server.endpoint);
  return server;
}

async function put(transport: Transport, object: KubernetesObject): Promise<KubernetesObject> {
  const { uid: _uid, resourceVersion: _version, generation: _generation, ...metadata } = object.metadata;
  const created = await createObject(transport, { ...object, metadata });
  return object['status'] === undefined ? created : writeStatus(transport, created, object['status'] as JsonObject);
}

export async function writeStatus(transport: Transport, object: KubernetesObject, status: JsonObject): Promise<KubernetesObject> {
  const { apiVersion, kind, metadata } = object;
  const key: ObjectKey = { apiVersion, kind, name: metadata.name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) };
  const request = { method: 'PATCH', path: objectPath(key, 'status'), patchType: 'application/merge-patch+json', body: { status } } as const;
  return successOf(request, await transport.send(request, 10_000)) as unknown as KubernetesObject;
}

async function tokenOf(admin: Transport, serviceAccount: string): Promise<string> {
  const account: JsonValue = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace: defaultNamespace } };
  await admin.send({ method: 'POST', path: `/api/v1/namespaces/${defaultNamespace}/serviceaccounts`, body: account }, 10_000);
  const path = `/api/v1/namespaces/${defaultNamespace}/serviceaccounts/${serviceAccount}/token`;
  const request = { method: 'POST', path, body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } } } as const;
  const answer = successOf(request, await admin.send(request, 10_000)) as { readonly status: { readonly token: string } };
  return answer.status.token;
}
