import type { JsonObject } from '../../../shared/api/json.ts';
import { mergePatchObject } from './merge-patch.ts';

export function strategicMerge(_kind: string, current: JsonObject, patch: JsonObject): JsonObject {
  return mergePatchObject(current, patch);
}
