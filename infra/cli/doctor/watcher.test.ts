import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { createCluster } from '../../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { Patient } from './patient.ts';
import { watcherCheck } from './watcher.ts';

const namespace = 'kubernaut-system';
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const pods = `/api/v1/namespaces/${namespace}/pods`;

interface World {
  readonly deployment?: JsonObject;
  readonly pod?: JsonObject;
  readonly metrics?: string;
}

const running: JsonObject = { metadata: { name: 'w-1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
const waiting: JsonObject = { metadata: { name: 'w-1' }, status: { containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] } };
const withPods = (readyReplicas: number, replicas = 1): JsonObject => ({
  spec: { replicas, selector: { matchLabels: { 'app.kubernetes.io/component': 'watcher' } } },
  status: { readyReplicas },
});
const metricsOf = (silenceSeconds: number, pendingCount: number) =>
  [
    '# TYPE kubernaut_watcher_last_event_seconds gauge',
    'kubernaut_watcher_last_event_seconds{kind="Job"} 2.5',
    `kubernaut_watcher_last_event_seconds{kind="AIAnalysis"} ${silenceSeconds}`,
    `kubernaut_watcher_pending ${pendingCount}`,
  ].join('\n');

/** A cluster that holds the watcher's Deployment, a pod of it, and what the pod tells of itself. */
function aPatient({ deployment, pod, metrics }: World): Patient {
  const answers: Readonly<Record<string, JsonValue | undefined>> = {
    [`${deployments}/kubernaut-watcher`]: deployment,
    [pods]: { items: pod === undefined ? [] : [pod] },
    [`${pods}/w-1:8080/proxy/metrics`]: metrics,
  };
  const transport: Transport = {
    async send({ path }) {
      const body = answers[path];
      return body === undefined ? { status: 404, body: { message: 'not found' } } : { status: 200, body };
    },
    async *watch() {},
  };
  const cluster = createCluster({ transport, namespace, timeoutMilliseconds: () => 1_000 });
  return {
    variables: {},
    systemNamespace: namespace,
    connection: () => ({ kubeconfig: new KubeConfig(), transport, cluster, server: 'https://127.0.0.1', systemNamespace: namespace }),
    stage: () => {
      throw new Error('nobody asks for it');
    },
    openDatabase: null,
    local: null,
    clock: { now: () => '', milliseconds: () => 0, sleep: async () => undefined },
  };
}

describe('the watcher', () => {
  it.each<[sentence: string, world: World, status: string, message: string]>([
    [
      'is well',
      { deployment: withPods(1), pod: running, metrics: metricsOf(12, 3) },
      'ok',
      '1 of 1 pods ready, 3 keys wait to be sent, the last sign of a kind is 12 s old',
    ],
    [
      'does not tell of itself',
      { deployment: withPods(1), pod: running },
      'ok',
      '1 of 1 pods ready; its lag is not known to a user who may not get pods/proxy',
    ],
    ['hears nothing', { deployment: withPods(1), pod: running, metrics: metricsOf(301, 0) }, 'warn', 'heard nothing of a kind for 301 s'],
    ['cannot send', { deployment: withPods(1), pod: running, metrics: metricsOf(1, 1_001) }, 'warn', '1001 keys wait to be sent'],
    ['lacks one of its pods', { deployment: withPods(1, 2), pod: running, metrics: metricsOf(1, 0) }, 'warn', '1 of 2 pods ready'],
    ['cannot be started', { deployment: withPods(0), pod: waiting }, 'fail', '0 of 1 pods are ready (ImagePullBackOff)'],
    ['is not installed', {}, 'fail', 'there is no Deployment kubernaut-watcher in namespace kubernaut-system'],
  ])('%s', async (_sentence, world, status, message) => {
    expect(await watcherCheck.look(aPatient(world))).toContainEqual({ status, message: expect.stringContaining(message), remedy: expect.any(String) });
  });
});
