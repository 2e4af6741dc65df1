import { namespaceLabels, targetLabels, targetOf } from '../../../shared/api/alert-target.ts';
import { jsonBytesOf } from '../../../shared/api/json.ts';
import { isProtectedNamespace } from '../../../shared/api/labels.ts';
import type { RemediationProcessing } from '../../../shared/api/remediation-processing.ts';
import type { AlertTarget } from '../../../shared/api/target.ts';
import { addSeconds, isAfter, type Instant } from '../../../shared/api/time.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { contextOf } from '../context.ts';
import { fail, type Failure } from '../fail.ts';
import type { Ports } from '../ports.ts';
import { isClusterScoped, knownKinds, resolveTarget, type Resolution } from '../resolve.ts';
import type { Settings } from '../settings.ts';
import { readSurroundings, type Surroundings } from '../surroundings.ts';

/** `resolution` null: no such object, or nothing was read because the spec alone forbids it. */
export interface Observed {
  readonly resolution: Resolution | null;
  readonly surroundings: Surroundings | null;
}

const deadlineSeconds = 30;

/** Finds the object at the top of the owner chain and what surrounds it. What the spec alone forbids is never read. */
export function enriching(settings: Settings): Phase<RemediationProcessing, Observed, Ports> {
  return {
    async observe(processing, { cluster }, now) {
      const { target } = processing.spec;
      if (target === undefined || firstViolation(processing, settings) !== null) return { resolution: null, surroundings: null };
      const resolution = await resolveTarget(cluster, target);
      if (resolution === null || leadsToProtected(resolution)) return { resolution, surroundings: null };
      const surroundings = await readSurroundings({ cluster, target: resolution.target, isLate: isAfter(now, deadlineOf(processing) ?? now) });
      return { resolution, surroundings };
    },

    decide(processing, { resolution, surroundings }, now) {
      const violation = firstViolation(processing, settings);
      if (violation !== null) return fail(processing, violation, now);
      const { target } = processing.spec;
      if (target === undefined || resolution === null) return fail(processing, gone(target), now);
      if (leadsToProtected(resolution)) return fail(processing, protectedTarget(resolution.target.metadata.namespace ?? ''), now);
      return { effects: enriched(processing, { target, resolution, surroundings: surroundings ?? nothingRead }, now) };
    },

    deadline: deadlineOf,
  };
}

function deadlineOf({ status }: RemediationProcessing): Instant | null {
  return status?.phaseStartTime === undefined ? null : addSeconds(status.phaseStartTime, deadlineSeconds);
}

type Check = (processing: RemediationProcessing, settings: Settings) => Failure | null;

/** What the spec alone tells, in the order of the list of reasons. */
const checks: readonly Check[] = [clusterIsUnknown, targetIsNotNamed, kindIsUnknown, namespaceIsMissing, namespaceIsProtected];

function firstViolation(processing: RemediationProcessing, settings: Settings): Failure | null {
  return checks.map((check) => check(processing, settings)).find((violation) => violation !== null) ?? null;
}

function clusterIsUnknown({ spec }: RemediationProcessing, { cluster }: Settings): Failure | null {
  if (spec.targetCluster === cluster) return null;
  return { reason: 'unknown_cluster', message: `the labels kubernaut.io/cluster or cluster name "${spec.targetCluster}", and only "${cluster}" is registered` };
}

function targetIsNotNamed({ spec }: RemediationProcessing): Failure | null {
  if (spec.target !== undefined) return null;
  const { passedOver } = targetOf(spec.alert.labels);
  const wrong = passedOver.length === 0 ? '' : `; passed over, because the value is no Kubernetes name: ${passedOver.join(', ')}`;
  return { reason: 'target_not_found', message: `no label of the alert names a target; looked for ${targetLabels.join(', ')}${wrong}` };
}

function kindIsUnknown({ spec }: RemediationProcessing): Failure | null {
  const kind = spec.target?.kind ?? '';
  if (knownKinds.includes(kind)) return null;
  return { reason: 'target_not_found', message: `kind "${kind}" cannot be remediated; known are ${knownKinds.join(', ')}` };
}

function namespaceIsMissing({ spec }: RemediationProcessing): Failure | null {
  const { kind = '', name = '', namespace } = spec.target ?? {};
  if (isClusterScoped(kind) || namespace !== undefined) return null;
  return { reason: 'target_not_found', message: `no label of the alert names the namespace of ${kind} ${name}; looked for ${namespaceLabels.join(', ')}` };
}

function namespaceIsProtected({ spec }: RemediationProcessing): Failure | null {
  const namespace = spec.target?.namespace ?? '';
  return isProtectedNamespace(namespace) ? protectedTarget(namespace) : null;
}

function leadsToProtected({ target }: Resolution): boolean {
  return isProtectedNamespace(target.metadata.namespace ?? '');
}

function protectedTarget(namespace: string): Failure {
  return { reason: 'protected_namespace', message: `namespace ${namespace} is protected: nothing in it is ever changed` };
}

function gone(target: AlertTarget | undefined): Failure {
  const { kind = '', name = '', namespace } = target ?? {};
  return { reason: 'target_not_found', message: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} does not exist` };
}

const nothingRead: Surroundings = { pods: [], events: [], replicaSets: [], autoscalers: [], budgets: [], quotas: [], node: null, missing: [] };

interface Enriched {
  readonly target: AlertTarget;
  readonly resolution: Resolution;
  readonly surroundings: Surroundings;
}

function enriched(processing: RemediationProcessing, { target, resolution, surroundings }: Enriched, now: Instant) {
  const { missing } = surroundings;
  const { apiVersion, kind, metadata } = resolution.target;
  const isDegraded = missing.length > 0;
  const sources = missing.map(({ source }) => source).join(', ');
  const context = contextOf(resolution.target, surroundings);
  return transition(
    processing,
    {
      to: 'classifying',
      status: {
        resolvedTarget: {
          apiVersion,
          kind,
          name: metadata.name,
          ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
          uid: metadata.uid ?? '',
          ...(target.container !== undefined && { container: target.container }),
          ownerChain: resolution.chain.map((ref) => ({ ...ref })),
        },
        kubernetesContext: context,
        contextQuality: isDegraded ? 'degraded' : 'complete',
        missing: missing.slice(0, 16).map((each) => ({ ...each })),
      },
      conditions: [
        isDegraded
          ? { type: 'ContextComplete', status: 'False', reason: 'ContextDegraded', message: `not read: ${sources}` }
          : { type: 'ContextComplete', status: 'True', reason: 'AllSourcesRead', message: `${jsonBytesOf(context)} bytes` },
      ],
      ...(isDegraded && { event: { type: 'Warning', reason: 'ContextDegraded', message: `Could not read ${sources}` } }),
    },
    now,
  );
}
