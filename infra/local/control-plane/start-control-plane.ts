import { KubeConfig } from '@kubernetes/client-node';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../shared/clock.ts';
import { httpsTransport } from '../../../shared/kubernetes/https-transport.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { Certificate } from '../certificates/authority.ts';
import { opening, type Closers } from '../stack/closers.ts';
import { listening, StartFailed } from '../stack/start-failed.ts';
import { argumentsOf, type ArgumentsOptions } from './argument-vectors.ts';
import { startComponent, type Component } from './component.ts';
import { createCredentials, kubeletClientName } from './credentials.ts';
import type { Programs } from './find-programs.ts';
import { freePorts, tryPort } from './free-ports.ts';
import { startGuard } from './guard.ts';
import type { Program } from './release.ts';

export interface ControlPlaneOptions extends ApiServerSettings {
  readonly programs: Programs;
  /** 0: any port that is free. */
  readonly apiPort: number;
  /** Private, there already; whoever made it removes it. */
  readonly directory: string;
  /** Of kubectl commands that name none. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told when a process ends by itself after the start. */
  readonly failed: (how: string) => void;
  /** Of the controller-manager, by name; absent: all that are on by default. */
  readonly controllers?: readonly string[] | undefined;
  /** False: pods are left alone until somebody binds them. */
  readonly schedules?: boolean | undefined;
}

/** What a test wants of the API server that a start by itself does not. */
export interface ApiServerSettings {
  /** Absent: it writes no audit log. */
  readonly audit?: AuditLog | undefined;
  /** Beside those that are on by default. */
  readonly admissionPlugins?: readonly string[] | undefined;
}

/** What the API server writes down of each request, one JSON line each. */
interface AuditLog {
  /** As Kubernetes reads it. */
  readonly policy: string;
  readonly logFile: string;
}

/** kube-apiserver, kube-controller-manager, kube-scheduler and etcd on loopback, and nothing on the node's side. */
export interface ControlPlane {
  readonly url: string;
  readonly caPem: string;
  /** Paths: an administrator's, and the node's. */
  readonly kubeconfigs: { readonly admin: string; readonly node: string };
  readonly admin: Transport;
  readonly node: Transport;
  /** What a kubelet serves with, and the name on the certificate of who may ask it. */
  readonly kubelet: Certificate & { readonly clientName: string };
  readonly processIds: Readonly<Partial<Record<Program, number>>>;
  stop(): Promise<void>;
}

const attemptsMax = 3;
const readySecondsMax = 60; // four on two idle cores
const everyMilliseconds = 50;
const answerMilliseconds = 2_000;

/** Throws StartFailed in one sentence; what was started by then has ended. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await opening((closers) => startOnce({ ...options, directory: join(options.directory, `control-plane-${attempt}`) }, closers));
    } catch (error) {
      // Between finding a free port and listening there another process may take it.
      const isTaken = error instanceof StartFailed && error.message.includes('address already in use');
      if (!isTaken || options.apiPort !== 0 || attempt === attemptsMax) throw error;
    }
  }
}

async function startOnce(options: ControlPlaneOptions, closers: Closers): Promise<ControlPlane> {
  const { apiPort, directory, namespace, clock, signal } = options;
  if (apiPort !== 0) await listening({ what: 'the Kubernetes API', option: '--api-port', port: apiPort }, () => tryPort(apiPort));
  const [etcd = 0, etcdPeer = 0, freeApi = 0] = await freePorts(3);
  const ports = { etcd, etcdPeer, api: apiPort === 0 ? freeApi : apiPort };
  const url = `https://127.0.0.1:${ports.api}`;
  await mkdir(directory, { mode: 0o700 });
  const credentials = await createCredentials({ directory, url, namespace, nowMilliseconds: clock.milliseconds() });
  const [admin, node] = [transportOf(credentials.kubeconfigs.admin), transportOf(credentials.kubeconfigs.node)];
  const { controllers, admissionPlugins } = options;
  const argumentsOptions = { ports, credentials, directory, controllers, admissionPlugins, audit: await auditOf(options) };
  const components = await startInOrder(options, argumentsOptions, { closers, admin });
  let stopping = false;
  closers.add(() => {
    stopping = true;
  });
  for (const component of components) {
    void component.gone.then(async () => {
      if (!stopping) options.failed((await component.ended()) ?? component.program);
    });
  }
  signal.throwIfAborted();
  return {
    url,
    caPem: credentials.caPem,
    kubeconfigs: credentials.kubeconfigs,
    admin,
    node,
    kubelet: { ...credentials.kubeletServer, clientName: kubeletClientName },
    processIds: Object.fromEntries(components.map(({ program, pid }) => [program, pid])),
    stop: () => closers.close(),
  };
}

async function auditOf({ audit, directory }: ControlPlaneOptions): Promise<ArgumentsOptions['audit']> {
  if (audit === undefined) return undefined;
  const policyFile = join(directory, 'audit-policy.yaml');
  await writeFile(policyFile, audit.policy, { mode: 0o600 });
  return { policyFile, logFile: audit.logFile };
}

/** etcd and the API server together, since the one waits for the other; the two that only ask once there is somebody to answer. */
async function startInOrder(
  { programs, directory, clock, signal, schedules = true }: ControlPlaneOptions,
  argumentsOptions: ArgumentsOptions,
  { closers, admin }: { readonly closers: Closers; readonly admin: Transport },
): Promise<readonly Component[]> {
  const guard = await startGuard();
  closers.add(() => guard.dismiss());
  const components: Component[] = [];
  const start = async (program: Program): Promise<void> => {
    const component = await startComponent({ program, path: programs[program].path, argv: argumentsOf(program, argumentsOptions), directory, guard });
    components.push(component);
    closers.add(() => component.stop());
  };
  await start('etcd');
  await start('kube-apiserver');
  await ready(admin, components, { clock, signal });
  await start('kube-controller-manager');
  if (schedules) await start('kube-scheduler');
  return components;
}

async function ready(admin: Transport, components: readonly Component[], { clock, signal }: Pick<ControlPlaneOptions, 'clock' | 'signal'>): Promise<void> {
  const end = clock.milliseconds() + readySecondsMax * 1_000;
  while (!(await isReady(admin))) {
    signal.throwIfAborted();
    const failure = await firstFailure(components);
    if (failure !== null) throw new StartFailed(`the control plane did not start: ${failure}`);
    if (clock.milliseconds() > end) throw new StartFailed(`the control plane did not start: kube-apiserver was not ready after ${readySecondsMax} s`);
    await clock.sleep(everyMilliseconds, signal);
  }
}

async function isReady(admin: Transport): Promise<boolean> {
  try {
    return (await admin.send({ method: 'GET', path: '/readyz' }, answerMilliseconds)).status === 200;
  } catch {
    return false; // it does not listen yet
  }
}

async function firstFailure(components: readonly Component[]): Promise<string | null> {
  for (const component of components) {
    const failure = await component.ended();
    if (failure !== null) return failure;
  }
  return null;
}

function transportOf(kubeconfigFile: string): Transport {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(kubeconfigFile);
  return httpsTransport(kubeconfig);
}
