import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { badRequest, StatusError, unprocessable } from './status-object.ts';

const operationsMax = 10_000; // as many as a kube-apiserver takes

type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: readonly string[]; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: readonly string[] }
  | { readonly op: 'move' | 'copy'; readonly path: readonly string[]; readonly from: readonly string[] };

/** RFC 6902. Throws a 400 for what is no JSON patch, a 422 for one that cannot be applied; then nothing of it is. */
export function jsonPatch(target: JsonValue, patch: JsonValue | undefined): JsonValue {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: a JSON patch is a list of operations');
  if (patch.length > operationsMax) {
    throw new StatusError({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`,
    });
  }
  return patch.map(readOperation).reduce(apply, target);
}

function readOperation(operation: JsonValue): Operation {
  if (!isJsonObject(operation)) throw badRequest('error decoding patch: an operation is an object with op and path');
  const path = pointer(operation['path']);
  const { op, value } = operation;
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op, path, value: value ?? null };
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from: pointer(operation['from']) };
    default:
      throw unprocessable();
  }
}

function pointer(text: JsonValue | undefined): readonly string[] {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) throw unprocessable();
  return text
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function apply(target: JsonValue, operation: Operation): JsonValue {
  const { path } = operation;
  switch (operation.op) {
    case 'add':
      return edit(target, path, { kind: 'add', value: operation.value });
    case 'replace':
      return edit(target, path, { kind: 'replace', value: operation.value });
    case 'remove':
      return edit(target, path, { kind: 'remove' });
    case 'copy':
      return edit(target, path, { kind: 'add', value: valueAt(target, operation.from) ?? null });
    case 'move':
      return edit(edit(target, operation.from, { kind: 'remove' }), path, { kind: 'add', value: valueAt(target, operation.from) ?? null });
    case 'test':
      return tested(target, operation);
  }
}

/** An absent member of an object that is there passes a test for null: the library that a kube-apiserver uses has it so. */
function tested(target: JsonValue, { path, value }: { readonly path: readonly string[]; readonly value: JsonValue }): JsonValue {
  if (!isDeepStrictEqual(valueAt(target, path) ?? null, value)) throw unprocessable();
  return target;
}

/** undefined: the member is absent. Throws a 422 when what should hold it is. */
function valueAt(target: JsonValue, path: readonly string[]): JsonValue | undefined {
  const parent = path.slice(0, -1).reduce<JsonValue | undefined>(memberOf, target);
  const last = path.at(-1);
  if (last === undefined) return target;
  const value = memberOf(parent, last);
  if (value === undefined && !isJsonObject(parent)) throw unprocessable();
  return value;
}

function memberOf(parent: JsonValue | undefined, segment: string): JsonValue | undefined {
  if (Array.isArray(parent)) return /^\d+$/.test(segment) ? (parent as readonly JsonValue[])[Number(segment)] : undefined;
  return isJsonObject(parent) && Object.hasOwn(parent, segment) ? parent[segment] : undefined;
}

type Edit = { readonly kind: 'add' | 'replace'; readonly value: JsonValue } | { readonly kind: 'remove' };

function edit(target: JsonValue, path: readonly string[], change: Edit): JsonValue {
  const [segment, ...rest] = path;
  if (segment === undefined) return change.kind === 'remove' ? null : change.value;
  const inner = rest.length === 0 ? change : { kind: 'replace' as const, value: edit(childOf(target, segment), rest, change) };
  if (Array.isArray(target)) return editList(target, segment, inner);
  if (isJsonObject(target)) return editObject(target, segment, inner);
  throw unprocessable();
}

function childOf(target: JsonValue, segment: string): JsonValue {
  const child = memberOf(target, segment);
  if (child === undefined) throw unprocessable();
  return child;
}

/** A member that is absent is replaced all the same: so it is in the library that a kube-apiserver uses. */
function editObject(target: { readonly [key: string]: JsonValue | undefined }, segment: string, change: Edit): JsonValue {
  if (change.kind === 'remove' && !Object.hasOwn(target, segment)) throw unprocessable();
  const members = new Map(Object.entries(target));
  if (change.kind === 'remove') members.delete(segment);
  else members.set(segment, change.value);
  return Object.fromEntries(members);
}

function editList(target: readonly JsonValue[], segment: string, change: Edit): JsonValue {
  const position = segment === '-' && change.kind === 'add' ? target.length : Number(/^(0|[1-9]\d*)$/.test(segment) ? segment : Number.NaN);
  const last = change.kind === 'add' ? target.length : target.length - 1;
  if (Number.isNaN(position) || position > last) throw unprocessable();
  switch (change.kind) {
    case 'add':
      return target.toSpliced(position, 0, change.value);
    case 'replace':
      return target.with(position, change.value);
    case 'remove':
      return target.toSpliced(position, 1);
  }
}
