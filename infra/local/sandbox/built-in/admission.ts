import type { JsonObject } from '../../../../shared/api/json.ts';
import type { Admitted, ProposedWrite } from '../extension.ts';
import { jsonOf, kubernetesObject } from '../object.ts';
import { defaultsOfKind, initialStatusOfKind } from './defaults.ts';
import { checksOfKind } from './validation.ts';
import { withDecodedSecret } from './secret.ts';

/** Defaults and validation of the built-in kinds. A write of the status is not looked into. */
export function admitBuiltIn({ type, object, old, subresource }: ProposedWrite): Admitted {
  if (subresource === 'status') return { kind: 'admitted', object };
  const decoded = type.kind === 'Secret' ? withDecodedSecret(jsonOf(object)) : jsonOf(object);
  const complete = withInitialStatus(type.kind, (defaultsOfKind[type.kind] ?? unchanged)(decoded), old === null);
  const causes = checksOfKind[type.kind]?.(complete, old === null ? null : jsonOf(old)) ?? [];
  return causes.length > 0 ? { kind: 'invalid', causes } : { kind: 'admitted', object: kubernetesObject(complete) };
}

function unchanged(object: JsonObject): JsonObject {
  return object;
}

function withInitialStatus(kind: string, object: JsonObject, isNew: boolean): JsonObject {
  const status = initialStatusOfKind[kind];
  return isNew && status !== undefined && object['status'] === undefined ? { ...object, status } : object;
}
