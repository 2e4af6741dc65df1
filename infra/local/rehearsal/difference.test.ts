import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonValue } from '../../../shared/api/json.ts';
import { difference } from './difference.ts';

describe('the difference of two states of an object', () => {
  it.each<[sentence: string, before: JsonValue, after: JsonValue, lines: readonly string[]]>([
    ['a value that changes', { spec: { replicas: 2 } }, { spec: { replicas: 5 } }, ['spec.replicas 2 → 5']],
    ['a value that comes', { data: {} }, { data: { A: 'x' } }, ['data {} → null', 'data.A null → "x"']],
    ['a value that goes', { data: { A: 'x', B: 'y' } }, { data: { B: 'y' } }, ['data.A "x" → null']],
    ['a key that is no word', { data: { 'app.properties': 'a' } }, { data: { 'app.properties': 'b' } }, ['data["app.properties"] "a" → "b"']],
    [
      'a container by its name, wherever it stands',
      { containers: [{ name: 'app', memory: '1Gi' }, { name: 'proxy' }] },
      { containers: [{ name: 'proxy' }, { name: 'app', memory: '2Gi' }] },
      ['containers[app].memory "1Gi" → "2Gi"'],
    ],
    ['an item without a name by its place', { args: ['a', 'b'] }, { args: ['a', 'c'] }, ['args[1] "b" → "c"']],
    [
      'nothing that the server writes itself',
      { metadata: { resourceVersion: '1', generation: 1, labels: { a: 'x' } }, status: { replicas: 1 } },
      { metadata: { resourceVersion: '2', generation: 2, labels: { a: 'x' }, managedFields: [{}] }, status: { replicas: 2 } },
      [],
    ],
  ])('is %s', (_sentence, before, after, lines) => {
    expect(difference(before, after).map((change) => `${change.field} ${JSON.stringify(change.before)} → ${JSON.stringify(change.after)}`)).toEqual(lines);
  });

  it('shows no secret', () => {
    const told = difference({ data: { url: 'postgres://ada:old@db', password: 'old' } }, { data: { url: 'postgres://ada:new@db/pay', password: 'new' } });
    expect(JSON.stringify(told)).not.toMatch(/:old@|:new@|"old"|"new"/);
  });

  it('is none between an object and itself', () => {
    const objects = fc.jsonValue({ maxDepth: 4 }).map((value) => structuredClone(value) as JsonValue);
    fc.assert(
      fc.property(objects.filter(isJsonObject), (object) => {
        expect(difference(object, object)).toEqual([]);
      }),
    );
  });
});
