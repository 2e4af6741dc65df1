import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jobKind, listAll, requestKind } from '../../infra/local/story/observe.ts';
import { playOnVirtualClock } from '../../infra/local/story/play-on-virtual-clock.ts';
import { readStory, type Story } from '../../infra/local/story/story.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { sha256Hex } from '../../shared/api/digest.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';

const root = join(import.meta.dirname, '../..');
const count = 200;
const names = Array.from({ length: count }, (_, index) => `payment-api-${String(index + 1).padStart(3, '0')}`);

const nodeNames = Array.from({ length: 20 }, (_, index) => `node-${index + 1}`); // of 8 cores each, for 400 pods of a quarter

/** The main story's Deployment and alert so many times, all in one notification. */
function manyOf(story: Story): Story {
  const cluster = story.cluster.flatMap((object) => (object.kind === 'Deployment' ? names.map((name) => named(object, name)) : [object]));
  const notifications = story.notifications.map((notification) => ({
    ...notification,
    alerts: (notification['alerts'] as readonly JsonObject[]).flatMap((alert) => names.map((name) => alertOf(alert, name))),
  }));
  return { ...story, cluster, notifications };
}

/** One replica each, and two afterwards. */
function named(deployment: KubernetesObject, name: string): KubernetesObject {
  const text = JSON.stringify(deployment).replaceAll('payment-api', name);
  const copy = JSON.parse(text) as KubernetesObject;
  return { ...copy, spec: { ...(copy['spec'] as JsonObject), replicas: 1 } };
}

function alertOf(alert: JsonObject, name: string): JsonObject {
  const copy = JSON.parse(JSON.stringify(alert).replaceAll('payment-api', name)) as JsonObject;
  return { ...copy, fingerprint: sha256Hex(name).slice(0, 16) };
}

it('200 alerts for 200 Deployments in one POST become 200 remediations, each completed by one Job', { timeout: 300_000 }, async () => {
  const story = manyOf(readStory(root, 'payment-api-memory'));
  await playOnVirtualClock(story, { root, logger: silentLogger, nodeNames }, async ({ admin, queues }) => {
    const requests = await listAll(admin, requestKind);
    expect(new Set(requests.map((request) => stringAt(request, 'spec', 'alertLabels', 'deployment')))).toEqual(new Set(names));
    expect(requests).toHaveLength(count);
    expect(requests.filter((request) => stringAt(request, 'status', 'phase') !== 'completed')).toEqual([]);
    const jobs = await listAll(admin, jobKind);
    expect(jobs).toHaveLength(count);
    expect(jobs.filter((job) => valueAt(job, 'status', 'succeeded') !== 1)).toEqual([]);
    const deployments = await listAll(admin, { apiVersion: 'apps/v1', kind: 'Deployment' }, 'production');
    expect(new Set(deployments.map((deployment) => valueAt(deployment, 'spec', 'replicas')))).toEqual(new Set([2]));
    expect(await listAll(admin, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' })).toEqual([]);
    expect(queues.peek('alerts-dlq')).toEqual([]);
  });
});
