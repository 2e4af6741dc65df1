import { targetHash } from './digest.ts';
import { clusterLabel, targetKindLabel, targetNameLabel } from './labels.ts';
import { isDnsLabel, isDnsSubdomain } from './names.ts';
import type { AlertTarget } from './target.ts';

/** What the labels of an alert say about its target. `passedOver`: labels whose values are no Kubernetes names. */
export interface LabelledTarget {
  readonly target: AlertTarget | null;
  readonly passedOver: readonly string[];
}

/** In this order: the first label that names an object wins, so that a pod is looked at only when nothing names its workload. */
const kindByLabel: readonly (readonly [label: string, kind: string])[] = [
  ['deployment', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['daemonset', 'DaemonSet'],
  ['cronjob', 'CronJob'],
  ['job_name', 'Job'], // never Prometheus' own `job`, which names a scrape configuration
  ['persistentvolumeclaim', 'PersistentVolumeClaim'],
  ['horizontalpodautoscaler', 'HorizontalPodAutoscaler'],
  ['pod', 'Pod'],
  ['node', 'Node'],
];

export const targetLabels: readonly string[] = [`${targetKindLabel} with ${targetNameLabel}`, ...kindByLabel.map(([label]) => label)];
export const namespaceLabels = ['namespace', 'exported_namespace'] as const;

/** Nothing is guessed: without a label the target is null, and a namespaced target without a namespace keeps none. */
export function targetOf(labels: Readonly<Record<string, string>>): LabelledTarget {
  const passedOver: string[] = [];
  const accepted = (label: string, isName: (text: string) => boolean): string | undefined => {
    const value = labels[label];
    if (value === undefined || value === '') return undefined;
    if (isName(value)) return value;
    passedOver.push(label);
    return undefined;
  };
  const named = explicitTarget(labels, accepted) ?? firstLabelled(accepted);
  if (named === null) return { target: null, passedOver };
  const namespace = named.kind === 'Node' ? undefined : namespaceLabels.map((label) => accepted(label, isDnsLabel)).find((value) => value !== undefined);
  const container = accepted('container', isDnsLabel);
  return { target: { ...named, ...(namespace !== undefined && { namespace }), ...(container !== undefined && { container }) }, passedOver };
}

/** Kinds that nothing of the catalogue controls: what the labels name is the target, but for an owner that nobody expects. */
const ownTop = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'PersistentVolumeClaim', 'Node'];

/** The hash of the target as far as the labels tell; processing may find another. Undefined where an owner is likely, or a part is missing. */
export function expectedTargetHash(target: AlertTarget | null, cluster: string): string | undefined {
  if (target === null || !ownTop.includes(target.kind) || (target.kind !== 'Node' && target.namespace === undefined)) return undefined;
  return targetHash({ cluster, namespace: target.namespace, kind: target.kind, name: target.name });
}

/** The cluster that the labels name; undefined: the default one. */
export function targetClusterOf(labels: Readonly<Record<string, string>>): string | undefined {
  return [labels[clusterLabel], labels['cluster']].find((value) => value !== undefined && value !== '');
}

type Accepted = (label: string, isName: (text: string) => boolean) => string | undefined;
type Named = Pick<AlertTarget, 'kind' | 'name'>;

const kindLengthMax = 63;

function explicitTarget(labels: Readonly<Record<string, string>>, accepted: Accepted): Named | null {
  const kind = labels[targetKindLabel];
  if (kind === undefined || !/^[A-Z][A-Za-z0-9]*$/.test(kind) || kind.length > kindLengthMax) return null;
  const name = accepted(targetNameLabel, isDnsSubdomain);
  return name === undefined ? null : { kind, name };
}

function firstLabelled(accepted: Accepted): Named | null {
  for (const [label, kind] of kindByLabel) {
    const name = accepted(label, isDnsSubdomain);
    if (name !== undefined) return { kind, name };
  }
  return null;
}
