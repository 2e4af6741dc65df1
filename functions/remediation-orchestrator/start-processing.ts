import type { Alert } from '../../shared/api/alert.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { processingName } from '../../shared/api/names.ts';
import { ownerReferenceTo, refOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import type { ProcessingSpec } from '../../shared/api/remediation-processing.ts';
import type { RemediationRequest, RequestSpec } from '../../shared/api/remediation-request.ts';
import type { Instant } from '../../shared/api/time.ts';
import { created } from '../../shared/reconciler/effect.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { transition } from '../../shared/reconciler/transition.ts';
import { untilSeconds } from '../../shared/reconciler/wait.ts';
import { firstDeadline } from './deadlines.ts';
import { released } from './ending.ts';
import type { Settings } from './settings.ts';
import { calledTarget } from './targets.ts';

/** The remediation begins: its first child gets a snapshot of the alert, and its clock runs from now. */
export function startProcessing(request: RemediationRequest, settings: Settings, now: Instant): Decision {
  const deadline = firstDeadline(settings, now);
  const { status, conditions } = released(request);
  const message = `Remediation of ${calledAlert(request.spec)} started`;
  const effects = transition(
    request,
    {
      to: 'processing',
      status: { ...status, remediationProcessingRef: created(0), overallDeadline: deadline },
      conditions,
      audit: { type: 'request.phase', message },
      event: { type: 'Normal', reason: 'RemediationStarted', message },
    },
    now,
  );
  return {
    effects: [{ kind: 'CreateResource', object: processingOf(request), whenTaken: 'refused' }, ...effects],
    wakeAfterSeconds: [untilSeconds(deadline, now)],
  };
}

/** The alert as every later stage sees it. */
export function alertOf({ alertName, alertFingerprint, severity, alertLabels, alertAnnotations, firingTime }: RequestSpec): Alert {
  return { name: alertName, fingerprint: alertFingerprint, severity, labels: alertLabels, annotations: alertAnnotations, firingTime };
}

function processingOf(request: RemediationRequest): KubernetesObject {
  const { target, targetCluster } = request.spec;
  const spec: ProcessingSpec = { remediationRequestRef: refOf(request), alert: alertOf(request.spec), ...(target !== undefined && { target }), targetCluster };
  const { name, namespace } = request.metadata;
  return {
    apiVersion: kinds.RemediationProcessing.apiVersion,
    kind: 'RemediationProcessing',
    metadata: { name: processingName(name), namespace, ownerReferences: [ownerReferenceTo(request)] },
    spec,
  };
}

/** `PodMemoryHigh (critical) on Deployment production/payment-api`. */
function calledAlert({ alertName, severity, target }: RequestSpec): string {
  const alert = `${alertName} (${severity})`;
  return target === undefined ? alert : `${alert} on ${calledTarget(target)}`;
}
