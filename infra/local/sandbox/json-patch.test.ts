import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../shared/api/json.ts';
import { jsonPatch } from './json-patch.ts';
import { StatusError } from './status-object.ts';

const object = { a: 1, list: ['x', 'y'], map: { 'with/slash': 1, 'with~tilde': 2 } };

function refusalOf(patch: JsonValue): { readonly code: number; readonly message: string } {
  try {
    jsonPatch(object, patch);
  } catch (error) {
    if (error instanceof StatusError) return { code: error.answer.code, message: error.message };
    throw error;
  }
  throw new Error('the patch was applied');
}

describe('a JSON patch', () => {
  it.each<[sentence: string, operation: JsonValue, after: JsonValue]>([
    ['adds a member', { op: 'add', path: '/b', value: 2 }, { ...object, b: 2 }],
    ['takes the place of a member by add', { op: 'add', path: '/a', value: 2 }, { ...object, a: 2 }],
    ['puts an item before another', { op: 'add', path: '/list/1', value: 'z' }, { ...object, list: ['x', 'z', 'y'] }],
    ['appends an item', { op: 'add', path: '/list/-', value: 'z' }, { ...object, list: ['x', 'y', 'z'] }],
    ['replaces the whole', { op: 'replace', path: '', value: { b: 1 } }, { b: 1 }],
    ['replaces a member that is absent', { op: 'replace', path: '/b', value: 2 }, { ...object, b: 2 }],
    ['replaces an item', { op: 'replace', path: '/list/0', value: 'z' }, { ...object, list: ['z', 'y'] }],
    ['removes an item', { op: 'remove', path: '/list/0' }, { ...object, list: ['y'] }],
    ['reads escapes', { op: 'replace', path: '/map/with~1slash', value: 9 }, { ...object, map: { 'with/slash': 9, 'with~tilde': 2 } }],
    ['reads escaped escapes', { op: 'remove', path: '/map/with~0tilde' }, { ...object, map: { 'with/slash': 1 } }],
    ['moves', { op: 'move', from: '/a', path: '/b' }, { list: object.list, map: object.map, b: 1 }],
    ['copies', { op: 'copy', from: '/list', path: '/b' }, { ...object, b: ['x', 'y'] }],
    ['copies null from what is absent', { op: 'copy', from: '/z', path: '/b' }, { ...object, b: null }],
    ['goes on when a test holds', { op: 'test', path: '/list', value: ['x', 'y'] }, object],
    ['takes an absent member for null in a test', { op: 'test', path: '/b', value: null }, object],
  ])('%s', (_sentence, operation, after) => {
    expect(jsonPatch(object, [operation])).toEqual(after);
  });

  const words = 'the server rejected our request due to an error in our request';

  it.each<[sentence: string, operation: JsonValue]>([
    ['a test that fails', { op: 'test', path: '/a', value: 2 }],
    ['a test of an absent value', { op: 'test', path: '/b', value: 1 }],
    ['a test for null below what is absent', { op: 'test', path: '/b/c', value: null }],
    ['removing what is absent', { op: 'remove', path: '/b' }],
    ['moving what is absent', { op: 'move', from: '/z', path: '/b' }],
    ['a position past the end', { op: 'add', path: '/list/3', value: 1 }],
    ['a position that is no number', { op: 'replace', path: '/list/01', value: 1 }],
    ['a path through a scalar', { op: 'add', path: '/a/b', value: 1 }],
    ['copying from below what is absent', { op: 'copy', from: '/z/y', path: '/b' }],
    ['an unknown operation', { op: 'merge', path: '/a' }],
    ['a path that is no pointer', { op: 'remove', path: 'a' }],
    ['an operation without a path', { op: 'remove' }],
  ])('refuses %s, and says no more than that', (_sentence, operation) => {
    expect(refusalOf([operation])).toEqual({ code: 422, message: words });
  });

  it.each<[sentence: string, patch: JsonValue, code: number, words: string]>([
    ['an object', { op: 'remove', path: '/a' }, 400, 'error decoding patch'],
    ['more operations than allowed', Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })), 413, 'maximum operations'],
  ])('refuses %s', (_sentence, patch, code, told) => {
    expect(refusalOf(patch)).toMatchObject({ code, message: expect.stringContaining(told) as string });
  });

  it('applies in order, and all or nothing', () => {
    const patch = [
      { op: 'add', path: '/b', value: [] },
      { op: 'add', path: '/b/-', value: 1 },
      { op: 'test', path: '/b', value: [1] },
    ];
    expect(jsonPatch(object, patch)).toEqual({ ...object, b: [1] });
    expect(refusalOf([...patch, { op: 'test', path: '/b', value: [] }]).code).toBe(422);
    expect(object).not.toHaveProperty('b');
  });
});
