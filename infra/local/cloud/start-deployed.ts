import type { Transport } from '../../../shared/kubernetes/request.ts';
import { cacheDirectoryOf } from '../cache-directory.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { createRealClock } from '../real-clock.ts';
import { accountKubeconfig } from '../stack/account-transport.ts';
import { serveAdmission } from '../stack/admission-server.ts';
import { opening, type Closers } from '../stack/closers.ts';
import type { ClusterChoice } from '../stack/cluster-choice.ts';
import type { ServedCluster } from '../stack/local-cluster.ts';
import { startRealCluster } from '../stack/real-cluster.ts';
import { serveSandbox } from '../stack/sandbox-cluster.ts';
import { createWorkspace, randomToken, type Workspace } from '../stack/workspace.ts';
import { functionsUser } from '../stack/identities.ts';
import { serveDatabase } from './database-server.ts';
import { functionUrl } from './function-url.ts';
import { createDeployer } from './osls.ts';
import { copyProject, writeStage } from './project-copy.ts';
import { relayApi } from './api-relay.ts';
import { createSecrets } from './secrets.ts';
import { startMiniStack } from './start-ministack.ts';
import { startWatcherProcess } from './watcher-process.ts';

export interface DeployedOptions {
  readonly root: string;
  readonly cluster: ClusterChoice;
  /** Of the stage; its name is part of every queue's and function's. */
  readonly stage: string;
  /** KUBERNAUT_ variables of the functions, beside those that say where things are. */
  readonly variables: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Everything that others need to use a deployed product, as text. */
export interface Deployed {
  readonly emulator: { readonly endpoint: string; readonly region: string };
  readonly stage: string;
  /** The copy of the project that was deployed; it may be changed and deployed again. */
  readonly project: string;
  /** Of an administrator of the cluster. */
  readonly kubeconfigFile: string;
  readonly webhookUrl: string;
  readonly webhookToken: string;
  /** Where the API server asks the admission function: by TLS, and with the secret segment. */
  readonly admissionFront: { readonly url: string; readonly caPem: string };
  readonly queueUrlPrefix: string;
  readonly databaseUrl: string;
  /** Private, and gone when it has stopped. */
  readonly directory: string;
}

export interface RunningDeployment {
  readonly deployed: Deployed;
  readonly admin: Transport;
  readonly clock: TrackedClock;
  /** `MiniStack 1.5.33`, `sandbox`. */
  readonly parts: readonly string[];
  stop(): Promise<void>;
}

const service = 'kubernaut';
const account = '000000000000';
const warmMilliseconds = 60_000;

/** The product as it is deployed: serverless.yml on an emulator, a cluster, PostgreSQL, the watcher as a process of its own. Throws StartFailed. */
export function startDeployed(options: DeployedOptions): Promise<RunningDeployment> {
  return opening((closers) => start(options, closers));
}

async function start(options: DeployedOptions, closers: Closers): Promise<RunningDeployment> {
  const { root, stage, tell, signal, variables } = options;
  const clock = createRealClock();
  const workspace = await createWorkspace();
  const { directory } = workspace;
  closers.add(() => workspace.remove());
  const places = { environment: process.env, cacheDirectory: cacheDirectoryOf(process.env), signal, tell };
  const emulator = await startMiniStack({ ...places, directory });
  closers.add(() => emulator.stop());
  const database = await serveDatabase();
  closers.add(() => database.close());
  const admissionSegment = randomToken();
  const admission = await serveAdmission(0, admissionSegment, clock.milliseconds());
  closers.add(() => admission.close());
  const cluster = await openCluster(options, { clock, workspace }, closers);
  await cluster.install(root, admission.endpoint);
  const life = await cluster.start({ clock, random: Math.random, report: tell });
  closers.add(() => life.stop());
  const { admin } = cluster;
  const relay = await relayApi(cluster.url);
  closers.add(() => relay.close());
  const webhookToken = randomToken();
  const secrets = await createSecrets(emulator, `${service}/${stage}`, {
    webhookTokens: webhookToken,
    admissionPath: admissionSegment,
    kubeconfig: await accountKubeconfig('kubernaut-functions', { admin, server: { ...relay, caPem: cluster.caPem } }),
    databaseUrl: database.url,
  });
  const queueUrlPrefix = `${emulator.endpoint}/${account}/${service}-${stage}-`;
  const project = await copyProject(root, directory);
  await writeStage(project, stage, {
    region: emulator.region,
    endpoint: emulator.endpoint,
    secrets,
    logRetentionDays: 1,
    environment: { ...variables, KUBERNAUT_FUNCTIONS_USERS: functionsUser.username },
  });
  tell(`deploying serverless.yml as stage ${stage}`);
  await createDeployer({ project, stage, emulator, signal }).deploy();
  const admissionUrl = await functionUrl(emulator, `${service}-${stage}-admission-webhook`);
  admission.answerWith((request) => passOn(request, admissionUrl));
  // The API server waits for 5 s, and a first start on a machine that is busy may take longer: it is had before anybody writes.
  await fetch(`${admissionUrl}/healthz`, { signal: AbortSignal.any([signal, AbortSignal.timeout(warmMilliseconds)]) });
  const kubeconfigFile = await workspace.write('watcher.kubeconfig', await accountKubeconfig('kubernaut-watcher', { admin, server: cluster }));
  const watcher = await startWatcherProcess({ directory, kubeconfigFile, queueUrlPrefix, emulator });
  closers.add(() => watcher.stop());
  return {
    deployed: {
      emulator: { endpoint: emulator.endpoint, region: emulator.region },
      stage,
      project,
      kubeconfigFile: cluster.kubeconfig,
      webhookUrl: `${await functionUrl(emulator, `${service}-${stage}-alert-webhook`)}/alerts`,
      webhookToken,
      admissionFront: { url: admission.endpoint.url, caPem: Buffer.from(admission.endpoint.caBundle ?? '', 'base64').toString('utf8') },
      queueUrlPrefix,
      databaseUrl: database.url,
      directory,
    },
    admin: cluster.admin,
    clock,
    parts: [emulator.description, cluster.description],
    stop: () => closers.close(),
  };
}

function openCluster(
  { cluster, tell, signal }: DeployedOptions,
  { clock, workspace }: { readonly clock: TrackedClock; readonly workspace: Workspace },
  closers: Closers,
): Promise<ServedCluster> {
  const options = { clock, apiPort: 0, workspace, environment: process.env, cacheDirectory: cacheDirectoryOf(process.env) };
  switch (cluster) {
    case 'sandbox':
      return serveSandbox(options, closers);
    case 'real':
      return startRealCluster({ ...options, signal, tell, failed: tell }, closers);
  }
}

/** What the cloud's front does for a function URL: TLS ends before it, the request goes on as it is. */
async function passOn(request: Request, url: string): Promise<Response> {
  const { pathname } = new URL(request.url);
  const body = await request.arrayBuffer();
  const contentType = request.headers.get('content-type') ?? 'application/json';
  const answer = await fetch(`${url}${pathname}`, { method: request.method, headers: { 'content-type': contentType }, body });
  return new Response(await answer.arrayBuffer(), { status: answer.status, headers: { 'content-type': answer.headers.get('content-type') ?? 'text/plain' } });
}
