import type { JsonObject } from '../../shared/api/json.ts';
import { podSchema, type Pod } from '../../infra/local/controllers/pod.ts';

export interface PodFixture {
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly container?: JsonObject;
  readonly status?: JsonObject;
}

/** `p` in production, uid `pod1`, made at ten o'clock; one container `app`, bound to sandbox-node, not yet begun. */
export function aPodView({ name = 'p', annotations = {}, labels = {}, metadata = {}, spec = {}, container = {}, status = {} }: PodFixture = {}): Pod {
  return podSchema.parse({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'production', uid: 'pod1', resourceVersion: '7', creationTimestamp: '2026-01-15T10:00:00Z', annotations, labels, ...metadata },
    spec: { nodeName: 'sandbox-node', containers: [{ name: 'app', image: 'shop/payment-api:1.4.2', ...container }], ...spec },
    status,
  });
}
