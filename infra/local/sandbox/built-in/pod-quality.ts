import { isJsonObject, type JsonObject } from '../../../../shared/api/json.ts';
import { listAt, objectAt } from '../object.ts';

const measured = ['cpu', 'memory'];

/** Quality of service, told once when a pod is made: what is evicted last has limits for everything, and asks for no less. */
export function qualityOf(spec: JsonObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const resources = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')]
    .filter(isJsonObject)
    .map((container) => objectAt(container, 'resources'));
  const asks = resources.some((lists) => ['limits', 'requests'].some((list) => measured.some((resource) => isSet(objectAt(lists, list)[resource]))));
  if (!asks) return 'BestEffort';
  const isBounded = resources.every((lists) => {
    const [limits, requests] = [objectAt(lists, 'limits'), objectAt(lists, 'requests')];
    return measured.every((resource) => isSet(limits[resource]) && limits[resource] === requests[resource]);
  });
  return isBounded ? 'Guaranteed' : 'Burstable';
}

function isSet(quantity: unknown): boolean {
  return quantity !== undefined && quantity !== '0';
}
