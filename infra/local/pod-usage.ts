import { formatMemory, parseQuantity, type Quantity } from '../../shared/actions/quantity.ts';

interface MeasuredContainer {
  readonly resources: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>;
}

/** What a quota looks at in a pod. */
export interface MeasuredPod {
  readonly spec: { readonly containers: readonly MeasuredContainer[] };
}

/** What the pods that still count use of each resource that the quota bounds; null for one that is not counted here. */
export function usedBy(pods: readonly MeasuredPod[], resource: string): string | null {
  const sum = (side: 'requests' | 'limits', name: string): Quantity =>
    pods.flatMap(({ spec }) => spec.containers).reduce((total, container) => total + quantityOf(container, side, name), 0n);
  switch (resource) {
    case 'pods':
      return String(pods.length);
    case 'cpu':
    case 'requests.cpu':
      return formatCpu(sum('requests', 'cpu'));
    case 'limits.cpu':
      return formatCpu(sum('limits', 'cpu'));
    case 'memory':
    case 'requests.memory':
      return formatMemory(sum('requests', 'memory'));
    case 'limits.memory':
      return formatMemory(sum('limits', 'memory'));
    default:
      return null;
  }
}

function quantityOf({ resources }: MeasuredContainer, side: 'requests' | 'limits', name: string): Quantity {
  return parseQuantity(resources[side][name] ?? '0') ?? 0n;
}

const milli = 1_000_000n; // quantities are in billionths

/** Whole cores, else thousandths. */
function formatCpu(quantity: Quantity): string {
  const thousandths = (quantity + milli - 1n) / milli;
  return thousandths % 1_000n === 0n ? String(thousandths / 1_000n) : `${thousandths}m`;
}
