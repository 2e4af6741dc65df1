import { randomUUID } from 'node:crypto';
import { composeApp } from '../../../functions/admission-webhook/handler.ts';
import { compose as composeExecution } from '../../../functions/kubernetes-execution/handler.ts';
import { compose as composeWorkflow } from '../../../functions/workflow-execution/handler.ts';
import { createRealClock } from '../../../infra/local/real-clock.ts';
import { createSandbox } from '../../../infra/local/sandbox/create-sandbox.ts';
import { administrator } from '../../../infra/local/sandbox/sandbox.ts';
import { standardExtensions } from '../../../infra/local/sandbox/standard-extensions.ts';
import { tokenIssuer } from '../../../infra/local/sandbox/token.ts';
import { functionsUser } from '../../../infra/local/stack/identities.ts';
import { installProduct } from '../../../infra/local/stack/install.ts';
import { sandboxCluster } from '../../../infra/local/stack/sandbox-cluster.ts';
import { createWorkspace } from '../../../infra/local/stack/workspace.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { kinds } from '../../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { createCluster } from '../../../shared/kubernetes/cluster.ts';
import type { Cluster } from '../../../shared/kubernetes/ports.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { QueueHandler } from '../../../shared/reconciler/queue-handler.ts';
import { silentLogger, type Logger } from '../../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../../shared/telemetry/metrics.ts';
import { queuesTwin } from '../../support/queues-twin.ts';
import { root } from '../../support/operator-world.ts';
import { aSpyExecutor, type SpyExecutor } from './executor.ts';

export const segment = 'a-segment-of-enough-length';
export const namespace = 'kubernaut-system';

type GatedKind = 'WorkflowExecution' | 'KubernetesExecution';

/** The product's own entries around a sandbox with a node, which asks no webhook: what is stored there got past admission. */
export interface GatesWorld {
  readonly admin: Transport;
  readonly cluster: Cluster;
  readonly executor: SpyExecutor;
  /** The answer of the validating door to the body of a review. */
  review(body: string): Promise<{ readonly status: number; readonly text: string }>;
  /** One message for each name, as Lambda would hand them over. Those that the room could not even read, by name, with what it said; anything else that is thrown is thrown. */
  deliver(kind: GatedKind, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

export async function aGatesWorld(): Promise<GatesWorld> {
  const workspace = await createWorkspace();
  const clock = createRealClock();
  const sandbox = createSandbox({ clock, randomUuid: randomUUID, extensions: standardExtensions(tokenIssuer(clock)) });
  const executor = await aSpyExecutor(workspace.directory);
  const local = sandboxCluster(sandbox, executor);
  await installProduct(local.admin, root, { clock });
  const life = await local.start({ clock, random: Math.random, report: () => undefined });
  const cluster = createCluster({ transport: sandbox.transport(functionsUser), namespace, timeoutMilliseconds: () => 10_000 });
  const queues = queuesTwin();
  const unread = new Map<string, string>();
  const logger: Logger = {
    ...silentLogger,
    warn(_message, { name, error, errorClass } = {}) {
      if (errorClass === 'InvalidResourceError' && typeof name === 'string' && typeof error === 'string') unread.set(name, error);
    },
  };
  const ports = { cluster, queues, clock, logger, metrics: silentMetrics, random: Math.random };
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://queues.invalid/' };
  const app = composeApp(
    { ...variables, KUBERNAUT_ADMISSION_PATH_FILE: '/nowhere' },
    { queues, clock, logger: silentLogger, segments: () => Promise.resolve([segment]) },
  );
  const handlers: Readonly<Record<GatedKind, QueueHandler>> = {
    WorkflowExecution: await composeWorkflow(variables, ports),
    KubernetesExecution: await composeExecution(variables, ports),
  };
  return {
    admin: sandbox.transport(administrator),
    cluster,
    executor,
    async review(body) {
      const answer = await app.request(`/${segment}/validate`, { method: 'POST', body });
      return { status: answer.status, text: await answer.text() };
    },
    async deliver(kind, names) {
      const { batchItemFailures } = await handlers[kind]({ Records: names.map((name) => recordOf(kind, name)) }, { getRemainingTimeInMillis: () => 60_000 });
      const failures = new Map(names.flatMap((name) => (unread.has(name) ? [[name, unread.get(name) ?? ''] as const] : [])));
      if (batchItemFailures.length !== failures.size) throw new Error(`${kind}: ${batchItemFailures.length} of ${names.join(', ')} failed`);
      for (const name of names) unread.delete(name);
      return failures;
    },
    async close() {
      await life.stop();
      await local.close();
      await workspace.remove();
    },
  };
}

let delivered = 0;
function recordOf(kind: GatedKind, name: string) {
  delivered += 1;
  return {
    messageId: `m${delivered}`,
    receiptHandle: `r${delivered}`,
    body: JSON.stringify({ cluster: 'primary-cluster', kind, namespace, name, cause: 'watch' }),
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', SenderId: 'test', ApproximateFirstReceiveTimestamp: '0' },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:eu-central-1:000000000000:${kinds[kind].queue}`,
    awsRegion: 'eu-central-1',
  };
}

/** A workflow of one step. */
export function aWorkflowOf(name: string, action: string, parameters: JsonObject): KubernetesObject {
  return {
    apiVersion: kinds.WorkflowExecution.apiVersion,
    kind: 'WorkflowExecution',
    metadata: { name, namespace },
    spec: {
      workflowDefinition: { steps: [{ name: 'step', action, parameters, dependencies: [], criticalStep: true }] },
      executionStrategy: { mode: 'sequential', dryRunFirst: true, rollbackOnFailure: true, approvalRequired: false, monitoringSeconds: 0, maxParallelSteps: 1 },
      alertContext: { fingerprint: 'c0ffee1234567890', severity: 'critical' },
      aiRecommendation: { recommendationID: 'rec-001', confidence: 0.9, action },
      targetCluster: 'primary-cluster',
      environment: 'production',
      dryRun: false,
    },
  };
}

export function anExecutionOf(name: string, action: string, parameters: JsonObject): KubernetesObject {
  return {
    apiVersion: kinds.KubernetesExecution.apiVersion,
    kind: 'KubernetesExecution',
    metadata: { name, namespace },
    spec: {
      stepName: 'step',
      actionType: action,
      actionParams: parameters,
      targetCluster: { name: 'primary-cluster', namespace: '' },
      timeout: '5m',
      targetUid: '',
    },
  };
}
