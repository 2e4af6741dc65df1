import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { aWorld } from '../../../test/support/sandbox.ts';
import { createApiClient } from './api-client.ts';
import { mergePatchBetween } from './merge-patch.ts';

describe('mergePatchBetween', () => {
  it.each<[sentence: string, before: JsonObject, after: JsonObject, patch: JsonObject | null]>([
    ['nothing changes', { a: 1, b: { c: [1] } }, { a: 1, b: { c: [1] } }, null],
    ['only the order of keys differs', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, null],
    ['a field goes', { a: 1, b: 2 }, { a: 1 }, { b: null }],
    ['a field is undefined afterwards', { a: 1 }, { a: undefined }, { a: null }],
    ['a field that never was is undefined', {}, { a: undefined }, null],
    ['a list changes, and is replaced as a whole', { a: [1, 2] }, { a: [1] }, { a: [1] }],
    ['a nested field changes', { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
  ])('when %s', (_sentence, before, after, patch) => {
    expect(mergePatchBetween(before, after)).toEqual(patch);
  });

  it('makes the one of the other, by the merge of the API itself', async () => {
    const { transport } = aWorld();
    const client = createApiClient(transport, 'test');
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
    const key = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'c' };
    await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name: 'c' }, data: {} });
    const data = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.string());
    await fc.assert(
      fc.asyncProperty(data, async (after) => {
        const before = ((await client.get(key))?.['data'] ?? {}) as JsonObject;
        const patch = mergePatchBetween(before, after);
        if (patch !== null) await client.mergePatch(key, { data: patch });
        expect((await client.get(key))?.['data'] ?? {}).toEqual(after);
      }),
    );
  });
});
