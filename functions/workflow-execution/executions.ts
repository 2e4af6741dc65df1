import { parseKubernetesExecution, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { BoundRef } from '../../shared/api/object-ref.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { getBound } from '../../shared/reconciler/bound.ts';
import { isAlive } from '../../shared/reconciler/children.ts';
import { readEach } from './reads.ts';

/** The executions of the steps, by step. Null: gone, or another object under its name. */
export type Executions = ReadonlyMap<string, KubernetesExecution | null>;

export const noExecutions: Executions = new Map();

/** What the phases ask of the world. */
export interface Ports {
  readonly cluster: ClusterReader;
  /** Executions that have ended, by uid: they change no more, so a later tick of the same workflow need not read them again. */
  readonly ended: Map<string, KubernetesExecution>;
}

const endedMax = 100; // a workflow's worth: some megabytes at the very most

/** Reads the executions that these steps refer to. A step without one (skipped, or refused by the API) is left out. */
export async function readExecutions(
  ports: Ports,
  steps: readonly { readonly stepName: string; readonly executionRef?: BoundRef | undefined }[],
): Promise<Executions> {
  const found = await readEach(steps, async ({ stepName, executionRef }) => {
    if (executionRef === undefined) return [];
    return [[stepName, await readExecution(ports, executionRef)] as const];
  });
  return new Map(found.flat());
}

async function readExecution({ cluster, ended }: Ports, reference: BoundRef): Promise<KubernetesExecution | null> {
  const known = ended.get(reference.uid);
  if (known !== undefined) return known;
  const object = await getBound(cluster, reference);
  if (object === null) return null;
  const execution = parseKubernetesExecution(object);
  if (!isAlive(execution)) remember(ended, execution);
  return execution;
}

function remember(ended: Ports['ended'], execution: KubernetesExecution): void {
  const [oldest] = ended.keys();
  if (ended.size >= endedMax && oldest !== undefined) ended.delete(oldest);
  ended.set(execution.metadata.uid, execution);
}
