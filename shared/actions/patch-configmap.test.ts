import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aConfigMap, aDeployment, boundSample } from '../../test/support/actions.ts';
import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { configPatch } from './config-patch.ts';
import { bindAction, fromRecommendation, parseAction, resolveAlias } from './index.ts';

const base = { namespace: 'production', configmap: 'app-config' };
const patch = (changes: JsonObject) => bindAction('patch_configmap', { ...base, ...changes });
const toDebug = patch({ data: { LOG_LEVEL: 'debug' } });
const sample = boundSample('patch_configmap');
const uid = { op: 'test', path: '/metadata/uid', value: 'c1' };

function operations(changes: JsonObject, target: KubernetesObject): unknown {
  const argument = patch(changes).argv(target).at(-1) ?? '';
  return JSON.parse(argument.replace(/^--patch=/, ''));
}

describe('patch_configmap: parameters', () => {
  it.each<[sentence: string, changes: JsonObject, field: string, message: string]>([
    ['neither data nor remove', {}, 'data', 'data: is missing: it must be an object of 1 to 32 keys'],
    ['no key', { data: {} }, 'data', 'data: must be an object of 1 to 32 keys, each with a text'],
    ['a number for a text', { data: { POOL: 10 } }, 'data', 'data: must be an object of 1 to 32 keys, each with a text'],
    ['null for a text', { data: { POOL: null } }, 'data', 'data: must be an object of 1 to 32 keys'],
    ['too many keys', { data: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`k${n}`, ''])) }, 'data', 'data: must be an object of 1 to 32 keys'],
    ['a value with a leading dash', { data: { FLAGS: '-rf' } }, 'data.FLAGS', "data.FLAGS: must not begin with '-'"],
    ['a value with a control character', { data: { A: 'a\u001b[2J' } }, 'data.A', 'data.A: must hold no control character but line breaks and tabs'],
    ['a value that is too long', { data: { A: 'ä'.repeat(16_385) } }, 'data.A', 'data.A: must not exceed 32768 bytes'],
    ['too much in all', { data: { A: 'a'.repeat(32_000), B: 'b'.repeat(32_000) } }, 'data', 'data: must not exceed 61440 bytes as JSON'],
    ['a key with a leading dash', { data: { '-A': 'x' } }, 'data.-A', 'must have a key of letters, digits'],
    ['a key that is a path', { data: { 'a/b': 'x' } }, 'data.a/b', 'must have a key of letters, digits'],
    ['a key that climbs', { data: { '..': 'x' } }, 'data...', 'must have a key of letters, digits'],
    ['a key with a line break', { data: { 'a\nb': 'x' } }, 'data.a?b', 'must have a key of letters, digits'],
    ['a key that is too long', { remove: ['k'.repeat(254)] }, `remove.${'k'.repeat(63)}`, 'must have a key of letters, digits'],
    ['a key set and taken out', { data: { A: 'x' }, remove: ['A'] }, 'remove', 'remove: must name each key once'],
    ['a key taken out twice', { remove: ['A', 'A'] }, 'remove', 'remove: must name each key once'],
    ['too many keys in all', { data: { A: 'x' }, remove: Array.from({ length: 32 }, (_, n) => `k${n}`) }, 'remove', 'remove: must not name more than 32 keys'],
    ['an empty list', { remove: [] }, 'remove', 'remove: must be a list of 1 to 32 keys'],
    ['a restart of no workload', { data: { A: 'x' }, restart: { kind: 'pod', name: 'x' } }, 'restart.kind', 'restart.kind: must be one of deployment'],
    ['a restart with more', { data: { A: 'x' }, restart: { kind: 'deployment', name: 'x', when: 'now' } }, 'restart.when', 'restart.when: is no parameter'],
    ['a strange parameter', { data: { A: 'x' }, type: 'merge' }, 'type', 'type: is no parameter of patch_configmap'],
  ])('refuses %s', (_sentence, changes, field, message) => {
    expect(parseAction('patch_configmap', { ...base, ...changes })).toEqual({ kind: 'invalid_parameters', field, message: expect.stringContaining(message) });
  });

  it('takes a file with lines and tabs, and the largest value', () => {
    expect(patch({ data: { 'application.yaml': 'a:\n\tb: 1\n', MAX: 'a'.repeat(32_768) } }).name).toBe('patch_configmap');
  });

  it('loses no key, whatever its name means to JavaScript', () => {
    const data = JSON.parse('{"__proto__":"x"}') as JsonObject;
    expect(operations({ data }, aConfigMap())).toEqual([
      uid,
      { op: 'test', path: '/data/__proto__', value: null },
      { op: 'add', path: '/data/__proto__', value: 'x' },
    ]);
  });

  it('is also known as update_configmap, and takes no restore from a recommendation', () => {
    expect(resolveAlias('update_configmap')).toBe('patch_configmap');
    const recommended = { ...base, data: { A: 'x' }, currentData: { A: 'y' }, restore: true };
    expect(fromRecommendation('patch_configmap', recommended)).toEqual({ ...base, data: { A: 'x' } });
  });
});

