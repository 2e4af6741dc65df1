import type { JsonValue } from '../api/json.ts';

/** SQS refuses a message that holds one of the two noncharacters of the basic plane, and a label may; as JSON escapes they are only letters. */
export function messageText(body: JsonValue): string {
  return JSON.stringify(body)
    .replaceAll('\uFFFE', String.raw`\ufffe`)
    .replaceAll('\uFFFF', String.raw`\uffff`);
}
