import type { JsonObject } from '../../../shared/api/json.ts';
import { subresourcesOf, type DiscoveredType } from './discovery-types.ts';
import { apiVersionOf } from './resource-types.ts';

/** `/api` */
export function apiVersions(): JsonObject {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** `/apis` */
export function apiGroupList(types: readonly DiscoveredType[]): JsonObject {
  const names = new Set(types.map(({ group }) => group).filter((group) => group !== ''));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...names].map((name) => groupOf(types, name)) };
}

/** `/apis/apps`; null for a group that is not served. */
export function apiGroup(types: readonly DiscoveredType[], group: string): JsonObject | null {
  return types.some((type) => type.group === group) ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(types, group) } : null;
}

/** `/apis/apps/v1`, `/api/v1`; null for a version that is not served. */
export function apiResourceList(types: readonly DiscoveredType[], group: string, version: string): JsonObject | null {
  const served = types.filter((type) => type.group === group && type.version === version);
  if (served.length === 0) return null;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources: served.flatMap(resourcesOf) };
}

function groupOf(types: readonly DiscoveredType[], name: string): JsonObject {
  const versions = new Set(types.filter(({ group }) => group === name).map(({ version }) => version));
  const served = [...versions].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  const [preferredVersion] = served;
  return { name, versions: served, ...(preferredVersion !== undefined && { preferredVersion }) };
}

function resourcesOf(type: DiscoveredType): readonly JsonObject[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = type;
  const resource = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
  };
  const subresources = subresourcesOf(type).map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: '',
    namespaced,
    group: sub.group,
    version: sub.version,
    kind: sub.kind,
    verbs: sub.verbs,
  }));
  return [resource, ...subresources];
}
