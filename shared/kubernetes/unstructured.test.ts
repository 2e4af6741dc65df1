import { expect, it } from 'vitest';
import { listAt, mapAt, numberAt, stringAt, stringsAt, valueAt } from './unstructured.ts';

const object = { spec: { replicas: 3, name: 'x', list: [1], labels: { a: 'b', c: 1 } }, data: JSON.parse('{"__proto__":"kept"}') as unknown };

it('reads what is there', () => {
  expect(numberAt(object, 'spec', 'replicas')).toBe(3);
  expect(stringAt(object, 'spec', 'name')).toBe('x');
  expect(listAt(object, 'spec', 'list')).toEqual([1]);
  expect(mapAt(object, 'spec', 'labels')).toEqual({ a: 'b', c: 1 });
  expect(stringsAt(object, 'spec', 'labels')).toEqual({ a: 'b' });
  expect(Object.keys(stringsAt(object, 'data'))).toEqual(['__proto__']);
});

it.each<[sentence: string, path: readonly string[]]>([
  ['is absent', ['spec', 'gone', 'deep']],
  ['is of another type', ['spec', 'name', 'length']],
  ['lies in a list', ['spec', 'list', '0']],
  ['belongs to every object', ['spec', 'constructor']],
])('takes for absent what %s', (_sentence, path) => {
  expect(valueAt(object, ...path)).toBeUndefined();
  expect([numberAt(object, ...path), stringAt(object, ...path), listAt(object, ...path), mapAt(object, ...path)]).toEqual([null, null, [], {}]);
});

it('takes nothing for an object', () => {
  expect([valueAt(null, 'a'), valueAt('a', 'length'), valueAt(undefined, 'a')]).toEqual([undefined, undefined, undefined]);
});
