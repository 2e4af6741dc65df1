import { describe, expect, it } from 'vitest';
import { admitDefinition, aDefinition, admittedObject, causesOf, sentences } from '../../../test/support/crd.ts';
import { customResourceDefinition } from '../../../shared/api/crd.ts';
import { definitions } from '../../../shared/api/kinds.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { crdValidator } from './crd-validator.ts';
import { kubernetesObject } from './object.ts';

const schemaPath = 'spec.validation.openAPIV3Schema';
const string = { type: 'string' };

describe('a definition', () => {
  it.each(definitions.map((definition) => [definition.kind, definition] as const))('of ours is accepted: %s', (_kind, definition) => {
    const json: JsonObject = JSON.parse(JSON.stringify(customResourceDefinition(definition)));
    expect(sentences(causesOf(admitDefinition(kubernetesObject(json))))).toEqual([]);
  });

  it('is established at once, under the names that the API fills in', () => {
    expect(admittedObject(admitDefinition(aDefinition({ spec: { type: 'object' } })))).toMatchObject({
      spec: { names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } },
      status: {
        conditions: [
          { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', lastTransitionTime: '2026-01-15T10:35:20Z' },
          { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' },
        ],
        acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['wd'] },
        storedVersions: ['v1'],
      },
    });
  });

  it('establishes a type for its version', () => {
    const columns = [{ name: 'PHASE', type: 'string', jsonPath: '.status.phase' }];
    expect(crdValidator().typesOf(aDefinition({ spec: { type: 'object' } }, { version: { additionalPrinterColumns: columns } }))).toMatchObject([
      {
        group: 'example.kubernaut.io',
        version: 'v1',
        kind: 'Widget',
        plural: 'widgets',
        singular: 'widget',
        namespaced: true,
        subresources: ['status'],
        custom: true,
        columns: [{ name: 'PHASE', priority: 0 }],
      },
    ]);
  });

  const refused: readonly [string, Parameters<typeof aDefinition>, readonly string[]][] = [
    [
      'has another name than its plural and group',
      [{}, { name: 'widget.example.kubernaut.io' }],
      ['metadata.name: Invalid value: "widget.example.kubernaut.io": must be spec.names.plural+"."+spec.group'],
    ],
    ['has no group', [{}, { spec: { group: undefined } }], ['spec.group: Required value']],
    [
      'has a scope that does not exist',
      [{}, { spec: { scope: 'Global' } }],
      ['spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'stores no version',
      [{}, { version: { storage: false } }],
      ['spec.versions: Invalid value: ["v1"]: must have exactly one version marked as storage version'],
    ],
    [
      'has a field without a type',
      [{ spec: { description: 'anything' } }],
      [`${schemaPath}.properties[spec].type: Required value: must not be empty for specified object fields`],
    ],
    [
      'has items without a type',
      [{ spec: { type: 'array', items: {} } }],
      [`${schemaPath}.properties[spec].items.type: Required value: must not be empty for specified array items`],
    ],
    ['has a list without items', [{ spec: { type: 'array' } }], [`${schemaPath}.properties[spec].items: Required value: must be specified`]],
    ['is no object', [{}, { schema: { type: 'string' } }], [`${schemaPath}.type: Invalid value: "string": must be object at the root`]],
    ['uses oneOf', [{ spec: { type: 'object', oneOf: [] } }], [`${schemaPath}.properties[spec].oneOf: Forbidden: oneOf is not supported`]],
    [
      'has a type that does not exist',
      [{ spec: { type: 'map' } }],
      [`${schemaPath}.properties[spec].type: Unsupported value: "map": supported values: "array", "boolean", "integer", "number", "object", "string"`],
    ],
    [
      'has both properties and additionalProperties',
      [{ spec: { type: 'object', properties: { a: string }, additionalProperties: string } }],
      [`${schemaPath}.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'keys a list by what its items lack',
      [{ spec: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object' } } }],
      [`${schemaPath}.properties[spec].x-kubernetes-list-map-keys: Invalid value: ["name"]: entries must all be names of item properties`],
    ],
    [
      'keys a list by an optional field',
      [
        {
          spec: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: { type: 'object', properties: { name: string } },
          },
        },
      ],
      [
        `${schemaPath}.properties[spec].items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'has a default that breaks its own schema',
      [{ spec: { type: 'object', properties: { a: { type: 'integer', default: 'x' } } } }],
      [`${schemaPath}.properties[spec].properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`],
    ],
    [
      'compares items of a list without keys with what they were',
      [{ spec: { type: 'array', items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > oldSelf' }] } } }],
      [
        `${schemaPath}.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: "self > oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${schemaPath}.properties[spec]`,
      ],
    ],
  ];

  it.each(refused)('is refused when it %s', (_sentence, given, expected) => {
    expect(sentences(causesOf(admitDefinition(aDefinition(...given))))).toEqual(expected);
  });

  it.each([
    ['a rule', { 'x-kubernetes-validations': [{ rule: 'self.' }] }, 'x-kubernetes-validations[0].rule: Invalid value: "self.": compilation failed: '],
    ['a function that does not exist', { 'x-kubernetes-validations': [{ rule: 'unheardOf(self)' }] }, 'compilation failed: found no matching overload'],
    [
      'a pattern',
      { properties: { a: { type: 'string', pattern: '(' } } },
      'properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: ',
    ],
  ])('is refused when %s cannot be read', (_sentence, schema, expected) => {
    expect(sentences(causesOf(admitDefinition(aDefinition({ spec: { type: 'object', ...schema } })))).join()).toContain(expected);
  });
});
