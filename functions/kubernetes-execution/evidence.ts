import { jobOutputBytesMax, type ExecutionResults, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { executionLabelKey } from '../../shared/api/labels.ts';
import { executionLabel } from '../../shared/api/names.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { keepEnd, maskSecrets } from '../../shared/api/text.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { podHasEnded, podOf } from './pod-report.ts';
import { executorContainer } from './pod-spec.ts';

/** What a Job left behind. Each list is empty, and the log null, where it was not asked for. */
export interface Evidence {
  readonly pods: readonly KubernetesObject[];
  readonly log: string | null;
  readonly events: readonly KubernetesObject[];
}

export const noEvidence: Evidence = { pods: [], log: null, events: [] };

const podsMax = 10; // a Job with backoffLimit 0 makes one; more only when the controller raced with itself
const eventsMax = 500; // warnings of one hour in our own namespace

/** The Job's pods, whoever owns them by now: a Job that was deleted carelessly leaves orphans. */
export function readPods({ metadata }: KubernetesExecution, ports: Pick<ClusterReader, 'list'>): Promise<readonly KubernetesObject[]> {
  const labelSelector = `${executionLabelKey}=${executionLabel(metadata.name, metadata.uid)}`;
  return ports.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: metadata.namespace, labelSelector, limit: podsMax });
}

/** Events are asked for only where no container tells how it ended: they alone know of a pod that was never made or could not start. */
export async function readFailure(execution: KubernetesExecution, job: KubernetesObject, ports: Pick<ClusterReader, 'list' | 'podLog'>): Promise<Evidence> {
  const { namespace } = execution.metadata;
  const pods = await readPods(execution, ports);
  const pod = podOf(job, pods);
  if (podHasEnded(pod)) return { pods, log: await readLog(pod, namespace, ports), events: [] };
  return { pods, log: null, events: await ports.list({ apiVersion: 'v1', kind: 'Event' }, { namespace, fieldSelector: 'type=Warning', limit: eventsMax }) };
}

/** What an action that only looks was run for. */
export async function readOutput(execution: KubernetesExecution, job: KubernetesObject, ports: Pick<ClusterReader, 'list' | 'podLog'>): Promise<Evidence> {
  const pods = await readPods(execution, ports);
  return { pods, log: await readLog(podOf(job, pods), execution.metadata.namespace, ports), events: [] };
}

/** executionResults.jobOutput. Twice its bound is read, so that no secret is cut in half at its beginning and then not recognised. */
export function outputOf({ log }: Evidence): Pick<ExecutionResults, 'jobOutput'> {
  return log === null || log === '' ? {} : { jobOutput: keepEnd(maskSecrets(log), jobOutputBytesMax) };
}

async function readLog(pod: KubernetesObject | null, namespace: string, ports: Pick<ClusterReader, 'podLog'>): Promise<string | null> {
  return pod === null ? null : ports.podLog(namespace, pod.metadata.name, { container: executorContainer, tailBytes: 2 * jobOutputBytesMax });
}
