import { isJsonObject, type JsonValue } from '../api/json.ts';

const replacement = '\uFFFD';

/** As PostgreSQL takes it: no NUL in a text or a jsonb, and no half of a surrogate pair. Both come from outside, in an alert's label or a log. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', replacement);
}

/** The same for every text of a JSON, names of members included. */
export function storableJson(value: JsonValue): JsonValue {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map((item: JsonValue) => storableJson(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [storableText(key), member === undefined ? undefined : storableJson(member)]));
}
