import type { KubernetesObject } from '../api/object-ref.ts';
import { valueAt } from '../kubernetes/unstructured.ts';
import { parseQuantity, type Quantity } from './quantity.ts';
import { containerNamed } from './workload.ts';

/** Null where the container names none. The text is as written, for an undo to write it again. */
export interface ContainerMemory {
  readonly limit: Quantity | null;
  readonly limitText: string | null;
  readonly request: Quantity | null;
  readonly requestText: string | null;
}

/** Null when the workload has no such container. */
export function memoryOf(workload: KubernetesObject, container: string): ContainerMemory | null {
  const found = containerNamed(workload, container);
  if (found === null) return null;
  const limitText = textAt(found, 'limits');
  const requestText = textAt(found, 'requests');
  return { limit: parsed(limitText), limitText, request: parsed(requestText), requestText };
}

function textAt(container: unknown, side: 'limits' | 'requests'): string | null {
  const value = valueAt(container, 'resources', side, 'memory');
  if (typeof value === 'number') return String(value); // a manifest may hold bytes as a number
  return typeof value === 'string' ? value : null;
}

function parsed(text: string | null): Quantity | null {
  return text === null ? null : parseQuantity(text);
}
