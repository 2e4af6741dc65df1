import { canonicalJson, sha256Hex } from '../../../shared/api/digest.ts';
import { ownerReferenceTo, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { isAfter } from '../../../shared/api/time.ts';
import {
  desiredReplicasAnnotation,
  leewayOf,
  maxReplicasAnnotation,
  revisionAnnotation,
  revisionHistoryAnnotation,
  templateHashLabel,
  type Deployment,
} from './deployment.ts';
import { replicaSetKind, type ReplicaSet } from './replica-set.ts';
import type { PodTemplate } from './stored-object.ts';

/** A Deployment's ReplicaSets, told apart. */
export interface Generations {
  /** The one that has the Deployment's own template. */
  readonly current: ReplicaSet | undefined;
  /** The oldest first. */
  readonly old: readonly ReplicaSet[];
}

export function generationsOf(deployment: Deployment, replicaSets: readonly ReplicaSet[]): Generations {
  const byAge = replicaSets.toSorted((a, b) => ageOrder(a, b));
  const wanted = templateText(deployment.spec.template);
  const current = byAge.find(({ spec }) => templateText(spec.template) === wanted);
  return { current, old: byAge.filter((replicaSet) => replicaSet !== current) };
}

/** Older first; by name among those of one second. */
export function ageOrder(a: ReplicaSet, b: ReplicaSet): number {
  if (isAfter(a.metadata.creationTimestamp, b.metadata.creationTimestamp)) return 1;
  if (isAfter(b.metadata.creationTimestamp, a.metadata.creationTimestamp)) return -1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

const letters = 'bcdfghjklmnpqrstvwxz2456789'; // as for pod names: no vowels
const hashLength = 10;

/** Stands for the template in the names and labels of what is made from it. */
function templateHash(template: PodTemplate): string {
  const digest = sha256Hex(templateText(template));
  return Array.from({ length: hashLength }, (_, index) => letters.charAt(Number.parseInt(digest.slice(index * 2, index * 2 + 2), 16) % letters.length)).join(
    '',
  );
}

function templateText(template: PodTemplate): string {
  const labels = Object.fromEntries(Object.entries(template.metadata.labels).filter(([key]) => key !== templateHashLabel));
  return canonicalJson({ ...template, metadata: { ...template.metadata, labels } });
}

export function revisionOf({ metadata }: ReplicaSet): number {
  const revision = Number(metadata.annotations[revisionAnnotation] ?? '0');
  return Number.isSafeInteger(revision) ? revision : 0;
}

/** The present template is the youngest revision: a rollback gives an old ReplicaSet a new number. */
export function currentRevision({ current, old }: Generations): number {
  const past = Math.max(0, ...old.map(revisionOf));
  return Math.max(past + 1, current === undefined ? 0 : revisionOf(current));
}

const notCarried = [
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
];

/** What the current ReplicaSet is to be annotated with; `kubectl rollout history` and `undo` read it there. */
export function currentAnnotations(deployment: Deployment, generations: Generations): Readonly<Record<string, string>> {
  const carried = Object.entries(deployment.metadata.annotations).filter(([key]) => !notCarried.includes(key));
  const revision = String(currentRevision(generations));
  const before = generations.current?.metadata.annotations ?? {};
  const outgrown = before[revisionAnnotation];
  const history = [before[revisionHistoryAnnotation], outgrown].filter((text) => text !== undefined && text !== '').join(',');
  return {
    ...Object.fromEntries(carried),
    [revisionAnnotation]: revision,
    ...(outgrown !== undefined && outgrown !== revision && { [revisionHistoryAnnotation]: history }),
  };
}

/** By these a ReplicaSet knows what its share was when the Deployment is scaled in the middle of a rollout. */
export function scaleAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  const { replicas } = deployment.spec;
  return { [desiredReplicasAnnotation]: String(replicas), [maxReplicasAnnotation]: String(replicas + leewayOf(deployment).surge) };
}

export function replicaSetFor(deployment: Deployment, generations: Generations, replicas: number): KubernetesObject {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = { [templateHashLabel]: templateHash(template) };
  const labels = { ...template.metadata.labels, ...hash };
  const expressions = selector.matchExpressions.length > 0 && { matchExpressions: selector.matchExpressions };
  return {
    ...replicaSetKind,
    metadata: {
      name: `${deployment.metadata.name}-${hash[templateHashLabel]}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...currentAnnotations(deployment, generations), ...scaleAnnotations(deployment) },
      ownerReferences: [ownerReferenceTo(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds > 0 && { minReadySeconds }),
      selector: { matchLabels: { ...selector.matchLabels, ...hash }, ...expressions },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