describe('patch_configmap: the patch', () => {
  it.each<[sentence: string, changes: JsonObject, target: KubernetesObject, expected: readonly object[]]>([
    [
      'replaces what is there',
      { data: { LOG_LEVEL: 'debug' } },
      aConfigMap(),
      [
        { op: 'test', path: '/data/LOG_LEVEL', value: 'info' },
        { op: 'replace', path: '/data/LOG_LEVEL', value: 'debug' },
      ],
    ],
    [
      'adds what is still absent',
      { data: { CACHE: 'on' } },
      aConfigMap(),
      [
        { op: 'test', path: '/data/CACHE', value: null },
        { op: 'add', path: '/data/CACHE', value: 'on' },
      ],
    ],
    [
      'takes out what is there',
      { remove: ['POOL'] },
      aConfigMap(),
      [
        { op: 'test', path: '/data/POOL', value: '10' },
        { op: 'remove', path: '/data/POOL' },
      ],
    ],
    ['leaves alone what is as wanted', { data: { LOG_LEVEL: 'info' }, remove: ['GONE'] }, aConfigMap(), []],
    [
      'makes data where there is none',
      { data: { A: 'x' } },
      aConfigMap({ data: undefined }),
      [
        { op: 'test', path: '/data', value: null },
        { op: 'add', path: '/data', value: {} },
        { op: 'test', path: '/data/A', value: null },
        { op: 'add', path: '/data/A', value: 'x' },
      ],
    ],
  ])('%s, bound to the uid', (_sentence, changes, target, expected) => {
    expect(operations(changes, target)).toEqual([uid, ...expected]);
  });

  it('is one kubectl command, and the requests that it makes', () => {
    const argv = toDebug.argv(aConfigMap());
    expect(argv.slice(0, 5)).toEqual(['patch', 'configmap', 'app-config', '--namespace=production', '--type=json']);
    const path = '/api/v1/namespaces/production/configmaps/app-config';
    const body = operations({ data: { LOG_LEVEL: 'debug' } }, aConfigMap());
    expect(toDebug.requests(aConfigMap())).toEqual([
      { method: 'GET', path },
      { method: 'PATCH', path, patchType: 'application/json-patch+json', body },
    ]);
    expect(toDebug.dryRunOutput(aConfigMap())).toBe('configmap/app-config patched (dry run)');
    expect(toDebug.success()).toBe('Successfully patched configmap app-config (1 key)');
    expect(sample.success()).toBe(
      'Successfully patched configmap app-config (2 keys); pods of deployment payment-api that read it as environment see it after their restart',
    );
    expect(toDebug.risk(aConfigMap())).toBe('moderate');
  });
});

describe('configPatch', () => {
  it('escapes what has a meaning in a JSON pointer', () => {
    const params = { ...base, data: { 'a/b~c': 'x' } };
    expect(configPatch(params, aConfigMap()).at(-1)).toEqual({ op: 'add', path: '/data/a~1b~0c', value: 'x' });
  });
});

