import { isProtectedNamespace, protectedNamespaces, traceparentAnnotation } from '../../../shared/api/labels.ts';
import type { RequestSpec } from '../../../shared/api/remediation-request.ts';
import { stringsAt } from '../../../shared/kubernetes/unstructured.ts';
import { firstOf } from '../../../shared/planning/graph.ts';
import type { Settings } from '../settings.ts';
import { forbidden, invalid, type Denied } from './decision.ts';
import { isOurKey } from './owned-metadata.ts';
import { annotationsByHand, labelsByHand } from './request-metadata.ts';
import type { Review } from './review.ts';

type Check = (spec: RequestSpec, review: Review, settings: Settings) => Denied | null;

const checks: readonly Check[] = [sourceIsClaimed, clusterIsUnknown, targetIsProtected, metadataIsClaimed];

/** What a person may not ask for; an alert that says the same is kept, and fails with a reason. */
export function requestByHandFault(spec: RequestSpec, review: Review, settings: Settings): Denied | null {
  return firstOf(checks, (check) => check(spec, review, settings));
}

function sourceIsClaimed({ source }: RequestSpec): Denied | null {
  if (source === 'manual') return null;
  return forbidden('spec.source', `is ${source}, and this request is made by hand`, 'leave it out, or set it to manual');
}

function clusterIsUnknown({ targetCluster }: RequestSpec, _review: Review, { cluster }: Settings): Denied | null {
  if (targetCluster === cluster) return null;
  return invalid('spec.targetCluster', `unknown cluster "${targetCluster}"`, `set it to "${cluster}", the cluster that this installation acts on`);
}

function targetIsProtected({ target }: RequestSpec, _review: Review, { namespace }: Settings): Denied | null {
  const within = target?.kind === 'Namespace' ? target.name : target?.namespace;
  if (within === undefined || (within !== namespace && !isProtectedNamespace(within))) return null;
  const all = [...new Set([...protectedNamespaces, namespace])].join(', ');
  return invalid('spec.target.namespace', `must be none of ${all}: ${within} is protected`, 'do by hand what must be done there');
}

/** Mutation has filled in what is missing; another value under one of our keys would tell of another request, or of another person. */
function metadataIsClaimed(spec: RequestSpec, { object, name, user }: Review): Denied | null {
  const ours = {
    labels: labelsByHand(spec, name),
    annotations: { ...annotationsByHand(spec, user), [traceparentAnnotation]: stringsAt(object, 'metadata', 'annotations')[traceparentAnnotation] },
  };
  return firstOf(['labels', 'annotations'] as const, (map) => {
    const claimed = Object.entries(stringsAt(object, 'metadata', map)).find(
      ([key, value]) => isOurKey(key) && (ours[map] as Readonly<Record<string, string | undefined>>)[key] !== value,
    );
    return claimed === undefined ? null : forbidden(`metadata.${map}[${claimed[0]}]`, 'is written by kubernaut itself', 'leave it out');
  });
}
