import { parseKubernetesExecution, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { BoundRef } from '../../shared/api/object-ref.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { getBound } from '../../shared/reconciler/bound.ts';
import { readEach } from './reads.ts';

/** The executions of the steps, by step. Null: gone, or another object under its name. */
export type Executions = ReadonlyMap<string, KubernetesExecution | null>;

export const noExecutions: Executions = new Map();

/** What the phases ask of the world. */
export interface Ports {
  readonly cluster: ClusterReader;
}

/** Reads the executions that these steps refer to. A step without one (skipped, or refused by the API) is left out. */
export async function readExecutions(
  { cluster }: Ports,
  steps: readonly { readonly stepName: string; readonly executionRef?: BoundRef | undefined }[],
): Promise<Executions> {
  const found = await readEach(steps, async ({ stepName, executionRef }) => {
    if (executionRef === undefined) return [];
    const object = await getBound(cluster, executionRef);
    return [[stepName, object === null ? null : parseKubernetesExecution(object)] as const];
  });
  return new Map(found.flat());
}
