import { KubeConfig } from '@kubernetes/client-node';
import { randomUUID } from 'node:crypto';
import { cacheDirectoryOf } from '../../infra/local/cache-directory.ts';
import { findPrograms } from '../../infra/local/control-plane/find-programs.ts';
import { startControlPlane } from '../../infra/local/control-plane/start-control-plane.ts';
import type { Executor } from '../../infra/local/node/executor.ts';
import { findKubectl } from '../../infra/local/node/find-kubectl.ts';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { createSandbox, type SandboxOptions } from '../../infra/local/sandbox/create-sandbox.ts';
import { administrator, type Sandbox } from '../../infra/local/sandbox/sandbox.ts';
import { standardExtensions } from '../../infra/local/sandbox/standard-extensions.ts';
import { tokenIssuer } from '../../infra/local/sandbox/token.ts';
import { opening, type Closers } from '../../infra/local/stack/closers.ts';
import type { ClusterOptions } from '../../infra/local/stack/cluster-options.ts';
import type { ServedCluster } from '../../infra/local/stack/local-cluster.ts';
import { startRealCluster } from '../../infra/local/stack/real-cluster.ts';
import { sandboxCluster, serveSandbox } from '../../infra/local/stack/sandbox-cluster.ts';
import { createWorkspace } from '../../infra/local/stack/workspace.ts';
import { createVirtualClock, type VirtualClock } from '../../infra/local/virtual-clock.ts';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { storyStart } from '../support/sandbox.ts';
import type { ServedTarget } from './served/subject.ts';
import type { Target } from './subject.ts';

/** An API whose objects nothing but the API itself touches, on a clock that stands still. */
export async function quietSandbox(): Promise<Target> {
  const clock = createVirtualClock({ start: storyStart });
  const sandbox = aSandbox(clock);
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    transport: sandbox.transport(administrator),
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
    pause: () => elapseOn(clock, 0.5),
    elapse: (seconds) => elapseOn(clock, seconds),
    async close() {
      await life.stop();
      sandbox.close();
    },
  };
}

/** The sandbox over HTTPS with everything alive, in the machine's own time. */
export function servedSandbox(): Promise<ServedTarget> {
  return served((options, closers) => serveSandbox(options, closers));
}

/** kube-apiserver and etcd, with those controllers that belong to the API: they collect garbage, end namespaces and make accounts. */
export async function quietControlPlane(): Promise<Target> {
  return opening(async (closers) => {
    const { environment, workspace, clock } = await clusterOptions(closers);
    const { signal } = new AbortController();
    const programs = await findPrograms({ environment, cacheDirectory: cacheDirectoryOf(process.env), signal, tell: () => undefined });
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
export function livingControlPlane(): Promise<ServedTarget> {
  const { signal } = new AbortController();
  return served((options, closers) => startRealCluster({ ...options, signal, tell: () => undefined, failed: () => undefined }, closers));
}

/**
 * A cluster of somebody else's, made to be played with: its controller-manager leaves Deployments alone
 * (--controllers=garbage-collector-controller,namespace-controller,serviceaccount-controller).
 */
export async function givenCluster(kubeconfigFile: string): Promise<Target> {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(kubeconfigFile);
  return inRealTime(httpsTransport(kubeconfig), async () => undefined);
}

/** Null: there is none of 1.30 or later. */
export async function kubectlPath(): Promise<string | null> {
  const found = await findKubectl({ environment: process.env, cacheDirectory: cacheDirectoryOf(process.env) });
  return found?.path ?? null;
}

function aSandbox(clock: SandboxOptions['clock']): Sandbox {
  return createSandbox({ clock, randomUuid: randomUUID, extensions: standardExtensions(tokenIssuer(clock)) });
}

async function elapseOn(clock: VirtualClock, seconds: number): Promise<void> {
  let isOver = false;
  void clock.sleep(seconds * 1_000).then(() => (isOver = true));
  await clock.run(() => isOver, { virtualSeconds: seconds });
}

async function served(open: (options: ClusterOptions, closers: Closers) => Promise<ServedCluster>): Promise<ServedTarget> {
  return opening(async (closers) => {
    const options = await clusterOptions(closers);
    const cluster = await open(options, closers);
    closers.add(() => cluster.close());
    const life = await cluster.start({ clock: options.clock, random: Math.random, report: () => undefined });
    closers.add(() => life.stop());
    const target = inRealTime(cluster.admin, () => closers.close());
    return { ...target, url: cluster.url, caPem: cluster.caPem, kubeconfig: cluster.kubeconfig };
  });
}

async function clusterOptions(closers: Closers): Promise<ClusterOptions> {
  const workspace = await createWorkspace();
  closers.add(() => workspace.remove());
  return { clock: createRealClock(), apiPort: 0, workspace, environment: process.env, cacheDirectory: cacheDirectoryOf(process.env) };
}

const pauseMilliseconds = 100;

function inRealTime(transport: Transport, close: () => Promise<void>): Target {
  const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  return {
    transport,
    pause: () => wait(pauseMilliseconds),
    elapse: (seconds) => wait(seconds * 1_000),
    close,
  };
}

/** No pod of these suites runs a program. */
const noExecutor: Executor = {
  description: 'none',
  run: async () => ({ exitCode: 127, message: 'no executor in this suite' }),
  close: async () => undefined,
};
