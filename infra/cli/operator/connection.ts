import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { createCluster } from '../../../shared/kubernetes/cluster.ts';
import { httpsTransport } from '../../../shared/kubernetes/https-transport.ts';
import { readKubeconfig } from '../../../shared/kubernetes/kubeconfig.ts';
import type { Cluster } from '../../../shared/kubernetes/ports.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { readingTokenAnew } from '../../../shared/kubernetes/token-file.ts';
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
  const transport = reachable(httpsTransport(kubeconfig), server);
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

function reachable(transport: Transport, server: string): Transport {
  return {
    async send(request, timeoutMilliseconds) {
      try {
        return await transport.send(request, timeoutMilliseconds);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new OperatorFailure(
          `the Kubernetes API at ${server} cannot be reached (${why}): is it running, and is this the kubeconfig you mean? Another one is taken with --kubeconfig or KUBECONFIG`,
          { cause },
        );
      }
    },
    watch: (path, query, signal) => transport.watch(path, query, signal),
  };
}
