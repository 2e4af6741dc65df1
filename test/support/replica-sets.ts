import type { JsonObject } from '../../shared/api/json.ts';
import { deploymentSchema, type Deployment } from '../../infra/local/controllers/deployment.ts';
import { replicaSetSchema, type ReplicaSet } from '../../infra/local/controllers/replica-set.ts';

const labels = { app: 'payment-api' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'shop/payment-api:1.4.2' }] } };
const stored = (name: string) => ({
  name,
  namespace: 'production',
  uid: `uid-${name}`,
  resourceVersion: '7',
  generation: 1,
  creationTimestamp: '2026-01-15T10:00:00Z',
});

/** As the Deployment controller sees it. */
export function aDeploymentView(spec: JsonObject = {}): Deployment {
  return deploymentSchema.parse({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: stored('payment-api'),
    spec: { replicas: 3, selector: { matchLabels: labels }, template, ...spec },
  });
}

export interface ReplicaSetFixture {
  readonly name?: string;
  readonly replicas: number;
  readonly available: number;
  /** What the Deployment wanted when it was scaled last, and its most at that time. */
  readonly desired?: number | undefined;
  readonly max?: number | undefined;
}

export function aReplicaSetView({ name = 'payment-api-1', replicas, available, desired, max }: ReplicaSetFixture): ReplicaSet {
  const annotations = {
    ...(desired !== undefined && { 'deployment.kubernetes.io/desired-replicas': String(desired) }),
    ...(max !== undefined && { 'deployment.kubernetes.io/max-replicas': String(max) }),
  };
  return replicaSetSchema.parse({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { ...stored(name), annotations },
    spec: { replicas, selector: { matchLabels: labels }, template },
    status: { replicas, readyReplicas: available, availableReplicas: available },
  });
}
