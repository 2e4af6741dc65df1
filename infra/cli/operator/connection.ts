import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { createCluster } from '../../../shared/kubernetes/cluster.ts';
import { httpsTransport } from '../../../shared/kubernetes/https-transport.ts';
import { isHttps, readKubeconfig } from '../../../shared/kubernetes/kubeconfig.ts';
import type { Cluster } from '../../../shared/kubernetes/ports.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { readingTokenAnew } from '../../../shared/kubernetes/token-file.ts';
import { isOfAStranger } from '../../../shared/kubernetes/unreachable.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import { OperatorFailure } from './operator-failure.ts';

export interface ConnectionOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Where the product's own resources live. */
  readonly systemNamespace: string;
}

/** A cluster as the user of a kubeconfig. What cannot be reached at all is told as an OperatorFailure, whatever was asked. */
export interface Connection {
  readonly kubeconfig: KubeConfig;
  readonly transport: Transport;
  readonly cluster: Cluster;
  readonly server: string;
  readonly systemNamespace: string;
}

const callMilliseconds = 10_000;

/** As kubectl finds its cluster: --kubeconfig, then KUBECONFIG, then ~/.kube/config, then the ServiceAccount of a pod. Throws OperatorFailure. */
export function connect({ kubeconfig: path, context, systemNamespace }: ConnectionOptions, environment: Variables): Connection {
  const kubeconfig = loadKubeconfig(path, environment);
  if (context !== undefined) useContext(kubeconfig, context);
  const server = kubeconfig.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new OperatorFailure('the kubeconfig has no current context: choose one with --context, or with kubectl config use-context');
  }
  if (!isHttps(server)) throw new OperatorFailure(`the server of the kubeconfig is ${server}, which is no https URL: give one as https://api.example:6443`);
  const transport = reachable(httpsTransport(kubeconfig), server, stringAt(kubeconfig.getCurrentUser(), 'exec', 'command'));
  const cluster = createCluster({ transport, namespace: systemNamespace, timeoutMilliseconds: () => callMilliseconds });
  return { kubeconfig, transport, cluster, server, systemNamespace };
}

function loadKubeconfig(path: string | undefined, environment: Variables): KubeConfig {
  if (path !== undefined) return readFiles([path], '--kubeconfig');
  const named = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (named.length > 0) return readFiles(named, 'KUBECONFIG');
  const usual = join(environment['HOME'] ?? homedir(), '.kube', 'config');
  if (existsSync(usual)) return readFiles([usual], usual);
  if (environment['KUBERNETES_SERVICE_HOST'] !== undefined) {
    const inCluster = new KubeConfig();
    inCluster.loadFromCluster();
    return readingTokenAnew(inCluster);
  }
  throw new OperatorFailure(
    'no kubeconfig: set KUBECONFIG, give --kubeconfig FILE, or take that of a running npm start with eval "$(npx kubernaut env)"; there is no ~/.kube/config either',
  );
}

/** Of several files, as kubectl has it, those that exist are merged. */
function readFiles(files: readonly string[], source: string): KubeConfig {
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) throw new OperatorFailure(`${source} names ${files.join(', ')}, which does not exist: name a kubeconfig that does`);
  const merged = new KubeConfig();
  for (const file of present) {
    try {
      const one = readKubeconfig(file);
      merged.mergeConfig(one, merged.currentContext !== undefined && merged.currentContext !== '');
    } catch (cause) {
      throw new OperatorFailure(`${file} is no kubeconfig (${cause instanceof Error ? cause.message : String(cause)}): name another with --kubeconfig`, {
        cause,
      });
    }
  }
  return readingTokenAnew(merged);
}

function useContext(kubeconfig: KubeConfig, context: string): void {
  const names = kubeconfig.contexts.map(({ name }) => name);
  if (!names.includes(context)) throw new OperatorFailure(`the kubeconfig has no context ${JSON.stringify(context)}: it has ${names.join(', ') || 'none'}`);
  kubeconfig.setCurrentContext(context);
}

function reachable(transport: Transport, server: string, command: string | null): Transport {
  return {
    async send(request, timeoutMilliseconds) {
      try {
        return await transport.send(request, timeoutMilliseconds);
      } catch (cause) {
        throw new OperatorFailure(sentenceOf(cause, { server, command, trail: `${request.method} ${request.path}: ` }), { cause });
      }
    },
    watch: (path, query, signal) => transport.watch(path, query, signal),
  };
}

/** What the transport says of a request begins with its trail: anything else happened before one was sent. */
function sentenceOf(cause: unknown, { server, command, trail }: { readonly server: string; readonly command: string | null; readonly trail: string }): string {
  const words = cause instanceof Error ? cause.message.trim() : String(cause);
  const another = 'Another one is taken with --kubeconfig or KUBECONFIG';
  if (!words.startsWith(trail)) {
    return command === null
      ? `the credentials of the kubeconfig cannot be read (${words}): make them again. ${another}`
      : `the command ${command}, from which the kubeconfig takes its credentials, gives none (${words}): see that it is installed and that you are logged in. ${another}`;
  }
  const why = words.slice(trail.length);
  if (isOfAStranger(cause)) {
    return `the certificate of the Kubernetes API at ${server} is not of the authority in the kubeconfig (${why}): write the kubeconfig of this cluster anew. ${another}`;
  }
  return `the Kubernetes API at ${server} cannot be reached (${why}): is it running, and is this the kubeconfig you mean? ${another}`;
}
