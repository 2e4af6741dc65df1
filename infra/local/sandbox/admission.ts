import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { admitBuiltIn } from './built-in/admission.ts';
import type { ProposedWrite } from './extension.ts';
import { qualifiedName } from './resource-types.ts';
import type { ServerContext } from './server-context.ts';
import { invalid } from './status-object.ts';

/** The object with its defaults. Throws a 422 that lists every cause. */
export function admit({ store, extensions }: ServerContext, write: ProposedWrite): KubernetesObject {
  const { type, object } = write;
  const bySchema = type.custom || qualifiedName(type) === 'customresourcedefinitions.apiextensions.k8s.io';
  const admitted = bySchema ? extensions.validator.admit(write, store) : admitBuiltIn(write);
  if (admitted.kind === 'invalid') throw invalid(type, object.metadata.name, admitted.causes);
  return admitted.object;
}
