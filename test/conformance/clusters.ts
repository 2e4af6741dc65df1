import { KubeConfig } from '@kubernetes/client-node';
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findPrograms } from '../../infra/local/control-plane/find-programs.ts';
import { startControlPlane } from '../../infra/local/control-plane/start-control-plane.ts';
import type { Executor } from '../../infra/local/node/executor.ts';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { createSandbox, type SandboxOptions } from '../../infra/local/sandbox/create-sandbox.ts';
import { administrator, type Sandbox } from '../../infra/local/sandbox/sandbox.ts';
import { standardExtensions } from '../../infra/local/sandbox/standard-extensions.ts';
import { tokenIssuer } from '../../infra/local/sandbox/token.ts';
import { opening, type Closers } from '../../infra/local/stack/closers.ts';
import type { ClusterOptions } from '../../infra/local/stack/cluster-options.ts';
import type { ServedCluster } from '../../infra/local/stack/local-cluster.ts';
import { startRealCluster } from '../../infra/local/stack/real-cluster.ts';
import { sandboxCluster } from '../../infra/local/stack/sandbox-cluster.ts';
import { createWorkspace } from '../../infra/local/stack/workspace.ts';
import { createVirtualClock, type VirtualClock } from '../../infra/local/virtual-clock.ts';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { take } from '../support/api-client.ts';
import { storyStart } from '../support/sandbox.ts';
import type { Target } from './subject.ts';

/** An API whose objects nothing but the API itself touches, on a clock that stands still. */
export async function quietSandbox(): Promise<Target> {
  const clock = createVirtualClock({ start: storyStart });
  const sandbox = aSandbox(clock);
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    transport: sandbox.transport(administrator),
    expiredVersion: '1',
    pause: nextTurn,
    elapse: (seconds) => elapseOn(clock, seconds),
    close: async () => sandbox.close(),
  };
}

/** The same with our controllers and our node, on a clock that jumps. */
export async function livingSandbox(): Promise<Target> {
  const clock = createVirtualClock({ start: storyStart });
  const sandbox = aSandbox(clock);
  const life = await sandboxCluster(sandbox, noExecutor).start({ clock, random: Math.random, report: () => undefined });
  return {
    transport: sandbox.transport(administrator),
    expiredVersion: '1',
    pause: () => elapseOn(clock, 0.5),
    elapse: (seconds) => elapseOn(clock, seconds),
    async close() {
      await life.stop();
      sandbox.close();
    },
  };
}

/** kube-apiserver and etcd, with those controllers that belong to the API: they collect garbage, end namespaces and make accounts. */
export async function quietControlPlane(): Promise<Target> {
  return opening(async (closers) => {
    const { environment, cacheDirectory, workspace, clock } = await clusterOptions(closers);
    const { signal } = new AbortController();
    const programs = await findPrograms({ environment, cacheDirectory, signal, tell: () => undefined });
    const { directory } = workspace;
    const controlPlane = await startControlPlane({
      programs,
      apiPort: 0,
      directory,
      namespace: 'default',
      clock,
      signal,
      failed: () => undefined,
      controllers: ['garbage-collector-controller', 'namespace-controller', 'serviceaccount-controller'],
      schedules: false,
    });
    closers.add(() => controlPlane.stop());
    return inRealTime(controlPlane.admin, () => closers.close());
  });
}

/** A whole control plane, and our node. */
export function livingControlPlane(): Promise<Target> {
  const { signal } = new AbortController();
  return served((options, closers) => startRealCluster({ ...options, signal, tell: () => undefined, failed: () => undefined }, closers));
}

/**
 * A cluster of somebody else's, made to be played with: its controller-manager leaves Deployments alone
 * (--controllers=garbage-collector-controller,namespace-controller,serviceaccount-controller).
 */
export function givenCluster(kubeconfigFile: string): Promise<Target> {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(kubeconfigFile);
  return inRealTime(httpsTransport(kubeconfig), async () => undefined);
}

function aSandbox(clock: SandboxOptions['clock']): Sandbox {
  return createSandbox({ clock, randomUuid: randomUUID, extensions: standardExtensions(tokenIssuer(clock)) });
}

async function elapseOn(clock: VirtualClock, seconds: number): Promise<void> {
  let isOver = false;
  void clock.sleep(seconds * 1_000).then(() => (isOver = true));
  await clock.run(() => isOver, { virtualSeconds: seconds });
}

async function served(open: (options: ClusterOptions, closers: Closers) => Promise<ServedCluster>): Promise<Target> {
  return opening(async (closers) => {
    const options = await clusterOptions(closers);
    const cluster = await open(options, closers);
    closers.add(() => cluster.close());
    const life = await cluster.start({ clock: options.clock, random: Math.random, report: () => undefined });
    closers.add(() => life.stop());
    return inRealTime(cluster.admin, () => closers.close());
  });
}

async function clusterOptions(closers: Closers): Promise<ClusterOptions> {
  const workspace = await createWorkspace();
  closers.add(() => workspace.remove());
  const cacheDirectory = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kubernaut');
  return { clock: createRealClock(), apiPort: 0, workspace, environment: process.env, cacheDirectory };
}

const pauseMilliseconds = 100;

async function inRealTime(transport: Transport, close: () => Promise<void>): Promise<Target> {
  const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  return {
    transport,
    expiredVersion: await expiredVersionOf(transport),
    pause: () => wait(pauseMilliseconds),
    elapse: (seconds) => wait(seconds * 1_000),
    close,
  };
}

/** The first version of all, where the server has forgotten it: it keeps what has happened since it was started. */
async function expiredVersionOf(transport: Transport): Promise<string | null> {
  const query = { resourceVersion: '1', timeoutSeconds: '2' };
  const [event] = await take(transport.watch('/api/v1/configmaps', query, new AbortController().signal), 1);
  return event?.type === 'ERROR' ? '1' : null;
}

/** No pod of these suites runs a program. */
const noExecutor: Executor = {
  description: 'none',
  run: async () => ({ exitCode: 127, message: 'no executor in this suite' }),
  close: async () => undefined,
};
