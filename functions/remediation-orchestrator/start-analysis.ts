import type { AnalysisSpec } from '../../shared/api/ai-analysis.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { targetHashLabel } from '../../shared/api/labels.ts';
import { analysisName } from '../../shared/api/names.ts';
import { ownerReferenceTo, refOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import type { RemediationProcessing } from '../../shared/api/remediation-processing.ts';
import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import type { Instant } from '../../shared/api/time.ts';
import { created, type PatchMetadata } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { transition } from '../../shared/reconciler/transition.ts';
import { deadlineTimer, overallDeadline } from './deadlines.ts';
import { fail } from './ending.ts';
import { insertBefore } from './insert-before.ts';
import { alertOf } from './start-processing.ts';
import type { Settings } from './settings.ts';
import { calledTarget, hashOf } from './targets.ts';

/**
 * The target is known: the request is labelled with it, so that others for the same one find it, and the analysis gets by value all that an
 * investigation starts from.
 */
export function startAnalysis(request: RemediationRequest, processing: RemediationProcessing, settings: Settings, now: Instant): Decision {
  const spec = analysisSpecOf(request, processing, settings);
  if (spec === null) {
    const message = `RemediationProcessing ${processing.metadata.name} completed without target, environment or priority`;
    return fail(request, { reason: 'target_not_found', message, failure: { kind: processing.kind, name: processing.metadata.name, message } }, settings, now);
  }
  const { environment, priority, target } = spec;
  const message = `${priority}, ${environment}: ${calledTarget(target)}`;
  const effects = transition(
    request,
    {
      to: 'analyzing',
      status: { aiAnalysisRef: created(0), environment, priority },
      audit: { type: 'request.phase', message, payload: { target: { ...target }, environment, priority } },
    },
    now,
  );
  const hash = hashOf(request, target);
  // Most alerts name the workload itself, and then the intake labelled the request with it; a patch would wake the request for nothing.
  const label: readonly PatchMetadata[] =
    request.metadata.labels?.[targetHashLabel] === hash ? [] : [{ kind: 'PatchMetadata', labels: { [targetHashLabel]: hash } }];
  return {
    effects: [{ kind: 'CreateResource', object: analysisOf(request, spec), whenTaken: 'refused' }, ...insertBefore(effects, 'PatchStatus', label)],
    ...deadlineTimer(overallDeadline(request), now),
  };
}

/** Null: the processing says that it completed, and yet does not say what for. */
function analysisSpecOf(request: RemediationRequest, { status }: RemediationProcessing, { provider, constraints }: Settings): AnalysisSpec | null {
  const { resolvedTarget, environment, priority, kubernetesContext = {}, contextQuality = 'degraded', missing = [] } = status ?? {};
  if (resolvedTarget === undefined || environment === undefined || priority === undefined) return null;
  return {
    remediationRequestRef: refOf(request),
    alertContext: alertOf(request.spec),
    target: resolvedTarget,
    kubernetesContext,
    contextQuality,
    missing,
    environment,
    priority,
    provider,
    constraints,
  };
}

function analysisOf(request: RemediationRequest, spec: AnalysisSpec): KubernetesObject {
  const { name, namespace } = request.metadata;
  return {
    apiVersion: kinds.AIAnalysis.apiVersion,
    kind: 'AIAnalysis',
    metadata: { name: analysisName(name), namespace, ownerReferences: [ownerReferenceTo(request)] },
    spec,
  };
}
