import type * as z from 'zod';
import { isJsonObject } from './json.ts';
import type { KubernetesObject, StoredMeta } from './object-ref.ts';

/** A stored resource of ours. `status` is absent until something was written to it. */
export type Resource<Kind extends string, Spec, Status> = {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: StoredMeta;
  readonly spec: Spec;
  readonly status?: Status;
};

/** The object is not what its kind's schema says. `field` is the path to the first mistake. */
export class InvalidResourceError extends Error {
  override readonly name = 'InvalidResourceError';
  readonly field: string;

  constructor(kind: string, field: string, detail: string, cause?: unknown) {
    super(`reading ${kind}: ${field}: ${detail}`, { cause });
    this.field = field;
  }
}

interface Shape<Kind extends string, Spec, Status> {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly specSchema: z.ZodType<Spec>;
  readonly statusSchema: z.ZodType<Status>;
}

/**
 * The object with its defaults filled in, checked against its schema. Fields that the schema does not know stay where they are.
 * Never write the result back as a whole: it holds defaults that nobody set. Throws InvalidResourceError.
 */
export function parseResource<Kind extends string, Spec, Status>(
  object: KubernetesObject,
  { apiVersion, kind, specSchema, statusSchema }: Shape<Kind, Spec, Status>,
): Resource<Kind, Spec, Status> {
  if (object.kind !== kind) throw new InvalidResourceError(kind, 'kind', `is ${object.kind}`);
  if (object.apiVersion !== apiVersion) throw new InvalidResourceError(kind, 'apiVersion', `is ${object.apiVersion}, expected ${apiVersion}`);
  const spec = view(specSchema, object['spec'], { kind, field: 'spec' });
  const status = object['status'] === undefined ? undefined : view(statusSchema, object['status'], { kind, field: 'status' });
  return { ...object, apiVersion, kind, metadata: storedMeta(object, kind), spec, ...(status !== undefined && { status }) };
}

function storedMeta({ metadata }: KubernetesObject, kind: string): StoredMeta {
  const { namespace, uid, resourceVersion } = metadata;
  if (namespace === undefined) throw new InvalidResourceError(kind, 'metadata.namespace', 'is absent');
  if (uid === undefined) throw new InvalidResourceError(kind, 'metadata.uid', 'is absent');
  if (resourceVersion === undefined) throw new InvalidResourceError(kind, 'metadata.resourceVersion', 'is absent');
  return { ...metadata, namespace, uid, resourceVersion };
}

function view<Part>(schema: z.ZodType<Part>, value: unknown, place: { readonly kind: string; readonly field: string }): Part {
  const parsed = schema.safeParse(value);
  if (parsed.success) return overlay(value, parsed.data) as Part; // the parsed shape plus what the schema does not know
  const [issue] = parsed.error.issues;
  throw new InvalidResourceError(place.kind, fieldPath([place.field, ...(issue?.path ?? [])]), issue?.message ?? 'is not valid', parsed.error);
}

/** `spec.workflowDefinition.steps[1].parameters`: a path as an operator writes it. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`), '');
}

function overlay(raw: unknown, parsed: unknown): unknown {
  if (raw === parsed || typeof parsed !== 'object') return parsed;
  if (Array.isArray(raw) && Array.isArray(parsed)) return parsed.map((item: unknown, index) => overlay(raw[index], item));
  if (!isJsonObject(raw) || !isJsonObject(parsed)) return parsed;
  const whole: Record<string, unknown> = { ...raw };
  for (const key of Object.keys(parsed)) whole[key] = overlay(raw[key], parsed[key]);
  return whole;
}
