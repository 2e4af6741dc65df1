import { sha256Hex } from '../api/digest.ts';
import { canonicalJson } from '../api/digest.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { boundedText } from '../api/text.ts';
import type { Instant } from '../api/time.ts';
import type { EmitEvent } from './effect.ts';
import { kindFacts } from './kind-facts.ts';
import type { Resource } from './room.ts';

const nameLengthMax = 253 - 17; // what a dot and 16 hex leave of a DNS subdomain

/**
 * A core/v1 Event about the resource. Its name is derived from uid, reason, the phase decided on and the discriminator, so that a repeated pass
 * meets the Event that it made before.
 */
export function eventObject({ type, reason, message, discriminator = '' }: EmitEvent, resource: Resource, now: Instant): KubernetesObject {
  const { apiVersion, kind, metadata } = resource;
  const { name, namespace, uid, resourceVersion } = metadata;
  const derived = sha256Hex(canonicalJson([uid, reason, resource.status?.phase ?? '', discriminator])).slice(0, 16);
  const reporter = `kubernaut.io/${kindFacts[kind].functionName}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, nameLengthMax).replace(/[^a-z0-9]+$/, '')}.${derived}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
    type,
    reason,
    message: boundedText(message),
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    source: { component: reporter },
    reportingComponent: reporter,
    reportingInstance: reporter,
  };
}
