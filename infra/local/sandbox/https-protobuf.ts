import { instantFromMilliseconds } from '../../../shared/api/time.ts';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { protobufMessages } from './https-protobuf-messages.ts';
import { bytesIn, fieldsOf, numberIn, textIn, UnreadableProtobuf, type WireField } from './https-protobuf-wire.ts';

const magic = Buffer.from('k8s\0');

/**
 * An object that kubectl's typed clients (drain, create job, auth can-i …) send as protobuf, as the JSON that it stands for. What is no
 * zero and not in the table of messages is refused: better than to lose a field of a pod. Throws UnreadableProtobuf.
 */
export function objectFromProtobuf(bytes: Buffer): JsonObject {
  if (!bytes.subarray(0, magic.length).equals(magic)) throw new UnreadableProtobuf('the body does not begin as a Kubernetes object does');
  const envelope = fieldsOf(bytes.subarray(magic.length));
  const typeMeta = fieldsOf(bytesIn(envelope, 1));
  const [apiVersion, kind] = [textIn(typeMeta, 1), textIn(typeMeta, 2)];
  if (protobufMessages[kind] === undefined) throw new UnreadableProtobuf(`kind ${JSON.stringify(kind)} is not read from protobuf here: send JSON`);
  return { apiVersion, kind, ...messageFrom(kind, bytesIn(envelope, 2)) };
}

interface Member {
  /** Empty: the members of the message stand in the parent. */
  readonly field: string;
  readonly type: string;
  readonly shape: 'one' | 'pointer' | 'list' | 'map';
}

const shapes = { '?': 'pointer', '[]': 'list', '{}': 'map' } as const;
const parsed = new Map<string, ReadonlyMap<number, Member>>();

function membersOf(message: string): ReadonlyMap<number, Member> {
  const known = parsed.get(message) ?? new Map((protobufMessages[message] ?? '').split(' ').map(memberOf));
  parsed.set(message, known);
  return known;
}

function memberOf(text: string): readonly [number, Member] {
  const [, number = '', field = '', type = '', mark] = /^(\d+)=(?:(\w+):)?(\w+)(\?|\[\]|\{\})?$/.exec(text) ?? [];
  const shape = mark === '?' || mark === '[]' || mark === '{}' ? shapes[mark] : 'one';
  return [Number(number), { field, type, shape }];
}

function messageFrom(message: string, bytes: Buffer): JsonObject {
  const members = membersOf(message);
  const byNumber = Map.groupBy(fieldsOf(bytes), ({ number }) => number);
  return [...byNumber].reduce<JsonObject>((json, [number, fields]) => {
    const member = members.get(number);
    if (member !== undefined) return { ...json, ...jsonOf(member, fields) };
    if (fields.every(isZero)) return json;
    throw new UnreadableProtobuf(`field ${number} of ${message} is not read from protobuf here: send JSON`);
  }, {});
}

function jsonOf({ field, type, shape }: Member, fields: readonly WireField[]): JsonObject {
  const last = fields.at(-1);
  if (last === undefined || type === 'ignored') return {};
  if (field === '') return messageFrom(type, last.bytes);
  switch (shape) {
    case 'list':
      return { [field]: fields.map((item) => valueFrom(type, item)) };
    case 'map':
      return { [field]: Object.fromEntries(fields.map((entry) => entryFrom(type, entry))) };
    case 'pointer':
      return { [field]: valueFrom(type, last) };
    case 'one': {
      const value = valueFrom(type, last);
      return saysNothing(value) ? {} : { [field]: value };
    }
  }
}

/** Go writes the zero of every field that is no pointer; in JSON it would be absent. */
function saysNothing(value: JsonValue): boolean {
  return value === '' || value === 0 || value === false || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function isZero({ bytes, varint }: WireField): boolean {
  return bytes.length === 0 && varint === 0n;
}

function entryFrom(type: string, { bytes }: WireField): readonly [string, JsonValue] {
  const entry = fieldsOf(bytes);
  const value = entry.find(({ number }) => number === 2);
  return [textIn(entry, 1), value === undefined ? '' : valueFrom(type, value)];
}

function valueFrom(type: string, { bytes, varint }: WireField): JsonValue {
  switch (type) {
    case 'string':
      return bytes.toString('utf8');
    case 'int':
      return Number(BigInt.asIntN(64, varint));
    case 'bool':
      return varint !== 0n;
    case 'bytes':
      return bytes.toString('base64');
    case 'time':
      return timeFrom(bytes);
    case 'quantity':
      return textIn(fieldsOf(bytes), 1);
    case 'intOrString':
      return intOrStringFrom(fieldsOf(bytes));
    case 'strings':
      return fieldsOf(bytes).map((item) => item.bytes.toString('utf8'));
    default:
      return messageFrom(type, bytes);
  }
}

/** The zero time is written as an empty message. */
function timeFrom(bytes: Buffer): string {
  const seconds = numberIn(fieldsOf(bytes), 1);
  return seconds === 0 ? '' : instantFromMilliseconds(seconds * 1000);
}

function intOrStringFrom(fields: readonly WireField[]): string | number {
  return numberIn(fields, 1) === 0 ? numberIn(fields, 2) : textIn(fields, 3);
}
