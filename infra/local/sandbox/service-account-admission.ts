import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { objectAt, stringAt } from './object.ts';
import { qualifiedName, type ResourceType } from './resource-types.ts';
import type { ServerContext } from './server-context.ts';
import { admissionDenied } from './status-object.ts';

/**
 * A pod runs as a ServiceAccount that exists. `default` is taken for granted: on a real cluster a controller makes one in each
 * namespace, and nobody gives it any rights here.
 */
export function refuseMissingServiceAccount({ store }: ServerContext, type: ResourceType, pod: KubernetesObject): void {
  if (qualifiedName(type) !== 'pods') return;
  const { name, namespace = '' } = pod.metadata;
  const account = stringAt(objectAt(pod, 'spec'), 'serviceAccountName');
  if (account === 'default' || store.get('', 'serviceaccounts', namespace, account) !== undefined) return;
  throw admissionDenied(type, name, `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`);
}
