import type { PolicyRule } from '../../shared/kubernetes/ports.ts';

interface Grant {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  /** Sorted; absent: any name. */
  readonly names: readonly string[] | undefined;
}

/** The same permissions, each said once and in one order, so that a generated file changes only when a permission does. */
export function mergedRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const grants = rules.flatMap(grantsOf);
  const byResource = collect(grants, ({ group, resource, names }) => JSON.stringify([group, resource, names]));
  const perResource = byResource.map((same) => ({ ...first(same), verbs: unique(same.map(({ verb }) => verb)) }));
  const byVerbs = collect(perResource, ({ group, verbs, names }) => JSON.stringify([group, verbs, names]));
  const merged = byVerbs.map((same): PolicyRule => {
    const { group, verbs, names } = first(same);
    return { apiGroups: [group], resources: unique(same.map(({ resource }) => resource)), ...(names !== undefined && { resourceNames: names }), verbs };
  });
  return merged.toSorted((a, b) => compare(sortKey(a), sortKey(b)));
}

/** What these grant and the wider ones do not: what holds in every namespace needs no second word for one of them. */
export function rulesBeyond(rules: readonly PolicyRule[], wider: readonly PolicyRule[]): readonly PolicyRule[] {
  const held = wider.flatMap(grantsOf);
  const isHeld = ({ group, resource, verb }: Grant): boolean =>
    held.some((grant) => grant.names === undefined && grant.group === group && grant.resource === resource && grant.verb === verb);
  const beyond = rules.flatMap(grantsOf).filter((grant) => !isHeld(grant));
  return beyond.map(({ group, resource, verb, names }) => ({
    apiGroups: [group],
    resources: [resource],
    ...(names !== undefined && { resourceNames: names }),
    verbs: [verb],
  }));
}

function sortKey({ apiGroups, resources, verbs, resourceNames = [] }: PolicyRule): string {
  return JSON.stringify([apiGroups, resources, verbs, resourceNames]);
}

function grantsOf({ apiGroups, resources, verbs, resourceNames }: PolicyRule): readonly Grant[] {
  const names = resourceNames === undefined ? undefined : unique(resourceNames);
  return apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb, names }))));
}

function collect<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly [Item, ...Item[]][] {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function first<Item>([item]: readonly [Item, ...Item[]]): Item {
  return item;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted(compare);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
