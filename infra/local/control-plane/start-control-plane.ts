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
import { startComponent } from './component.ts';
import { createComponents, type Components } from './components.ts';
import { createCredentials, kubeletClientName, type CertificateFiles, type Credentials } from './credentials.ts';
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
  /** Path of a new kubeconfig of somebody else. */
  readonly kubeconfigOf: Credentials['kubeconfigOf'];
  readonly admin: Transport;
  readonly node: Transport;
  /** What a kubelet serves with, and the name on the certificate of who may ask it. */
  readonly kubelet: Certificate & { readonly clientName: string };
  /** For who asks etcd itself, as the API server does. */
  readonly etcd: { readonly url: string; readonly caFile: string; readonly client: CertificateFiles };
  /** Of what runs now. */
  readonly processIds: () => Readonly<Partial<Record<Program, number>>>;
  /** Ends one as a crash would, in the middle of whatever it does. Resolves when it is gone. */
  kill(program: Program): Promise<void>;
  /** Starts one that was killed, with the arguments, ports and data that it had. Resolves when the process runs, which is before it is ready. */
  startAgain(program: Program): Promise<void>;
  /** Resolves when the API server is. Throws StartFailed. */
  ready(): Promise<void>;
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
  const guard = await startGuard();
  closers.add(() => guard.dismiss());
  let isUp = false;
  const components = createComponents({
    launch: (program) => startComponent({ program, path: options.programs[program].path, argv: argumentsOf(program, argumentsOptions), directory, guard }),
    failed: (how) => {
      if (isUp) options.failed(how);
    },
  });
  const isServing = () => ready(admin, components, options);
  await startInOrder(options.schedules ?? true, { components, closers, isServing });
  signal.throwIfAborted();
  isUp = true;
  const failure = await components.firstFailure(); // since the API server was ready
  if (failure !== null) options.failed(failure);
  return {
    url,
    caPem: credentials.caPem,
    kubeconfigs: credentials.kubeconfigs,
    kubeconfigOf: credentials.kubeconfigOf,
    admin,
    node,
    kubelet: { ...credentials.kubeletServer, clientName: kubeletClientName },
    etcd: { url: `https://127.0.0.1:${ports.etcd}`, caFile: credentials.etcd.caFile, client: credentials.etcd.client },
    processIds: components.processIds,
    kill: (program) => components.kill(program),
    startAgain: (program) => components.start(program),
    ready: isServing,
    stop: () => closers.close(),
  };
}

async function auditOf({ audit, directory }: ControlPlaneOptions): Promise<ArgumentsOptions['audit']> {
  if (audit === undefined) return undefined;
  const policyFile = join(directory, 'audit-policy.yaml');
  await writeFile(policyFile, audit.policy, { mode: 0o600 });
  return { policyFile, logFile: audit.logFile };
}

interface Starting {
  readonly components: Components;
  readonly closers: Closers;
  readonly isServing: () => Promise<void>;
}

/** etcd and the API server together, since the one waits for the other; the two that only ask once there is somebody to answer. */
async function startInOrder(schedules: boolean, { components, closers, isServing }: Starting): Promise<void> {
  const start = async (program: Program): Promise<void> => {
    await components.start(program);
    closers.add(() => components.stop(program));
  };
  await start('etcd');
  await start('kube-apiserver');
  await isServing();
  await start('kube-controller-manager');
  if (schedules) await start('kube-scheduler');
}

async function ready(admin: Transport, components: Components, { clock, signal }: Pick<ControlPlaneOptions, 'clock' | 'signal'>): Promise<void> {
  const end = clock.milliseconds() + readySecondsMax * 1_000;
  while (!(await isReady(admin))) {
    signal.throwIfAborted();
    const failure = await components.firstFailure();
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

function transportOf(kubeconfigFile: string): Transport {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(kubeconfigFile);
  return httpsTransport(kubeconfig);
}
