/** A body that is no protobuf, or says what nothing here reads. The message names the remedy. */
export class UnreadableProtobuf extends Error {
  override readonly name = 'UnreadableProtobuf';
}

/** One field as it stands on the wire; what its kind does not have is empty. */
export interface WireField {
  readonly number: number;
  readonly varint: bigint;
  readonly bytes: Buffer;
}

const none = Buffer.alloc(0);
const varintBytesMax = 10;

/** The fields of a message in their order. Throws UnreadableProtobuf. */
export function fieldsOf(message: Buffer): readonly WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  while (at < message.length) {
    const key = readVarint(message, at);
    const { field, end } = readField(message, key.end, { number: Number(key.value >> 3n), wireType: Number(key.value & 7n) });
    fields.push(field);
    at = end;
  }
  return fields;
}

export function bytesIn(fields: readonly WireField[], number: number): Buffer {
  return fields.findLast((field) => field.number === number)?.bytes ?? none;
}

export function textIn(fields: readonly WireField[], number: number): string {
  return bytesIn(fields, number).toString('utf8');
}

export function numberIn(fields: readonly WireField[], number: number): number {
  return Number(BigInt.asIntN(64, fields.findLast((field) => field.number === number)?.varint ?? 0n));
}

function readField(
  message: Buffer,
  at: number,
  { number, wireType }: { readonly number: number; readonly wireType: number },
): { readonly field: WireField; readonly end: number } {
  const { value, end } = readVarint(message, at);
  if (wireType === 0) return { field: { number, varint: value, bytes: none }, end };
  if (wireType !== 2) throw new UnreadableProtobuf(`wire type ${wireType} is used by no Kubernetes object: send JSON`);
  const last = end + Number(value);
  if (last > message.length) throw new UnreadableProtobuf('the body ends in the middle of a field');
  return { field: { number, varint: 0n, bytes: message.subarray(end, last) }, end: last };
}

function readVarint(message: Buffer, start: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let index = 0; index < varintBytesMax; index += 1) {
    const byte = message[start + index];
    if (byte === undefined) throw new UnreadableProtobuf('the body ends in the middle of a number');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  throw new UnreadableProtobuf('the body holds a number that is too long');
}
