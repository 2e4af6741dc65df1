import type { RemediationProcessing } from '../../../shared/api/remediation-processing.ts';
import { addSeconds, isAfter, type Instant } from '../../../shared/api/time.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { Phase } from '../../../shared/reconciler/phase.ts';
import { transition } from '../../../shared/reconciler/transition.ts';
import { classify, priorityOf } from '../classify.ts';
import type { Ports } from '../ports.ts';
import type { Settings } from '../settings.ts';

/** Null: not readable, or not asked because the labels say enough. */
export interface Observed {
  readonly namespaceLabels: Readonly<Record<string, string>> | null;
  readonly environmentMap: Readonly<Record<string, string>> | null;
}

const deadlineSeconds = 10;

/** The operator's table, namespace → environment, in our own namespace. */
const mapName = 'kubernaut-environments';

/** Environment and priority. It never blocks a remediation: what cannot be read in time is unknown, and unknown counts as production. */
export function classifying(settings: Settings): Phase<RemediationProcessing, Observed, Ports> {
  return {
    async observe(processing, { cluster }, now) {
      const name = processing.status?.resolvedTarget?.namespace;
      if (name === undefined) return { namespaceLabels: null, environmentMap: null };
      const isLate = isAfter(now, deadlineOf(processing) ?? now);
      const namespace = await tolerant(isLate, () => cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }));
      const labels = namespace?.metadata.labels ?? {};
      if (classify(name, labels, {}).environmentSource === 'label') return { namespaceLabels: labels, environmentMap: null };
      const map = await tolerant(isLate, () => cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: settings.namespace, name: mapName }));
      return { namespaceLabels: labels, environmentMap: (map?.['data'] ?? null) as Observed['environmentMap'] };
    },

    decide(processing, { namespaceLabels, environmentMap }, now) {
      const { resolvedTarget } = processing.status ?? {};
      const { environment, environmentSource } = classify(resolvedTarget?.namespace ?? '', namespaceLabels ?? {}, environmentMap ?? {});
      const priority = priorityOf(processing.spec.alert.severity, environment);
      const message = `${resolvedTarget?.kind ?? ''} ${resolvedTarget?.name ?? ''} in ${environment}, ${priority}`;
      const audit = { type: 'processing.completed', message, payload: { environment, environmentSource, priority } };
      return { effects: transition(processing, { to: 'completed', status: { environment, environmentSource, priority }, audit }, now) };
    },

    deadline: deadlineOf,
  };
}

function deadlineOf({ status }: RemediationProcessing): Instant | null {
  return status?.phaseStartTime === undefined ? null : addSeconds(status.phaseStartTime, deadlineSeconds);
}

/** A refusal is an answer. Other trouble is thrown while there is time to try again. */
async function tolerant<Found>(isLate: boolean, read: () => Promise<Found | null>): Promise<Found | null> {
  try {
    return await read();
  } catch (error) {
    if (isLate || (error instanceof ApiError && error.status === 403)) return null;
    throw error;
  }
}
