import * as z from 'zod';
import type { Immutable } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ObjectKey } from '../../../shared/kubernetes/ports.ts';

const ownerReferenceSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
  blockOwnerDeletion: z.boolean().optional(),
});

const stringMap = z.record(z.string(), z.string()).default({});

/** Metadata as the API has stored it, absent maps and lists filled in. */
export const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.int().default(1),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  deletionGracePeriodSeconds: z.int().optional(),
  labels: stringMap,
  annotations: stringMap,
  finalizers: z.array(z.string()).default([]),
  ownerReferences: z.array(ownerReferenceSchema).default([]),
});
type StoredMetadata = Immutable<z.infer<typeof metadataSchema>>;

export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: StoredMetadata;
}

export const selectorSchema = z.object({
  matchLabels: stringMap,
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']), values: z.array(z.string()).default([]) }))
    .default([]),
});
export type Selector = Immutable<z.infer<typeof selectorSchema>>;

/** A pod template goes from parent to child as it is; only its labels and annotations are looked into. */
export const templateSchema = z.looseObject({
  metadata: z.looseObject({ labels: stringMap, annotations: stringMap }).default({ labels: {}, annotations: {} }),
  spec: z.looseObject({}),
});
export type PodTemplate = Immutable<z.infer<typeof templateSchema>>;

/** The object as one kind's view sees it; null when it is not what the kind says, which only a stranger's write can cause. */
export function readObject<View>(schema: z.ZodType<View>, object: KubernetesObject): View | null {
  const known = readingsOf(schema).get(object.metadata);
  if (known !== undefined && isSame(known.object, object)) return known.view;
  const parsed = schema.safeParse(object);
  const view = parsed.success ? parsed.data : null;
  if (Object.isFrozen(object.metadata)) readingsOf(schema).set(object.metadata, { object, view });
  return view;
}

interface Reading<View> {
  readonly object: KubernetesObject;
  readonly view: View | null;
}

/** By schema, what its views of stored objects are. The sandbox stores each version frozen and hands out the very members again, and a list of a thousand pods is read at every change of one of them. */
const readings = new WeakMap<z.ZodType, WeakMap<object, Reading<unknown>>>();

function readingsOf<View>(schema: z.ZodType<View>): WeakMap<object, Reading<View>> {
  const kept = (readings.get(schema) ?? new WeakMap()) as WeakMap<object, Reading<View>>;
  readings.set(schema, kept);
  return kept;
}

/** Of the same members: a list wraps them anew each time. Frozen metadata alone would do for what a store made, but not for what somebody spread. */
function isSame(known: KubernetesObject, object: KubernetesObject): boolean {
  const names = Object.keys(known);
  return names.length === Object.keys(object).length && names.every((name) => known[name] === object[name]);
}

export function readObjects<View>(schema: z.ZodType<View>, objects: readonly KubernetesObject[]): readonly View[] {
  return objects.map((object) => readObject(schema, object)).filter((view) => view !== null);
}

export function keyOf({ apiVersion, kind, metadata: { name, namespace } }: StoredObject): ObjectKey & { readonly namespace: string } {
  return { apiVersion, kind, name, namespace };
}

/** For an Event's involvedObject. */
export function regarding(object: StoredObject): ObjectKey & { readonly uid: string } {
  const { namespace, ...key } = keyOf(object);
  return { ...key, ...(namespace !== '' && { namespace }), uid: object.metadata.uid };
}

export function isControlledBy({ metadata }: Pick<StoredObject, 'metadata'>, owner: StoredObject): boolean {
  return metadata.ownerReferences.some(({ controller, uid }) => controller === true && uid === owner.metadata.uid);
}

/** Is this set of labels one that the selector means? */
export function selects({ matchLabels, matchExpressions }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every((expression) => holdsFor(expression, labels));
}

function holdsFor({ key, operator, values }: Selector['matchExpressions'][number], labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** `app=payment-api,tier in (a,b),!canary`: a selector as a query says it. */
export function selectorText({ matchLabels, matchExpressions }: Selector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...labels, ...matchExpressions.map(expressionText)].join(',');
}

function expressionText({ key, operator, values }: Selector['matchExpressions'][number]): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}
