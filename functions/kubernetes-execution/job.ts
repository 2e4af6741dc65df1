import type { BoundAction, TargetSnapshot } from '../../shared/actions/action.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import {
  actionLabel,
  executionLabelKey,
  fieldManager,
  managedByLabel,
  remediationRequestLabel,
  unrecordedFinalizer,
  voidAnnotation,
} from '../../shared/api/labels.ts';
import { dashed, executionLabel, labelValue, serviceAccountName } from '../../shared/api/names.ts';
import { ownerReferenceTo, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { correlationOf } from '../../shared/reconciler/correlation.ts';
import { jobKeyOf } from './lookup.ts';
import { fileAnnotations, podSpecOf, type Container } from './pod-spec.ts';

export interface JobPlan {
  readonly execution: KubernetesExecution;
  readonly action: BoundAction;
  /** As it was read a moment ago: argv binds the call to this very object where the API can. */
  readonly target: TargetSnapshot;
  readonly image: string;
  readonly activeDeadlineSeconds: number;
}

/**
 * The Job that acts. The parameters are arguments of kubectl, never text in a script. It is born with a finalizer, so that it
 * cannot vanish before the status names it; it has no ttl, because its end must be seen.
 */
export function buildJob({ execution, action, target, image, activeDeadlineSeconds }: JobPlan): KubernetesObject {
  const container = { serviceAccount: action.serviceAccount, image, argv: action.argv(target), files: action.files(target) };
  const { metadata, spec, ...outline } = outlineOf(execution, action.name, container);
  return { ...outline, metadata: { ...metadata, finalizers: [unrecordedFinalizer] }, spec: { ...spec, activeDeadlineSeconds } };
}

// A void Job never runs; should a person resume it by hand, even then it changes nothing.
const inertArgv = ['version', '--client'];

/** The Job that holds the name, so that no slow request can act under it after the verdict: suspended, and free to be deleted. */
export function buildVoidJob(execution: KubernetesExecution, image: string, reason: string): KubernetesObject {
  const { actionType } = execution.spec;
  const container = { serviceAccount: serviceAccountName(actionType), image, argv: inertArgv, files: {} };
  const { metadata, spec, ...outline } = outlineOf(execution, actionType, container);
  return { ...outline, metadata: { ...metadata, annotations: { [voidAnnotation]: reason } }, spec: { ...spec, suspend: true } };
}

function outlineOf(execution: KubernetesExecution, action: string, container: Container) {
  const { apiVersion, kind, name, namespace } = jobKeyOf(execution);
  const labels = labelsOf(execution, action);
  const files = fileAnnotations(container);
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, ownerReferences: [ownerReferenceTo(execution)] },
    spec: {
      backoffLimit: 0,
      template: { metadata: { labels, ...(Object.keys(files).length > 0 && { annotations: files }) }, spec: podSpecOf(container) },
    },
  };
}

/** On the pods too, which the Job controller makes: the kernel stamps only what we create ourselves. */
function labelsOf(execution: KubernetesExecution, action: string): Readonly<Record<string, string>> {
  const { name, uid } = execution.metadata;
  const request = labelValue(correlationOf(execution).requestName);
  return {
    [managedByLabel]: fieldManager,
    [executionLabelKey]: executionLabel(name, uid),
    [actionLabel]: dashed(action),
    ...(request !== '' && { [remediationRequestLabel]: request }),
  };
}
