import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { builtInTypes } from './built-in-types.ts';
import { kubernetesObject } from './object.ts';
import { createStore, type Change } from './store.ts';

const [configMaps] = builtInTypes.filter(({ plural }) => plural === 'configmaps');
if (configMaps === undefined) throw new Error('the built-in types lack configmaps');

function configMap(namespace: string, name: string) {
  return kubernetesObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, uid: `${namespace}-${name}` } });
}

describe('the store', () => {
  it('lists in the order of etcd keys, whatever the order of creation', () => {
    const store = createStore();
    for (const [namespace, name] of [
      ['b', 'a'],
      ['a', 'z'],
      ['a-b', 'a'],
      ['a', 'a'],
    ] as const)
      store.insert(configMaps, configMap(namespace, name));
    expect(store.list('', 'configmaps').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(['a-b/a', 'a/a', 'a/z', 'b/a']);
    expect(store.list('', 'configmaps', 'a').map(({ metadata }) => metadata.name)).toEqual(['a', 'z']);
  });

  it('gives every commit a higher revision, and tells it once, after the fact', () => {
    const store = createStore();
    const seen: Change[] = [];
    store.observe((change) => seen.push(change));
    const first = store.insert(configMaps, configMap('a', 'x'));
    const second = store.replace(configMaps, first);
    const last = store.remove(configMaps, second);
    expect(seen.map(({ kind, object, previous }) => [kind, object.metadata.resourceVersion, previous?.metadata.resourceVersion])).toEqual([
      ['ADDED', '101', undefined],
      ['MODIFIED', '102', '101'],
      ['DELETED', '103', '102'],
    ]);
    expect([last.metadata.resourceVersion, store.revision()]).toEqual(['103', 103]);
    expect(store.get('', 'configmaps', 'a', 'x')).toBeUndefined();
    expect(store.ofUid('a-x')).toBeUndefined();
  });

  it('holds what was put into it, and no alias of it', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(json, (data) => {
        const store = createStore();
        const sent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'a', uid: 'u' }, data };
        const stored = store.insert(configMaps, kubernetesObject(sent as Parameters<typeof kubernetesObject>[0]));
        expect(JSON.stringify(stored['data'])).toBe(JSON.stringify(data));
        expect(Object.isFrozen(stored['data'])).toBe(true);
        expect(Object.isFrozen(data)).toBe(false);
      }),
    );
  });
});
