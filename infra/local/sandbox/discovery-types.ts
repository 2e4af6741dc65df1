import type { ResourceType } from './resource-types.ts';

/** A resource that is asked and never stored, as discovery lists it. */
export type DiscoveredType = Pick<ResourceType, 'group' | 'version' | 'kind' | 'plural' | 'singular' | 'shortNames' | 'categories' | 'namespaced' | 'verbs'> & {
  readonly subresources: readonly string[];
};

const virtualTypes: readonly DiscoveredType[] = ['SelfSubjectAccessReview', 'SubjectAccessReview'].map((kind) => ({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: false,
  subresources: [],
  verbs: ['create'],
}));

export function withVirtualTypes(types: readonly ResourceType[]): readonly DiscoveredType[] {
  return [...types, ...virtualTypes];
}

export interface DiscoveredSubresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** A subresource often answers another kind than its resource. */
export function subresourcesOf({ group, version, kind, subresources }: DiscoveredType): readonly DiscoveredSubresource[] {
  const own = { group, version, kind };
  const replacing = ['get', 'patch', 'update'];
  return subresources.map((name) => {
    switch (name) {
      case 'scale':
        return { name, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: replacing };
      case 'token':
        return { name, group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] };
      case 'eviction':
        return { name, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] };
      case 'log':
        return { name, ...own, verbs: ['get'] };
      default:
        return { name, ...own, verbs: replacing };
    }
  });
}
