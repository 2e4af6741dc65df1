import * as z from 'zod';
import { formatMemory, parseQuantity, type Quantity } from '../../../shared/actions/quantity.ts';
import type { Immutable } from '../../../shared/api/json.ts';
import type { Container, Pod } from './pod.ts';
import { metadataSchema } from './stored-object.ts';

export const resourceQuotaKind = { apiVersion: 'v1', kind: 'ResourceQuota' } as const;

const quantities = z.record(z.string(), z.string());

export const resourceQuotaSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('ResourceQuota'),
  metadata: metadataSchema,
  spec: z.object({ hard: quantities.default({}), scopes: z.array(z.string()).default([]) }).default({ hard: {}, scopes: [] }),
  /** Without defaults, so that what is written is compared with what is stored. */
  status: z.looseObject({ hard: quantities.optional(), used: quantities.optional() }).default({}),
});
export type ResourceQuota = Immutable<z.infer<typeof resourceQuotaSchema>>;

/** What the pods that still count use of each resource that the quota bounds; null for one that is not counted here. */
export function usedBy(pods: readonly Pod[], resource: string): string | null {
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

function quantityOf({ resources }: Container, side: 'requests' | 'limits', name: string): Quantity {
  return parseQuantity(resources[side][name] ?? '0') ?? 0n;
}

const milli = 1_000_000n; // quantities are in billionths

/** Whole cores, else thousandths. */
function formatCpu(quantity: Quantity): string {
  const thousandths = (quantity + milli - 1n) / milli;
  return thousandths % 1_000n === 0n ? String(thousandths / 1_000n) : `${thousandths}m`;
}
