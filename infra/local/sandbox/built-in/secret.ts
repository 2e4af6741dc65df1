import type { JsonObject } from '../../../../shared/api/json.ts';
import { objectAt } from '../object.ts';

/** `stringData` is for writing only: it becomes base64 in `data`. */
export function withDecodedSecret(secret: JsonObject): JsonObject {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  const encoded = Object.entries(objectAt(secret, 'stringData')).map(
    ([key, text]) => [key, typeof text === 'string' ? Buffer.from(text).toString('base64') : text] as const,
  );
  return { ...rest, data: { ...objectAt(secret, 'data'), ...Object.fromEntries(encoded) } };
}
