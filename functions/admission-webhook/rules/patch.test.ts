import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPatch } from '../../../infra/local/sandbox/json-patch.ts';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { patchBetween } from './patch.ts';

const applied = (before: JsonObject, after: JsonObject) => jsonPatch(before, patchBetween(before, after) as unknown as JsonValue);

describe('patchBetween', () => {
  it('names keys with slashes and tildes as JSON pointers do, and touches nothing else', () => {
    expect(
      patchBetween({ annotations: { 'a/b~c': '1', kept: '2' }, list: [{ x: 1 }, 2] }, { annotations: { 'a/b~c': '2', kept: '2' }, list: [{ x: 2 }, 2] }),
    ).toEqual([
      { op: 'replace', path: '/annotations/a~1b~0c', value: '2' },
      { op: 'replace', path: '/list/0/x', value: 2 },
    ]);
  });

  it('adds what is new, removes what is gone, and replaces a list of another length', () => {
    expect(patchBetween({ gone: 1, list: [1] }, { list: [1, 2], fresh: { a: 1 } })).toEqual([
      { op: 'remove', path: '/gone' },
      { op: 'replace', path: '/list', value: [1, 2] },
      { op: 'add', path: '/fresh', value: { a: 1 } },
    ]);
  });

  it('is not misled by keys that every object inherits', () => {
    expect(patchBetween({ valueOf: '' }, { constructor: 1 })).toEqual([
      { op: 'remove', path: '/valueOf' },
      { op: 'add', path: '/constructor', value: 1 },
    ]);
  });

  it('turns any object into any other', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(object, object, (before, after) => {
        expect(applied(before, after)).toEqual(after);
        expect(patchBetween(after, after)).toEqual([]);
      }),
    );
  });
});
