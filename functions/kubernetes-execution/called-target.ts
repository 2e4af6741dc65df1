import type { ObjectKey } from '../../shared/kubernetes/ports.ts';

/** `Deployment production/payment-api`, `Node worker-1`: how a sentence names a target. */
export function calledTarget({ kind, namespace, name }: ObjectKey): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
