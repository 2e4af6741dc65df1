import { decidedAtAnnotation, decidedByAnnotation, planDigestAnnotation } from '../../../shared/api/labels.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { instantSchema, secondsBetween, type Instant } from '../../../shared/api/time.ts';
import { stringsAt } from '../../../shared/kubernetes/unstructured.ts';

export type Annotations = Readonly<Record<string, string>>;
/** Who decided, when, and on which plan: the annotations by their keys. Empty where no decision stands. */
export type Stamps = Annotations;

export const stampKeys = [decidedByAnnotation, decidedAtAnnotation, planDigestAnnotation] as const;

// The mutating review stamped a moment ago; what lies between is other webhooks, and an API server that waits at most 34 s for all of them.
const ageSecondsMax = 60;

export function annotationsOf(object: unknown): Annotations {
  return stringsAt(object, 'metadata', 'annotations');
}

export function newStamps(user: string, at: Instant, digest: string): Stamps {
  return { [decidedByAnnotation]: user, [decidedAtAnnotation]: at, [planDigestAnnotation]: digest };
}

export function stampsOf(annotations: Annotations): Stamps {
  return Object.fromEntries(stampKeys.flatMap((key) => (annotations[key] === undefined ? [] : [[key, annotations[key]]])));
}

/** The first stamp that differs; undefined where all are the same. */
export function differingStamp(a: Stamps, b: Stamps): (typeof stampKeys)[number] | undefined {
  return stampKeys.find((key) => a[key] !== b[key]);
}

/** As `differingStamp`, for stamps that are new: between the two reviews of one request a clock moves on. */
export function differingNewStamp(found: Stamps, wanted: Stamps): (typeof stampKeys)[number] | undefined {
  const differing = stampKeys.find((key) => key !== decidedAtAnnotation && found[key] !== wanted[key]);
  return differing ?? (isNear(found[decidedAtAnnotation], wanted[decidedAtAnnotation]) ? undefined : decidedAtAnnotation);
}

function isNear(found: string | undefined, wanted: string | undefined): boolean {
  if (found === undefined || wanted === undefined) return found === wanted;
  return instantSchema.safeParse(found).success && Math.abs(secondsBetween(found, wanted)) <= ageSecondsMax;
}

/** The object with these stamps and no others. */
export function withStamps(object: JsonObject, stamps: Stamps): JsonObject {
  const metadata = object['metadata'] as JsonObject;
  const others = Object.entries(annotationsOf(object)).filter(([key]) => !stampKeys.some((stamp) => stamp === key));
  return { ...object, metadata: { ...metadata, annotations: { ...Object.fromEntries(others), ...stamps } } };
}
