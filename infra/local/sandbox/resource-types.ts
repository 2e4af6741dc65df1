/** A column that `kubectl get` prints. Built-in kinds have none here: what they print is computed by the table renderer. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  /** 0: always shown; above: with -o wide. */
  readonly priority: number;
}

export type Subresource = 'status' | 'scale' | 'log' | 'binding' | 'token';

export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
  readonly verbs: readonly string[];
  readonly columns: readonly PrinterColumn[];
  /** Established by a CustomResourceDefinition: validated by its schema, no strategic merge. */
  readonly custom: boolean;
}

/** What this API serves: the built-in types and those that CustomResourceDefinitions establish. */
export interface ResourceTypes {
  /** Built-in types first, then in the order in which they were established. */
  all(): readonly ResourceType[];
  find(group: string, version: string, plural: string): ResourceType | undefined;
  ofKind(apiVersion: string, kind: string): ResourceType | undefined;
  /** Replaces every type of these definitions' group and plural. */
  establish(types: readonly ResourceType[]): void;
  withdraw(group: string, plural: string): void;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** `deployments.apps`, or `pods`: how messages name a resource. */
export function qualifiedName(type: Pick<ResourceType, 'group' | 'plural'>): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

export function resourceTypes(builtIn: readonly ResourceType[]): ResourceTypes {
  let established: readonly ResourceType[] = [];
  const all = (): readonly ResourceType[] => [...builtIn, ...established];
  const withdraw = (group: string, plural: string): void => {
    established = established.filter((type) => type.group !== group || type.plural !== plural);
  };
  return {
    all,
    withdraw,
    find: (group, version, plural) => all().find((type) => type.plural === plural && type.group === group && type.version === version),
    ofKind: (apiVersion, kind) => all().find((type) => type.kind === kind && apiVersionOf(type) === apiVersion),
    establish(types) {
      for (const { group, plural } of types) withdraw(group, plural);
      established = [...established, ...types];
    },
  };
}
