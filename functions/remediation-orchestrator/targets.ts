import { parseAction } from '../../shared/actions/index.ts';
import { targetHash } from '../../shared/api/digest.ts';
import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import type { ResolvedTarget } from '../../shared/api/target.ts';
import type { WorkflowStep } from '../../shared/api/workflow-definition.ts';
import type { ObjectKey } from '../../shared/kubernetes/ports.ts';

interface TargetKey {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The label and the Lease by which two requests know that they mean the same object. */
export function hashOf({ spec }: RemediationRequest, { kind, name, namespace }: TargetKey): string {
  return targetHash({ cluster: spec.targetCluster, namespace, kind, name });
}

/** `Deployment production/payment-api`, `Node worker-1`: how a sentence names a target. */
export function calledTarget({ kind, namespace, name }: TargetKey): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Hashes of everything that the workflow is about: the target, and what its steps name besides. In ascending order, each once. */
export function targetHashes(request: RemediationRequest, target: ResolvedTarget, steps: readonly WorkflowStep[]): readonly string[] {
  const hashes = [target, ...stepTargets(steps)].map((object) => hashOf(request, object));
  return [...new Set(hashes)].toSorted();
}

/** Namespaces that the steps name, each once. */
export function namespacesOf(steps: readonly WorkflowStep[]): readonly string[] {
  return [...new Set(stepTargets(steps).flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace])))];
}

/** A step that the catalogue does not take names nothing: it fails in planning, before anything is touched. */
function stepTargets(steps: readonly WorkflowStep[]): readonly ObjectKey[] {
  return steps.flatMap(({ action, parameters }) => {
    const parsed = parseAction(action, parameters);
    return parsed.kind === 'known' ? [parsed.action.target] : [];
  });
}
