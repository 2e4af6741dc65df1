import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import { objectAt, type Subject } from './subject.ts';

const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

function definition(plural: string, spec: JsonObject, more: JsonObject = {}): JsonObject {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', ...spec } } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.defined.example` },
    spec: {
      group: 'defined.example',
      scope: 'Namespaced',
      names: { plural, kind: plural.charAt(0).toUpperCase() + plural.slice(1, -1) },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
      ...more,
    },
  };
}

export function customResourceDefinitions(subject: () => Subject): void {
  const dryRun = { dryRun: 'All' };

  describe('a definition', () => {
    it('is established, and takes its objects along when it goes', async () => {
      const { send, path, eventually } = subject();
      await send('POST', collection, definition('gadgets', {}));
      const served = await eventually(
        () => send('GET', path('gadgets', 'defined.example/v1')),
        ({ status }) => status === 200,
      );
      expect(served.body).toMatchObject({ kind: 'GadgetList', items: [] });
      const established = await eventually(
        () => send('GET', `${collection}/gadgets.defined.example`),
        ({ body }) => JSON.stringify(objectAt(body, 'status')['conditions'] ?? '').includes('Established'),
      );
      expect(established.body).toMatchObject({
        spec: { names: { singular: 'gadget', listKind: 'GadgetList' }, conversion: { strategy: 'None' } },
        status: { acceptedNames: { kind: 'Gadget' }, storedVersions: ['v1'] },
      });
      const gadget = { apiVersion: 'defined.example/v1', kind: 'Gadget', metadata: { name: 'one' } };
      await eventually(
        () => send('POST', path('gadgets', 'defined.example/v1'), gadget),
        ({ status }) => status === 201,
      );
      await send('DELETE', `${collection}/gadgets.defined.example`);
      const gone = await eventually(
        () => send('GET', path('gadgets', 'defined.example/v1')),
        ({ status }) => status === 404,
      );
      expect(gone.status).toBe(404);
    });

    it.each<[sentence: string, spec: JsonObject]>([
      ['a field of no type', { properties: { a: {} } }],
      ['a list of no items', { properties: { a: { type: 'array' } } }],
      ['fields and free fields at once', { properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } }],
      ['a default that its own schema refuses', { properties: { a: { type: 'integer', minimum: 1, default: 0 } } }],
      ['a pattern that is none', { properties: { a: { type: 'string', pattern: '(' } } }],
      ['a rule that is no expression', { 'x-kubernetes-validations': [{ rule: 'self ==', message: 'x' }] }],
      ['a rule about a field that is not there', { 'x-kubernetes-validations': [{ rule: 'self.nothing == 1', message: 'x' }] }],
      ['a rule that is no truth', { 'x-kubernetes-validations': [{ rule: 'size(self)', message: 'x' }] }],
      ['a reference', { properties: { a: { $ref: '#/definitions/a' } } }],
      [
        'a list by a key that its items lack',
        { properties: { a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } } },
      ],
    ])('with %s is refused', async (_sentence, spec) => {
      const { send } = subject();
      const answer = await send('POST', collection, definition('refused', spec), dryRun);
      expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid', details: { kind: 'CustomResourceDefinition' } } });
    });

    it('is named after its plural and its group', async () => {
      const { send } = subject();
      const misnamed = { ...definition('things', {}), metadata: { name: 'other.defined.example' } };
      expect(await send('POST', collection, misnamed, dryRun)).toMatchObject({
        status: 422,
        body: { details: { causes: expect.arrayContaining([expect.objectContaining({ field: 'metadata.name' })]) as unknown } },
      });
    });

    it('stores one version', async () => {
      const { send } = subject();
      const schema = { openAPIV3Schema: { type: 'object' } };
      const versions = ['v1', 'v2'].map((name) => ({ name, served: true, storage: true, schema }));
      expect((await send('POST', collection, definition('twofold', {}, { versions }), dryRun)).status).toBe(422);
    });

    it('is not overwritten by who has not read it', async () => {
      const { send } = subject();
      expect((await send('PUT', `${collection}/widgets.conformance.example`, definition('widgets', {}))).status).toBeGreaterThanOrEqual(400);
    });
  });

  describe('rules', () => {
    const ruled = (plural: string, properties: JsonObject, rules: readonly JsonObject[]) =>
      definition(plural, { properties, 'x-kubernetes-validations': [...rules] });

    /** Serves the kind, and writes to it until the server knows it. */
    const using = async (manifest: JsonObject, kind: string, plural: string) => {
      const { send, patch, path, eventually } = subject();
      await send('POST', collection, manifest);
      const at = path(plural, 'defined.example/v1');
      await eventually(
        () => send('GET', at),
        ({ status }) => status === 200,
      );
      const object = (name: string, spec: JsonObject) => ({ apiVersion: 'defined.example/v1', kind, metadata: { name }, spec });
      return {
        create: (name: string, spec: JsonObject) =>
          eventually(
            () => send('POST', at, object(name, spec)),
            ({ status }) => status !== 404,
          ),
        change: (name: string, spec: JsonValue) => patch('merge', `${at}/${name}`, { spec }),
        done: () => send('DELETE', `${collection}/${plural}.defined.example`),
      };
    };

    it('hold between fields, and speak in their own words', async () => {
      const { create, done } = await using(
        ruled('ranges', { min: { type: 'integer' }, max: { type: 'integer' } }, [{ rule: 'self.min <= self.max', message: 'min is above max' }]),
        'Range',
        'ranges',
      );
      expect((await create('good', { min: 1, max: 2 })).status).toBe(201);
      expect(await create('bad', { min: 3, max: 2 })).toMatchObject({
        status: 422,
        body: { details: { causes: [{ reason: 'FieldValueInvalid', field: 'spec', message: expect.stringContaining('min is above max') as string }] } },
      });
      await done();
    });

    it('compare with what was, only when there was something', async () => {
      const { create, change, done } = await using(
        ruled(
          'ratchets',
          { level: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'only up' }] }, note: { type: 'string' } },
          [],
        ),
        'Ratchet',
        'ratchets',
      );
      expect((await create('r', { level: 5 })).status).toBe(201);
      expect((await change('r', { level: 6 })).status).toBe(200);
      expect(await change('r', { level: 4 })).toMatchObject({ status: 422, body: { details: { causes: [{ field: 'spec.level' }] } } });
      expect((await change('r', { note: 'said' })).status).toBe(200);
      expect((await change('r', { level: null })).status).toBe(200);
      expect((await change('r', { level: 1 })).status).toBe(200);
      await done();
    });

    it('see what is there and what is not', async () => {
      const { create, done } = await using(
        ruled('choices', { a: { type: 'string' }, b: { type: 'string' } }, [{ rule: 'has(self.a) != has(self.b)', message: 'one of a and b' }]),
        'Choice',
        'choices',
      );
      expect((await create('one', { a: '1' })).status).toBe(201);
      expect((await create('none', {})).status).toBe(422);
      expect((await create('both', { a: '1', b: '2' })).status).toBe(422);
      await done();
    });

    it('go through lists and maps', async () => {
      const { create, done } = await using(
        ruled(
          'lists',
          {
            names: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 20 } },
            limits: { type: 'object', maxProperties: 10, additionalProperties: { type: 'integer' } },
          },
          [
            { rule: "!has(self.names) || self.names.all(n, n.startsWith('x-'))", message: 'names begin with x-' },
            { rule: '!has(self.limits) || self.limits.all(k, self.limits[k] > 0)', message: 'limits are above zero' },
          ],
        ),
        'List',
        'lists',
      );
      expect((await create('good', { names: ['x-a'], limits: { a: 1 } })).status).toBe(201);
      expect((await create('bad-list', { names: ['x-a', 'b'] })).status).toBe(422);
      expect((await create('bad-map', { limits: { a: 0 } })).status).toBe(422);
      await done();
    });
  });
}
