import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { client, named } from '../../../test/support/api-client.ts';
import { aWorld, type World } from '../../../test/support/sandbox.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

async function aWorldOf(names: readonly string[], watchWindowEvents?: number): Promise<World> {
  const world = aWorld(watchWindowEvents === undefined ? {} : { watchWindowEvents });
  for (const name of names) await client(world.transport).send('POST', configMaps, named(name));
  return world;
}

async function page({ transport }: World, query: Readonly<Record<string, string>>) {
  const { status, body } = await client(transport).send('GET', configMaps, undefined, query);
  const { items = [], metadata = {} } = body as { readonly items?: readonly { readonly metadata: JsonObject }[]; readonly metadata?: JsonObject };
  const next: JsonValue = metadata['continue'] ?? '';
  return { status, names: items.map((item) => item.metadata['name']), next: String(next as string), metadata };
}

describe('a page of a list', () => {
  it('says how much is left, and the last one says nothing', async () => {
    const world = await aWorldOf(['a', 'b', 'c']);
    const first = await page(world, { limit: '2' });
    expect(first).toMatchObject({ names: ['a', 'b'], metadata: { remainingItemCount: 1, resourceVersion: '107' } });
    const last = await page(world, { limit: '2', continue: first.next });
    expect(last.names).toEqual(['c']);
    expect(last.metadata).toEqual({ resourceVersion: '107' });
  });

  it('carries the version of the first one, from where a watch tells what came in between', async () => {
    const world = await aWorldOf(['a', 'b', 'c']);
    const { next } = await page(world, { limit: '1' });
    await client(world.transport).send('POST', configMaps, named('d'));
    expect(await page(world, { limit: '5', continue: next })).toMatchObject({ names: ['b', 'c', 'd'], metadata: { resourceVersion: '107' } });
  });

  it('has expired when its version is no longer kept', async () => {
    const world = await aWorldOf(['a', 'b'], 2);
    const { next } = await page(world, { limit: '1' });
    for (const name of ['c', 'd', 'e']) await client(world.transport).send('POST', configMaps, named(name));
    expect((await page(world, { limit: '1', continue: next })).status).toBe(410);
  });

  it.each([[{ limit: 'x' }], [{ continue: 'bogus' }]])('refuses %o', async (query) => {
    expect((await page(await aWorldOf(['a']), query)).status).toBe(400);
  });
});
