/** Messages of PostgreSQL's protocol, version 3: a type, a length that counts itself, a payload. What a client says first has no type. */

const typeBytes = 1;
const lengthBytes = 4;
const frameBytes = typeBytes + lengthBytes;

const sslRequest = 80_877_103;
const gssRequest = 80_877_104;

export interface Message {
  /** One letter. */
  readonly type: string;
  /** With type and length. */
  readonly bytes: Buffer;
}

/** The whole messages at the beginning, and what is left for later. */
export function splitMessages(received: Buffer): { readonly messages: readonly Message[]; readonly rest: Buffer } {
  const messages: Message[] = [];
  let rest = received;
  while (rest.length >= frameBytes) {
    const end = typeBytes + rest.readInt32BE(typeBytes);
    if (rest.length < end) break;
    messages.push({ type: String.fromCharCode(rest[0] ?? 0), bytes: rest.subarray(0, end) });
    rest = rest.subarray(end);
  }
  return { messages, rest };
}

export type Opening = { readonly kind: 'encryption' | 'startup'; readonly bytes: number };

/** What a client begins with; null: not all of it is there. */
export function openingOf(received: Buffer): Opening | null {
  if (received.length < 2 * lengthBytes) return null;
  const bytes = received.readInt32BE(0);
  if (received.length < bytes) return null;
  const code = received.readInt32BE(lengthBytes);
  return { kind: code === sslRequest || code === gssRequest ? 'encryption' : 'startup', bytes };
}

/** The text of a password message. */
export function passwordOf({ bytes }: Message): string {
  return bytes.toString('utf8', frameBytes).replace(/\0$/, '');
}

/** What the last ReadyForQuery in an answer says: idle, in a transaction, in a failed one; null: there is none. */
export function readinessIn(answer: Buffer): 'I' | 'T' | 'E' | null {
  const last = splitMessages(answer).messages.findLast(({ type }) => type === 'Z');
  const status = last === undefined ? '' : String.fromCharCode(last.bytes[frameBytes] ?? 0);
  return status === 'I' || status === 'T' || status === 'E' ? status : null;
}

export const refuseEncryption = Buffer.from('N');
export const askPassword = messageOf('R', int32(3));
export const accepted = Buffer.concat([
  messageOf('R', int32(0)),
  ...Object.entries({ server_version: '17.0', client_encoding: 'UTF8', standard_conforming_strings: 'on', DateStyle: 'ISO, MDY', integer_datetimes: 'on' }).map(
    ([name, value]) => messageOf('S', Buffer.from(`${name}\0${value}\0`)),
  ),
  messageOf('Z', Buffer.from('I')),
]);

export function refusal(code: string, text: string): Buffer {
  return messageOf('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`));
}

function messageOf(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(payload.length + lengthBytes), payload]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  bytes.writeInt32BE(value);
  return bytes;
}