describe('patch_configmap: preconditions', () => {
  const huge = 'x'.repeat(61_500);
  it.each<[sentence: string, changes: JsonObject, target: KubernetesObject, field: string, message: string]>([
    ['it is immutable', { data: { A: 'x' } }, aConfigMap({ immutable: true }), 'configmap', 'configmap: app-config is immutable'],
    ['a key is binary', { data: { logo: 'x' } }, aConfigMap({ binaryData: { logo: 'AAAA' } }), 'data.logo', 'data.logo: is binary in app-config'],
    ['a key to take out is binary', { remove: ['logo'] }, aConfigMap({ binaryData: { logo: 'AAAA' } }), 'data.logo', 'is binary'],
    ['no undo could keep the old value', { data: { A: 'x' } }, aConfigMap({ data: { A: huge } }), 'data', 'data: the values in place take 61510 bytes'],
  ])('forbids when %s', (...[, changes, target, field, message]) => {
    expect(patch(changes).preconditions(target, [])).toEqual([{ field, message: expect.stringContaining(message) }]);
  });

  it('lets nothing through that Linux would not take in one argument', () => {
    const argumentBytesMax = 131_071;
    const keys = Array.from({ length: 32 }, (_, index) => String(index).padStart(250, 'k'));
    const of = (letter: string) => Object.fromEntries(keys.map((key) => [key, letter.repeat(1_660)]));
    const [changes, target] = [patch({ data: of('n') }), aConfigMap({ data: of('o') })];
    expect(changes.preconditions(target, [])).toEqual([]);
    const longest = Math.max(...changes.argv(target).map((argument) => argument.length));
    expect(longest).toBeGreaterThan(argumentBytesMax * 0.9);
    expect(longest).toBeLessThan(argumentBytesMax);
  });

  const restart = { kind: 'deployment', name: 'payment-api' };
  const withRestart = patch({ data: { A: 'x' }, restart });
  it('asks for the workload that shall be restarted, and only for that', () => {
    expect(withRestart.context(aConfigMap())).toEqual([{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'production', name: 'payment-api' }]);
    expect(toDebug.context(aConfigMap())).toEqual([]);
  });

  const workload = (pod: object) => aDeployment({ spec: { template: { spec: pod } } });
  it.each<[sentence: string, workload: KubernetesObject]>([
    ['as environment', aDeployment()],
    ['as one variable', workload({ containers: [{ name: 'a', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'app-config', key: 'A' } } }] }] })],
    ['before its containers start', workload({ initContainers: [{ name: 'a', envFrom: [{ configMapRef: { name: 'app-config' } }] }] })],
    ['as a volume', workload({ volumes: [{ name: 'v', configMap: { name: 'app-config' } }] })],
    ['as part of a volume', workload({ volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'app-config' } }] } }] })],
  ])('allows a restart of what reads it %s', (_sentence, context) => {
    expect(withRestart.preconditions(aConfigMap(), [context])).toEqual([]);
  });

  it.each<[sentence: string, context: KubernetesObject | null, message: string]>([
    ['does not exist', null, 'restart: must be a workload that exists: there is no deployment payment-api'],
    ['does not read it', aDeployment({ spec: {} }), 'restart: must be a workload that reads app-config: deployment payment-api does not'],
  ])('forbids a restart of what %s', (_sentence, context, message) => {
    expect(withRestart.preconditions(aConfigMap(), [context])).toEqual([{ field: 'restart', message }]);
  });

  it('has nothing to do where every key is as wanted', () => {
    const done = patch({ data: { LOG_LEVEL: 'info' }, remove: ['GONE'] });
    expect(done.alreadyDone(aConfigMap())).toBe('configmap app-config already is as wanted (2 keys): nothing to do');
    expect(toDebug.alreadyDone(aConfigMap())).toBeNull();
  });
});

