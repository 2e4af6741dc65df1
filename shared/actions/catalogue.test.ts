import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundSample, samples, type Sample } from '../../test/support/actions.ts';
import { jsonBytesOf, type JsonObject } from '../api/json.ts';
import { targetBeforeBytesMax } from '../api/kubernetes-execution.ts';
import type { ObjectKey, PolicyRule } from '../kubernetes/ports.ts';
import type { ApiRequest } from '../kubernetes/request.ts';
import { objectPath } from '../kubernetes/resource-path.ts';
import { ActionInvalid, actionNames, actions, bindAction, fromRecommendation, parseAction, resolveAlias, serviceAccountOf } from './index.ts';

interface Access {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

const verbs = { GET: 'get', PATCH: 'patch', DELETE: 'delete', POST: 'create', PUT: 'update' } as const;
const accessPattern = /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+\/namespaces\/[^/]+\/(?<resource>[^/]+)\/[^/]+(?:\/(?<subresource>[^/]+))?$/;

function accessOf({ method, path }: Pick<ApiRequest, 'method' | 'path'>): Access {
  const { group = '', resource = '', subresource } = accessPattern.exec(path)?.groups ?? {};
  return { group, resource: subresource === undefined ? resource : `${resource}/${subresource}`, verb: verbs[method] };
}

function grants(rules: readonly PolicyRule[]): readonly Access[] {
  return rules.flatMap(({ apiGroups, resources, verbs: granted }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => granted.map((verb) => ({ group, resource, verb })))),
  );
}

const reading = (key: ObjectKey) => accessOf({ method: 'GET', path: objectPath(key) });

describe('the catalogue', () => {
  it('has a sample of each action, so that what follows holds for all', () => {
    expect(samples.map(({ name }) => name)).toEqual(actionNames);
  });

  it('gives each name and each alias one meaning', () => {
    const names = actions.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+(_[a-z]+)*$/.test(name))).toEqual([]);
    for (const { name, aliases } of actions) for (const alias of [name, ...aliases]) expect(resolveAlias(alias)).toBe(name);
    expect(resolveAlias('no_such_action')).toBe('no_such_action');
  });

  it.each(samples)('$name: what its command asks of the API is what its identity may, verb by verb', ({ name, parameters, target }) => {
    const kinds = ['deployment', 'statefulset', 'daemonset'].filter(() => Object.hasOwn(parameters, 'kind'));
    const variants = kinds.length === 0 ? [parameters] : kinds.map((kind) => ({ ...parameters, kind }));
    const used = variants.flatMap((variant) => bindAction(name, variant).requests(target).map(accessOf));
    const allowed = grants(bindAction(name, parameters).rbac);
    expect(used.filter((access) => !allowed.some((grant) => JSON.stringify(grant) === JSON.stringify(access)))).toEqual([]);
    expect(allowed.filter((grant) => !used.some((access) => JSON.stringify(grant) === JSON.stringify(access)))).toEqual([]);
  });

  it.each(samples)('$name: declares all that the functions read for it', ({ name, parameters, target }) => {
    const action = bindAction(name, parameters);
    const keys = [action.target, ...action.context(target), ...action.outcome.reads(action.remember(target))];
    const lists = action.contextLists(target).map((list) => ({ ...reading({ ...list, name: 'x' }), verb: 'list' }));
    const declared = actions.find((candidate) => candidate.name === name)?.reads ?? [];
    expect(grants(declared)).toEqual(expect.arrayContaining([...keys.map(reading), ...lists]));
  });

  it.each(samples)('$name: remembers less than a status may hold, and judges by it', ({ name, parameters, target }) => {
    const action = bindAction(name, parameters);
    const before = action.remember({ ...target, noise: 'x'.repeat(100_000) });
    expect(jsonBytesOf(before)).toBeLessThan(targetBeforeBytesMax);
    expect(action.outcome.judge(before, []).kind).toMatch(/^(ok|waiting|failed)$/);
    expect(action.outcome.reads(before)[0]).toEqual(action.target);
  });

  it.each(samples)('$name: leaves alone what is being deleted', ({ name, parameters, target }) => {
    const ending = { ...target, metadata: { ...target.metadata, deletionTimestamp: '2026-01-15T10:35:20Z' } };
    expect(bindAction(name, parameters).preconditions(ending, [])[0]).toEqual({ field: '', message: expect.stringContaining('is being deleted') });
  });

  it.each(samples)('$name: survives a target of which nothing is as it should be', ({ name, parameters, target: { apiVersion, kind, metadata } }) => {
    const action = bindAction(name, parameters);
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), fc.anything({ maxDepth: 3 }), (spec, status) => {
        const target = { apiVersion, kind, metadata, spec, status, data: status, binaryData: spec };
        const before = action.remember(target);
        action.preconditions(target, [target, null]);
        action.alreadyDone(target);
        action.undo(target);
        action.risk(target);
        action.argv(target);
        expect(action.outcome.judge(before, [target, target]).message).not.toBe('');
      }),
    );
  });
});

const hostile = [
  '-rf',
  '--all',
  '',
  ' ',
  'a b',
  'a;b',
  '$(reboot)',
  '`id`',
  'a\nb',
  'a\u0000b',
  '\u001b[2J',
  '../../x',
  'a/b',
  'A',
  'é',
  'x'.repeat(254),
  '{{.}}',
  'a,b=c',
  '*',
];

/** Paths of every text among the parameters. */
function texts(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value === 'string') return [path];
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, member]) => texts(member, [...path, key])) : [];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text;
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [key]: replaced(object[key], rest, text) };
}

