import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';

const omittedWhenEmpty = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/** Without empty maps and lists, which an API server never shows, and without managedFields and selfLink, which are not kept here. */
export function tidyMetadata(metadata: JsonObject): JsonObject {
  const { managedFields: _managedFields, selfLink: _selfLink, ...kept } = metadata;
  return Object.fromEntries(Object.entries(kept).filter(([member, value]) => !omittedWhenEmpty.includes(member) || !isEmpty(value)));
}

export function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}
