import { targetOf } from '../../../shared/api/alert-target.ts';
import { compiled } from '../../../shared/api/compiled.ts';
import { alertFingerprint } from '../../../shared/api/digest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { requestSpecSchema } from '../../../shared/api/remediation-request.ts';
import type { AlertTarget } from '../../../shared/api/target.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { mapAt, stringAt, stringsAt } from '../../../shared/kubernetes/unstructured.ts';
import { annotationsByHand, labelsByHand } from './request-metadata.ts';
import type { Review } from './review.ts';

const specSchema = compiled(requestSpecSchema);

/**
 * A request made by hand as if an alert had made it. What the person wrote stays, so that the same manifest can be applied again; what
 * is of the wrong type stays too, and the definition refuses it by name.
 */
export function completeRequest({ object, name, user }: Review, now: Instant): JsonObject {
  const given = object['spec'];
  if (!isJsonObject(given)) return object;
  const spec = completeSpec(given, now);
  const parsed = specSchema().safeParse(spec);
  if (!parsed.success) return { ...object, spec };
  const metadata = {
    ...(mapAt(object, 'metadata') as JsonObject),
    labels: { ...labelsByHand(parsed.data, name), ...stringsAt(object, 'metadata', 'labels') },
    annotations: { ...annotationsByHand(parsed.data, user), ...stringsAt(object, 'metadata', 'annotations') },
  };
  return { ...object, metadata, spec };
}

function completeSpec(given: JsonObject, now: Instant): JsonObject {
  const labels = stringsAt(given, 'alertLabels');
  const target = given['target'] ?? targetOf(labels).target;
  const alertName = filled(given['alertName']) ?? filled(labels['alertname']) ?? 'unknown';
  return {
    source: 'manual',
    firingTime: now,
    receivedTime: now,
    ...given,
    alertName,
    ...(target !== null && { target }),
    alertFingerprint: filled(given['alertFingerprint']) ?? fingerprintOf(labels, stringAt({ alertName }, 'alertName') ?? '', target),
  };
}

/** The labels that an alert about this target would have: two requests by hand for one target and cause are the same alert. */
function fingerprintOf(labels: Readonly<Record<string, string>>, alertName: string, target: JsonValue | AlertTarget): string {
  const kind = stringAt(target, 'kind')?.toLowerCase();
  const name = stringAt(target, 'name');
  const namespace = stringAt(target, 'namespace');
  return alertFingerprint('manual', {
    alertname: alertName,
    ...(namespace !== null && { namespace }),
    ...(kind !== undefined && name !== null && { [kind]: name }),
    ...labels,
  });
}

function filled(value: JsonValue | undefined): JsonValue | undefined {
  return value === '' || value === null ? undefined : value;
}