describe('hostile values', () => {
  const places = samples.flatMap((sample) => texts(sample.parameters).map((path) => ({ ...sample, path, where: path.join('.') })));
  const names = places.filter(({ path }) => path[0] !== 'data');

  it.each(names)('$name: every one is refused in $where, by its field', ({ name, parameters, path, where }) => {
    const taken = hostile.filter((text) => parseAction(name, replaced(parameters, path, text) as JsonObject).kind === 'known');
    expect(taken).toEqual([]);
    expect(parseAction(name, replaced(parameters, path, '-rf') as JsonObject)).toMatchObject({
      field: where,
      message: expect.stringContaining(`${where}: must be`),
    });
  });

  it.each(names)('$name: what a message says of $where holds nothing of the value', ({ name, parameters, path }) => {
    const parsed = parseAction(name, replaced(parameters, path, '\u001b[2Jboo') as JsonObject);
    expect(JSON.stringify(parsed)).not.toContain('boo');
  });

  it.each(places)('$name: a leading dash is refused in $where', ({ name, parameters, path }) => {
    expect(parseAction(name, replaced(parameters, path, '-x') as JsonObject).kind).toBe('invalid_parameters');
  });

  it.each(samples)('$name: nothing that its schema takes becomes a flag, or one argument more', ({ name, parameters, target }) => {
    const usual = bindAction(name, parameters).argv(target);
    const flags = (argv: readonly string[]) => argv.filter((argument) => argument.startsWith('-')).map((argument) => argument.replace(/=.*$/s, ''));
    fc.assert(
      fc.property(fc.constantFrom(...texts(parameters)), fc.oneof(fc.string(), fc.domain(), fc.constantFrom(...hostile)), (path, text) => {
        const parsed = parseAction(name, replaced(parameters, path, text) as JsonObject);
        fc.pre(parsed.kind === 'known');
        if (parsed.kind !== 'known') return;
        const argv = parsed.action.argv(target);
        expect(argv).toHaveLength(usual.length);
        expect(flags(argv)).toEqual(flags(usual));
      }),
    );
  });

  it.each<[name: string, marked: JsonObject]>([
    ['scale_deployment', { namespace: 'marked-a', deployment: 'marked-b', replicas: 977 }],
    ['restart_pod', { namespace: 'marked-a', pod: 'marked-b' }],
    ['patch_configmap', { namespace: 'marked-a', configmap: 'marked-b', data: { MARKEDC: 'marked-d' } }],
    ['increase_memory_limit', { namespace: 'marked-a', name: 'marked-b', container: 'marked-c', memory: '977Mi', kind: 'statefulset' }],
  ])('%s: every parameter ends in exactly one argument', (name, marked) => {
    const { target } = samples.find((sample) => sample.name === name) as Sample;
    const argv = boundSample(name, marked).argv(target);
    const values = texts(marked).map((path) => String(path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], marked)));
    for (const value of [...values, ...(name === 'scale_deployment' ? ['977'] : [])]) {
      expect(argv.filter((argument) => argument.includes(value))).toHaveLength(1);
    }
  });
});

describe('parseAction', () => {
  it.each<[sentence: string, name: string, kind: string, message: string]>([
    ['a misspelt name', 'scale_deploymnt', 'unknown_action', 'scale_deploymnt is no action of the catalogue: did you mean scale_deployment?'],
    ['a strange name', 'make_tea', 'unknown_action', 'make_tea is no action of the catalogue: it has scale_deployment, restart_pod'],
    ['a hostile name', '\u001b[2J', 'unknown_action', 'this name is no action of the catalogue'],
    ['a member of every object', 'constructor', 'unknown_action', 'constructor is no action of the catalogue'],
    ['an endless name', 'a'.repeat(100_000), 'unknown_action', 'this name is no action'],
    ['an alias', 'update_configmap', 'unknown_action', 'update_configmap is another name of patch_configmap: write patch_configmap'],
    ['an action that needs a template', 'failover_database', 'action_not_enabled', 'failover_database is not enabled: it acts only through a Job template'],
  ])('%s', (_sentence, name, kind, message) => {
    expect(parseAction(name, {})).toEqual({ kind, field: 'action', message: expect.stringContaining(message) });
  });

  it('names every mistake, the first as its field', () => {
    const parsed = parseAction('scale_deployment', { deployment: 'x', replicas: 'many', odd: 1, odder: 2 });
    expect(parsed).toMatchObject({ kind: 'invalid_parameters', field: 'namespace' });
    const { message } = parsed as { readonly message: string };
    expect(message.split('; ').map((sentence) => sentence.split(':')[0])).toEqual(['namespace', 'replicas', 'odd', 'odder']);
  });

  it('never throws, whatever the parameters are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...actionNames), fc.dictionary(fc.string(), fc.anything()), (name, parameters) => {
        expect(parseAction(name, parameters as JsonObject).kind).toMatch(/known|invalid_parameters/);
      }),
    );
  });
});

describe('bindAction', () => {
  it('throws for what no gate would have let through', () => {
    expect(() => bindAction('make_tea', {})).toThrow(ActionInvalid);
    expect(() => bindAction('scale_deployment', {})).toThrow('invalid_parameters: namespace: is missing');
  });

  it('names the identity that acts', () => {
    expect(bindAction('scale_deployment', samples[0]?.parameters ?? {}).serviceAccount).toBe('scale-deployment-sa');
    expect(serviceAccountOf('increase_memory_limit')).toBe('increase-memory-limit-sa');
  });
});

describe('fromRecommendation', () => {
  it('leaves the parameters of an unknown action alone: a gate will name it', () => {
    expect(fromRecommendation('make_tea', { restore: true })).toEqual({ restore: true });
  });

  it.each(samples)('$name: takes no restore from outside', ({ name, parameters }) => {
    expect(fromRecommendation(name, { ...parameters, restore: true })).toEqual(parameters);
  });
});
