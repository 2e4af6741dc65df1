import { isProtectedNamespace, protectedNamespaces } from '../api/labels.ts';
import type { ObjectKey } from '../kubernetes/ports.ts';

/** Why no action may touch this object; null when it may be touched. */
export function protectedTarget({ kind, name, namespace }: ObjectKey): string | null {
  if (namespace === undefined) {
    return kind === 'Node' ? null : `${kind} ${name} belongs to the whole cluster: of such objects only nodes may be acted on`;
  }
  if (!isProtectedNamespace(namespace)) return null;
  return `namespace: must be none of ${protectedNamespaces.join(', ')}: ${namespace} is protected`;
}
