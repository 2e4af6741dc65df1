import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { collectionPath, objectPath } from '../../shared/kubernetes/resource-path.ts';

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  /** The server's words about a refusal. */
  readonly message: string;
  /** What it thinks of a request that it took all the same. */
  readonly warnings: readonly string[];
}

export interface Call {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A way to a real API server as somebody; past our own transport, because thieves send what it never would. */
export type Caller = (method: string, path: string, call?: Call) => Promise<Answer>;

export interface ControlPlane {
  /** The kubeconfig's own user. */
  readonly admin: Caller;
  withToken(token: string): Caller;
  /** A token of an account of kubernaut-system, or of the pod's namespace when one is named: then bound to it, as a kubelet would ask for it. */
  tokenOf(account: string, pod?: KubernetesObject): Promise<string>;
  /** By server-side apply, whatever was there before. */
  apply(object: KubernetesObject): Promise<KubernetesObject>;
  /** The same as a dry run that knows no mercy with unknown fields. */
  rehearse(object: KubernetesObject): Promise<Answer>;
}

const callMilliseconds = 20_000;

export function connectControlPlane(kubeconfigFile: string): ControlPlane {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(kubeconfigFile);
  const admin = callerOf(kubeconfig);
  const applyWith = (query: string, object: KubernetesObject): Promise<Answer> => {
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    return admin('PATCH', `${pathOf(object)}?fieldManager=kubernaut-tests&force=true${query}`, { body: object, headers });
  };
  return {
    admin,
    withToken: (token) => callerOf(asBearer(kubeconfig, token)),
    async tokenOf(account, pod) {
      const { name, uid, namespace = 'kubernaut-system' } = pod?.metadata ?? {};
      const boundObjectRef = pod === undefined ? {} : { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid } };
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600, ...boundObjectRef } };
      const answer = await admin('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, { body });
      return (succeeded(answer)['status'] as { readonly token: string }).token;
    },
    apply: async (object) => succeeded(await applyWith('', object)) as unknown as KubernetesObject,
    rehearse: (object) => applyWith('&dryRun=All&fieldValidation=Strict', object),
  };
}

/** Kinds that a chart installs and the product itself never touches, so that its own paths know none: all of them in a namespace. */
const beyondTheProduct: Readonly<Record<string, string>> = {
  'v1/Service': 'services',
  'networking.k8s.io/v1/NetworkPolicy': 'networkpolicies',
};

function pathOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const { name, namespace } = metadata;
  const plural = beyondTheProduct[`${apiVersion}/${kind}`];
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  if (plural !== undefined) return `${root}/namespaces/${namespace ?? ''}/${plural}/${name}`;
  return objectPath({ apiVersion, kind, name, ...(namespace !== undefined && { namespace }) });
}

/** The body of a success. Throws with the server's words. */
export function succeeded({ status, body, message }: Answer): JsonObject {
  if (status >= 300) throw new Error(`${status}: ${message}`);
  return body;
}

export async function create(caller: Caller, object: KubernetesObject): Promise<KubernetesObject> {
  return succeeded(await caller('POST', collectionPath(object, object.metadata.namespace), { body: object })) as unknown as KubernetesObject;
}

/** Asks until it holds, and answers that: an API server takes a moment to put a policy or a definition into force. */
export async function eventually(ask: () => Promise<Answer>, holds: (answer: Answer) => boolean): Promise<Answer> {
  for (let count = 0; count < 100; count += 1) {
    const answer = await ask();
    if (holds(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never came: ${JSON.stringify(await ask())}`);
}

function asBearer(kubeconfig: KubeConfig, token: string): KubeConfig {
  const cluster = kubeconfig.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig names no cluster');
  const bearer = new KubeConfig();
  bearer.loadFromClusterAndUser(cluster, { name: 'bearer', token });
  return bearer;
}

function callerOf(kubeconfig: KubeConfig): Caller {
  const server = new URL(kubeconfig.getCurrentCluster()?.server ?? '');
  return async (method, path, { body, headers = {} } = {}) => {
    const options: RequestOptions = {};
    await kubeconfig.applyToHTTPSOptions(options);
    const sent = { ...(options.headers as Record<string, string>), 'content-type': 'application/json', accept: 'application/json', ...headers };
    return new Promise<Answer>((resolve, reject) => {
      const where = { host: server.hostname, port: server.port || 443, method, path, signal: AbortSignal.timeout(callMilliseconds) };
      const call = httpsRequest({ ...options, ...where, headers: sent }, (answer) => {
        text(answer).then((content) => resolve(answerOf(answer, content)), reject);
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, content: string): Answer {
  const isJson = content.startsWith('{');
  const body = isJson ? (JSON.parse(content) as JsonObject) : {};
  const warnings = [...String(headers['warning'] ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, warning = '']) => warning);
  return { status: statusCode, body, message: isJson ? String(body['message'] as string) : content, warnings };
}
