/** JSON as it comes from the API and goes back to it. `undefined` is an absent field: JSON.stringify leaves it out. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** The same shape, readonly all the way down: what a parsed resource is to everybody who only looks at it. */
export type Immutable<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Immutable<Item>[]
    : string extends keyof T
      ? { readonly [Key in keyof T]: T[Key] } // maps hold scalars or JSON, which is readonly already
      : { readonly [Key in keyof T]: Immutable<T[Key]> };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const encoder = new TextEncoder();

/** Size in UTF-8, the measure of every bound in bytes. */
export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** No code unit takes more than three bytes, so that most texts are known to fit without being encoded. */
export function isWithinBytes(text: string, bytesMax: number): boolean {
  return text.length * 3 <= bytesMax || bytesOf(text) <= bytesMax;
}

export function isWithinJsonBytes(value: unknown, bytesMax: number): boolean {
  return isWithinBytes(JSON.stringify(value) ?? '', bytesMax);
}

export function jsonBytesOf(value: unknown): number {
  return bytesOf(JSON.stringify(value) ?? '');
}
