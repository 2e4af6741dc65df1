import type { JsonObject } from '../../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../../shared/api/object-ref.ts';
import type { Admitted, ProposedWrite } from '../extension.ts';
import { jsonOf, kubernetesObject, objectAt, stringAt } from '../object.ts';
import { defaultsOfKind, initialStatusOfKind } from './defaults.ts';
import { filled, mapped, mappedItems } from './filled.ts';
import { qualityOf } from './pod-quality.ts';
import { withDecodedSecret } from './secret.ts';
import { checksOfKind } from './validation.ts';

/** Defaults and validation of the built-in kinds. Of a status nothing is refused. */
export function admitBuiltIn({ type, object, old, subresource }: ProposedWrite): Admitted {
  if (subresource === 'status') return { kind: 'admitted', object: kubernetesObject(withZeroTimes(jsonOf(object))) };
  const decoded = type.kind === 'Secret' ? withDecodedSecret(jsonOf(object)) : jsonOf(object);
  const complete = withInitialStatus(type.kind, (defaultsOfKind[type.kind] ?? unchanged)(decoded), old === null);
  const causes = checksOfKind[type.kind]?.(complete, old === null ? null : jsonOf(old)) ?? [];
  return causes.length > 0 ? { kind: 'invalid', causes } : { kind: 'admitted', object: kubernetesObject(complete) };
}

/** With the defaults of its kind, which a status has none of. */
export function shapedBuiltIn({ type, object, subresource }: Pick<ProposedWrite, 'type' | 'object' | 'subresource'>): KubernetesObject {
  return subresource === '' ? kubernetesObject((defaultsOfKind[type.kind] ?? unchanged)(jsonOf(object))) : object;
}

const withProbeTimes = new Set(['Pod', 'Job']);

/** Times that nobody gave are null in the conditions of a Pod or Job, where a reader may expect them to be absent. */
function withZeroTimes(object: JsonObject): JsonObject {
  if (!withProbeTimes.has(stringAt(object, 'kind'))) return object;
  return mapped(object, 'status', (status) =>
    mappedItems(status, 'conditions', (condition) => filled(condition, { lastProbeTime: null, lastTransitionTime: null })),
  );
}

function unchanged(object: JsonObject): JsonObject {
  return object;
}

function withInitialStatus(kind: string, object: JsonObject, isNew: boolean): JsonObject {
  const status = kind === 'Pod' ? { phase: 'Pending', qosClass: qualityOf(objectAt(object, 'spec')) } : initialStatusOfKind[kind];
  return isNew && status !== undefined && object['status'] === undefined ? { ...object, status } : object;
}
