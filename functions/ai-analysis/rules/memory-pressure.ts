import { formatMemory, parseQuantity } from '../../../shared/actions/quantity.ts';
import type { AnalysisSpec } from '../../../shared/api/ai-analysis.ts';
import type { Evidence } from '../../../shared/api/investigation.ts';
import type { ContainerContext, KubernetesContext, PodContext } from '../../../shared/api/kubernetes-context.ts';
import { counted } from '../../../shared/api/text.ts';
import type { Candidate } from '../answer.ts';
import type { Question } from '../provider.ts';
import { mostReplicas } from '../scale-limit.ts';
import type { Diagnosis } from './detector.ts';

const findingId = 'memory-pressure';
const evidenceMax = 10;

/**
 * Containers were killed because they ran out of memory. More replicas take load from each at once and are undone in seconds, so they
 * come first; a higher limit rolls every pod and comes second.
 */
export function memoryPressure({ spec, context }: Question): Diagnosis | null {
  const killed = (context?.pods?.worst ?? []).filter(({ lastTerminatedReason }) => lastTerminatedReason === 'OOMKilled');
  if (context === null || killed.length === 0) return null;
  const container = containerOf(spec, context, killed);
  return {
    finding: {
      id: findingId,
      detector: 'oom-killed',
      severity: spec.alertContext.severity,
      confidence: 0.92,
      summary: `${killed.length} of ${context.pods?.total ?? killed.length} pods had containers killed for memory`,
      evidence: killed.slice(0, evidenceMax).map((pod) => evidenceOf(spec, pod)),
    },
    summary: 'Memory pressure causing OOM events',
    rootCause: 'Insufficient memory limits for current workload',
    recommendation: spec.target.kind === 'Deployment' ? 'Scale deployment to distribute load' : 'Increase the memory limit',
    candidates: [...scaleOut(spec, context), ...moreMemory(spec, container)],
  };
}

function evidenceOf({ target }: AnalysisSpec, pod: PodContext): Evidence {
  return {
    ref: { apiVersion: 'v1', kind: 'Pod', name: pod.name, ...(target.namespace !== undefined && { namespace: target.namespace }), uid: pod.uid },
    field: `status.containerStatuses[${pod.container ?? ''}].lastState.terminated`,
    text: `OOMKilled, exit code ${pod.lastExitCode ?? 137}, ${counted(pod.restarts, 'restart')}`,
  };
}

/** The container that the alert names, or the one that was killed, or the only one. */
function containerOf({ target }: AnalysisSpec, context: KubernetesContext, killed: readonly PodContext[]): ContainerContext | undefined {
  const containers = context.workload.containers ?? [];
  const wanted = target.container ?? killed[0]?.container;
  return containers.find(({ name }) => name === wanted) ?? (containers.length === 1 ? containers[0] : undefined);
}

/** Two thirds of the load on each is what half as many replicas again make of it: 3 become 5, or as many as may be asked for. */
function scaleOut({ target, constraints }: AnalysisSpec, { workload }: KubernetesContext): readonly Candidate[] {
  const current = workload.replicas ?? 0;
  const wanted = Math.min(current + Math.ceil(current / 2), mostReplicas(current, constraints));
  if (target.kind !== 'Deployment' || target.namespace === undefined || current === 0 || wanted <= current) return [];
  return [
    {
      action: 'scale_deployment',
      description: `Scale ${target.name} deployment from ${current} to ${wanted} replicas`,
      confidence: 0.92,
      impact: 'medium',
      parameters: { deployment: target.name, namespace: target.namespace, currentReplicas: current, targetReplicas: wanted },
      findings: [findingId],
    },
  ];
}

const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'];

function moreMemory({ target }: AnalysisSpec, container: ContainerContext | undefined): readonly Candidate[] {
  const limit = container?.memoryLimit === undefined ? null : parseQuantity(container.memoryLimit);
  if (container === undefined || limit === null || limit <= 0n || target.namespace === undefined || !workloadKinds.includes(target.kind)) return [];
  const doubled = formatMemory(limit * 2n);
  return [
    {
      action: 'increase_memory_limit',
      description: `Increase memory limit from ${container.memoryLimit ?? ''} to ${doubled}`,
      confidence: 0.88,
      impact: 'low',
      parameters: { namespace: target.namespace, kind: target.kind.toLowerCase(), name: target.name, container: container.name, memory: doubled },
      findings: [findingId],
    },
  ];
}
