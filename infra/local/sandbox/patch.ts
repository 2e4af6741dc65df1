import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { PatchType } from '../../../shared/kubernetes/request.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatchObject } from './merge-patch.ts';
import type { ResourceCall } from './resource-call.ts';
import type { ResourceType } from './resource-types.ts';
import { badRequest, unprocessable, unsupportedMediaType } from './status-object.ts';
import { strategicMerge } from './strategic-merge.ts';

/** The object after the patch. `kind` decides how a strategic merge treats lists: a Scale is patched as a Scale. */
export function applyPatch(call: Pick<ResourceCall, 'type' | 'patchType' | 'body'>, kind: string, current: JsonObject): JsonObject {
  const { type, patchType, body } = call;
  switch (patchType) {
    case 'application/json-patch+json':
      return objectFrom(jsonPatch(current, body));
    case 'application/merge-patch+json':
      return mergePatchObject(current, patchObject(body));
    case 'application/strategic-merge-patch+json':
      if (type.custom) throw unsupportedMediaType(acceptedTypes(type));
      return strategicMerge(kind, current, patchObject(body));
    case 'application/apply-patch+yaml':
    case undefined:
    default: // over HTTP anything may be named
      throw unsupportedMediaType(acceptedTypes(type));
  }
}

/** Server-side apply is not here. */
function acceptedTypes({ custom }: ResourceType): readonly PatchType[] {
  const always: readonly PatchType[] = ['application/json-patch+json', 'application/merge-patch+json'];
  return custom ? always : [...always, 'application/strategic-merge-patch+json'];
}

function patchObject(body: JsonValue | undefined): JsonObject {
  if (isJsonObject(body)) return body;
  throw badRequest('error decoding patch: a merge patch is an object with the fields to change');
}

function objectFrom(patched: JsonValue): JsonObject {
  if (isJsonObject(patched)) return patched;
  throw unprocessable();
}
