import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { admitBuiltIn, shapedBuiltIn } from './built-in/admission.ts';
import type { ProposedWrite } from './extension.ts';
import { qualifiedName, type ResourceType } from './resource-types.ts';
import type { ServerContext } from './server-context.ts';
import { invalid } from './status-object.ts';

/** The object with its defaults. Throws a 422 that lists every cause. */
export function admit({ store, extensions }: ServerContext, write: ProposedWrite): KubernetesObject {
  const { type, object } = write;
  const admitted = hasSchema(type) ? extensions.validator.admit(write, store) : admitBuiltIn(write);
  if (admitted.kind === 'invalid') throw invalid(type, object.metadata.name, admitted.causes);
  return admitted.object;
}

/** The object as webhooks are shown it before anybody judges it: with its defaults, and without what no schema names. Throws a 400 for such a field where the write is strict. */
export function shaped({ store, extensions }: ServerContext, write: Pick<ProposedWrite, 'type' | 'object' | 'subresource' | 'strict'>): KubernetesObject {
  return hasSchema(write.type) ? extensions.validator.shape(write, store) : shapedBuiltIn(write);
}

function hasSchema(type: ResourceType): boolean {
  return type.custom || qualifiedName(type) === 'customresourcedefinitions.apiextensions.k8s.io';
}
