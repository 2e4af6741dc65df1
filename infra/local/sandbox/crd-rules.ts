import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { celValue } from './crd-cel-value.ts';
import { duplicateValue, forbiddenField, invalidValue, invalidWithoutValue, requiredValue } from './crd-causes.ts';
import type { CompiledNode, CompiledRule } from './crd-compile.ts';
import { correlatedItem } from './crd-correlate.ts';
import { childPath, type Place } from './crd-validate.ts';
import type { Cause } from './extension.ts';

/** What the x-kubernetes-validations of a schema find wrong with an object that is otherwise valid. `old`: the stored object, null on create. */
export function ruleCauses(root: CompiledNode, object: JsonObject, old: JsonObject | null): readonly Cause[] {
  const { apiVersion, kind, metadata, ...content } = object;
  const seen = { ...content, apiVersion, kind, metadata: nameOnly(metadata) };
  const stored = old === null ? undefined : { ...old, metadata: nameOnly(old['metadata']) };
  return causesAt(root, seen, { path: '', old: stored });
}

/** Of the metadata a rule sees only the names. */
function nameOnly(metadata: JsonValue | undefined): JsonObject {
  const { name, generateName } = isJsonObject(metadata) ? metadata : {};
  return { ...(name !== undefined && { name }), ...(generateName !== undefined && { generateName }) };
}

function causesAt(schema: CompiledNode, value: JsonValue, place: Place): readonly Cause[] {
  if (!schema.hasRules || value === null) return [];
  return [...schema.rules.flatMap((rule) => causesOf(schema, rule, value, place)), ...causesBelow(schema, value, place)];
}

function causesBelow(schema: CompiledNode, value: JsonValue, { path, old }: Place): readonly Cause[] {
  const { items, properties, additionalProperties } = schema;
  if (Array.isArray(value)) {
    if (items === undefined) return [];
    return value.flatMap((item: JsonValue, index) => causesAt(items, item, { path: `${path}[${index}]`, old: correlatedItem(schema.node, item, old) }));
  }
  if (!isJsonObject(value)) return [];
  const stored = isJsonObject(old) ? old : {};
  return Object.entries(value).flatMap(([field, member]) => {
    const child = properties.get(field) ?? additionalProperties;
    return child === undefined || member === undefined ? [] : causesAt(child, member, { path: childPath(path, field), old: stored[field] });
  });
}

function causesOf(schema: CompiledNode, compiled: CompiledRule, value: JsonValue, { path, old = null }: Place): readonly Cause[] {
  const { program, isTransition } = compiled;
  if (isTransition && old === null) return [];
  const values = { self: celValue(schema, value), ...(isTransition && old !== null && { oldSelf: celValue(schema, old) }) };
  const outcome = program.evaluate(values);
  if (outcome.kind === 'error') return [invalidValue(path, schema.node.type ?? '', `${outcome.message} evaluating rule: ${nameOf(compiled)}`)];
  // A rule that was broken already, on a value that has not changed, is not held against the writer.
  if (outcome.value === true || (!isTransition && isDeepStrictEqual(value, old))) return [];
  return [causeFor(compiled, { path: pathOf(compiled.rule.fieldPath, path), detail: messageOf(compiled, values), value, schema })];
}

function nameOf({ rule }: CompiledRule): string {
  return (rule.message ?? rule.rule).trim();
}

/** `fieldPath` is `.spec.replicas`, relative to the rule's own place. */
function pathOf(fieldPath: string | undefined, path: string): string {
  return fieldPath === undefined ? path : childPath(path, fieldPath.replace(/^\./, ''));
}

function messageOf({ rule, message }: CompiledRule, values: Readonly<Record<string, unknown>>): string {
  const outcome = message?.evaluate(values);
  const told = outcome?.kind === 'value' && typeof outcome.value === 'string' ? outcome.value.trim() : '';
  if (told !== '' && !told.includes('\n')) return told;
  return rule.message?.trim() ?? `failed rule: ${rule.rule.trim()}`;
}

interface Violation {
  readonly path: string;
  readonly detail: string;
  readonly value: JsonValue;
  readonly schema: CompiledNode;
}

function causeFor({ rule }: CompiledRule, { path, detail, value, schema }: Violation): Cause {
  const isCompound = schema.node.type === 'object' || schema.node.type === 'array';
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbiddenField(path, detail);
    case 'FieldValueRequired':
      return requiredValue(path, detail);
    case 'FieldValueDuplicate':
      return duplicateValue(path, value);
    case 'FieldValueInvalid':
    case undefined:
      return isCompound ? invalidWithoutValue(path, detail) : invalidValue(path, value, detail);
  }
}
