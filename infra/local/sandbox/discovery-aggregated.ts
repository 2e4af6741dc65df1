import type { JsonObject } from '../../../shared/api/json.ts';
import { subresourcesOf, type DiscoveredType } from './discovery-types.ts';

/** kubectl since 1.27 asks for this form first; answered, it asks nothing more. */
export function wantsAggregated(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => /\bas=APIGroupDiscoveryList\b/.test(range) && /\bv=v2\b/.test(range));
}

/** One document for every group and version, in the order in which types were registered: kubectl takes the first for a short name. */
export function aggregatedDiscovery(types: readonly DiscoveredType[]): JsonObject {
  const groups = [...Map.groupBy(types, ({ group }) => group)];
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(([name, ofGroup]) => ({ metadata: { name, creationTimestamp: null }, versions: versionsOf(ofGroup) })),
  };
}

function versionsOf(types: readonly DiscoveredType[]): readonly JsonObject[] {
  const versions = [...Map.groupBy(types, ({ version }) => version)];
  return versions.map(([version, ofVersion]) => ({ version, resources: ofVersion.map(resourceOf), freshness: 'Current' }));
}

function resourceOf(type: DiscoveredType): JsonObject {
  const { plural, singular, namespaced, verbs, shortNames, categories } = type;
  const subresources = subresourcesOf(type);
  return {
    resource: plural,
    responseKind: kindOf(type),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources: subresources.map((sub) => ({ subresource: sub.name, responseKind: kindOf(sub), verbs: sub.verbs })) }),
  };
}

function kindOf({ group, version, kind }: Pick<DiscoveredType, 'group' | 'version' | 'kind'>): JsonObject {
  return { group, version, kind };
}