describe('patch_configmap: outcome and undo', () => {
  it.each<[sentence: string, world: KubernetesObject | null, kind: string, message: string]>([
    ['every key is as wanted', aConfigMap({ data: { LOG_LEVEL: 'debug', CACHE: 'on' } }), 'ok', 'Verified 2 keys of configmap app-config'],
    ['one is not', aConfigMap({ data: { LOG_LEVEL: 'debug' } }), 'failed', 'expected 2 keys as wanted, CACHE is not'],
    ['several are not', aConfigMap(), 'failed', 'expected 2 keys as wanted, CACHE and 1 more are not'],
    ['it is gone', null, 'failed', 'configmap app-config is gone'],
    ['it is another', aConfigMap({ metadata: { uid: 'c9' } }), 'failed', 'configmap app-config was replaced: its uid is c9, expected c1'],
  ])('judges when %s', (_sentence, world, kind, message) => {
    const before = sample.remember(aConfigMap());
    expect(sample.outcome.reads(before)).toEqual([sample.target]);
    expect(sample.outcome.judge(before, [world])).toEqual({ kind, message });
  });

  it('undoes with the old values, and takes out what was absent', () => {
    const undo = sample.undo(aConfigMap());
    const restart = { kind: 'deployment', name: 'payment-api' };
    expect(undo).toEqual({ action: 'patch_configmap', parameters: { ...base, data: { LOG_LEVEL: 'info' }, remove: ['CACHE'], restart, restore: true } });
    expect(JSON.stringify(undo)).not.toContain('null'); // the status is written by merge patch, where null removes
  });

  it('restores values that it would not write by itself', () => {
    const target = aConfigMap({ data: { JAVA_OPTS: '-Xmx512m', FILE: 'a\r\nb', BIG: 'x'.repeat(40_000) } });
    const action = patch({ data: { JAVA_OPTS: '4', FILE: 'b', BIG: 'c' } });
    const undo = action.undo(target);
    expect(parseAction('patch_configmap', undo?.parameters ?? {}).kind).toBe('known');
  });

  const key = fc.constantFrom('A', 'B', 'C', '__proto__', 'constructor');
  const data = fc.dictionary(key, fc.string({ maxLength: 5 }), { maxKeys: 5 });
  it('comes back to where it began, whatever stood there: applied, undone, and the undo undone', () => {
    fc.assert(
      fc.property(data, data, fc.uniqueArray(key, { maxLength: 3 }), (before, wanted, out) => {
        const remove = out.filter((name) => !Object.hasOwn(wanted, name));
        fc.pre(Object.keys(wanted).length + remove.length > 0);
        const action = patch({ ...(Object.keys(wanted).length > 0 && { data: wanted }), ...(remove.length > 0 && { remove }), restore: true });
        const original = aConfigMap({ data: before });
        const changed = applied(original, action.requests(original).at(-1)?.body);
        expect(action.alreadyDone(changed)).not.toBeNull();
        const undo = bindAction('patch_configmap', action.undo(original)?.parameters ?? {});
        const restored = applied(changed, undo.requests(changed).at(-1)?.body);
        expect(restored['data']).toEqual(original['data']);
        const again = bindAction('patch_configmap', undo.undo(changed)?.parameters ?? {});
        expect(applied(restored, again.requests(restored).at(-1)?.body)['data']).toEqual(changed['data']);
      }),
    );
  });

  it('has no second effect: repeated on its own result, a test fails', () => {
    const body = toDebug.requests(aConfigMap()).at(-1)?.body;
    expect(() => applied(aConfigMap({ data: { LOG_LEVEL: 'debug' } }), body)).toThrow('test failed');
  });
});

/** The few operations that we write, as RFC 6902 has them; on flat data only. */
function applied(target: KubernetesObject, body: unknown): KubernetesObject {
  const data = new Map(Object.entries((target['data'] ?? {}) as Record<string, string>));
  for (const { op, path, value } of body as { op: string; path: string; value: string }[]) {
    const key = path.replace(/^\/data\//, '');
    const current = path === '/metadata/uid' ? target.metadata.uid : (data.get(key) ?? null);
    if (op === 'test' && current !== value) throw new Error(`${path}: test failed`);
    if (op === 'add' || op === 'replace') data.set(key, value);
    if (op === 'remove') data.delete(key);
  }
  return { ...target, data: Object.fromEntries(data) };
}
