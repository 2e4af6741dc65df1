import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { metadataOf } from '../subject.ts';
import { collectionOf, configuration, type Side, type World } from './installation.ts';

const clientConfig = { url: 'https://127.0.0.1:1/x', caBundle: 'e30=' };
const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }];
const complete: JsonObject = { name: 'a.b.c', clientConfig: { url: 'https://127.0.0.1:1/x' }, rules, sideEffects: 'None', admissionReviewVersions: ['v1'] };

export function registrations(world: () => World): void {
  it.each<[side: Side, more: JsonObject]>([
    ['mutating', { reinvocationPolicy: 'Never' }],
    ['validating', {}],
  ])('a %s one is served with its defaults, and counts its changes', async (side, more) => {
    const { send, patch } = world().subject;
    const at = collectionOf(side);
    const made = await send('POST', at, configuration(side, 'defaulted', [complete]));
    const defaults = { failurePolicy: 'Fail', matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, ...more };
    expect(made).toMatchObject({ status: 201, body: { metadata: { generation: 1 } } });
    expect((made.body as JsonObject)['webhooks']).toEqual([{ ...complete, ...defaults, rules: [{ ...rules[0], scope: '*' }] }]);
    expect(metadataOf(await patch('json', `${at}/defaulted`, [{ op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 5 }]))).toMatchObject({
      generation: 2,
    });
    const merged = await patch('strategic', `${at}/defaulted`, { webhooks: [{ name: 'a.b.c', failurePolicy: 'Ignore' }] });
    expect(merged.body).toMatchObject({ webhooks: [{ name: 'a.b.c', failurePolicy: 'Ignore', timeoutSeconds: 5 }] });
    expect((await send('DELETE', `${at}/defaulted`)).status).toBe(200);
  });

  describe('is refused', () => {
    it.each<[sentence: string, change: JsonObject, ...causes: readonly (readonly [field: string, message: string])[]]>([
      ['without a name', { name: '' }, ['webhooks[0].name', 'Required value']],
      [
        'with a name of two parts',
        { name: 'a.b' },
        ['webhooks[0].name', 'Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
      ],
      ['without side effects', { sideEffects: undefined }, ['webhooks[0].sideEffects', 'Required value: must specify one of None, NoneOnDryRun']],
      [
        'with side effects that a dry run would have',
        { sideEffects: 'Some' },
        ['webhooks[0].sideEffects', 'Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
      ],
      ['without versions', { admissionReviewVersions: [] }, ['webhooks[0].admissionReviewVersions', 'Required value: must specify one of v1, v1beta1']],
      [
        'with versions that nobody knows',
        { admissionReviewVersions: ['v7'] },
        ['webhooks[0].admissionReviewVersions', 'Invalid value: ["v7"]: must include at least one of v1, v1beta1'],
      ],
      ['with no time', { timeoutSeconds: 0 }, ['webhooks[0].timeoutSeconds', 'Invalid value: 0: the timeout value must be between 1 and 30 seconds']],
      ['with all the time', { timeoutSeconds: 31 }, ['webhooks[0].timeoutSeconds', 'Invalid value: 31: the timeout value must be between 1 and 30 seconds']],
      [
        'with another failure policy',
        { failurePolicy: 'Retry' },
        ['webhooks[0].failurePolicy', 'Unsupported value: "Retry": supported values: "Fail", "Ignore"'],
      ],
      [
        'with another match policy',
        { matchPolicy: 'Loose' },
        ['webhooks[0].matchPolicy', 'Unsupported value: "Loose": supported values: "Equivalent", "Exact"'],
      ],
      ['with no place', { clientConfig: {} }, ['webhooks[0].clientConfig', 'Required value: exactly one of url or service is required']],
      [
        'with two places',
        { clientConfig: { ...clientConfig, service: { name: 'a', namespace: 'b' } } },
        ['webhooks[0].clientConfig', 'Required value: exactly one of url or service is required'],
      ],
      [
        'without TLS',
        { clientConfig: { url: 'http://127.0.0.1/x' } },
        ['webhooks[0].clientConfig.url', `Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`],
      ],
      [
        'with a query',
        { clientConfig: { url: 'https://127.0.0.1/x?a=b' } },
        ['webhooks[0].clientConfig.url', 'Invalid value: "a=b": query parameters are not permitted in the URL'],
      ],
      [
        'with a fragment',
        { clientConfig: { url: 'https://127.0.0.1/x#a' } },
        ['webhooks[0].clientConfig.url', 'Invalid value: "a": fragments are not permitted in the URL'],
      ],
      [
        'with a user',
        { clientConfig: { url: 'https://me:pw@127.0.0.1/x' } },
        ['webhooks[0].clientConfig.url', 'Invalid value: "me:pw": user information is not permitted in the URL'],
      ],
      ['with no operation', { rules: [{ ...rules[0], operations: [] }] }, ['webhooks[0].rules[0].operations', 'Required value']],
      [
        'with another operation',
        { rules: [{ ...rules[0], operations: ['GET'] }] },
        ['webhooks[0].rules[0].operations[0]', 'Unsupported value: "GET": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"'],
      ],
      [
        'with all operations and one',
        { rules: [{ ...rules[0], operations: ['*', 'CREATE'] }] },
        ['webhooks[0].rules[0].operations', `Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`],
      ],
      ['with no group', { rules: [{ ...rules[0], apiGroups: [] }] }, ['webhooks[0].rules[0].apiGroups', 'Required value']],
      ['with no version', { rules: [{ ...rules[0], apiVersions: [] }] }, ['webhooks[0].rules[0].apiVersions', 'Required value']],
      ['with no resource', { rules: [{ ...rules[0], resources: [] }] }, ['webhooks[0].rules[0].resources', 'Required value']],
      [
        'with all resources and one',
        { rules: [{ ...rules[0], resources: ['*', 'pods'] }] },
        ['webhooks[0].rules[0].resources', `Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`],
      ],
      [
        'with another scope',
        { rules: [{ ...rules[0], scope: 'Galaxy' }] },
        ['webhooks[0].rules[0].scope', 'Unsupported value: "Galaxy": supported values: "*", "Cluster", "Namespaced"'],
      ],
      ['with a condition without a name', { matchConditions: [{ name: '', expression: 'true' }] }, ['webhooks[0].matchConditions[0].name', 'Required value']],
      [
        'with a condition that says nothing',
        { matchConditions: [{ name: 'a', expression: ' ' }] },
        ['webhooks[0].matchConditions[0].expression', 'Required value'],
      ],
      [
        'with two conditions of a name',
        {
          matchConditions: [
            { name: 'a', expression: 'true' },
            { name: 'a', expression: 'false' },
          ],
        },
        ['webhooks[0].matchConditions[1].name', 'Duplicate value: "a"'],
      ],
      [
        'with a selector that cannot be read',
        { objectSelector: { matchExpressions: [{ key: 'a', operator: 'Like', values: ['b'] }] } },
        ['webhooks[0].objectSelector.matchExpressions[0].operator', 'Invalid value: "Like": not a valid selector operator'],
      ],
    ])('%s', async (_sentence, change, ...causes) => {
      const { send } = world().subject;
      const answer = await send('POST', collectionOf('validating'), configuration('validating', 'refused', [{ ...complete, ...change }]), { dryRun: 'All' });
      const told = (answer.body as { details?: { causes?: readonly JsonObject[] } }).details?.causes?.map(({ field, message }) => [field, message]);
      expect([answer.status, told]).toEqual([422, causes]);
    });

    it.each<[sentence: string, expression: string]>([
      ['that cannot be read', 'object.spec ='],
      ['that is no condition', '1 + 1'],
      ['about what is not there', 'nothing.spec'],
    ])('with a condition %s', async (_sentence, expression) => {
      const { send } = world().subject;
      const webhook: JsonObject = { ...complete, matchConditions: [{ name: 'a', expression }] };
      const answer = await send('POST', collectionOf('mutating'), configuration('mutating', 'refused', [webhook]), { dryRun: 'All' });
      const causes: readonly JsonValue[] = [
        expect.objectContaining({ field: 'webhooks[0].matchConditions[0].expression', reason: 'FieldValueInvalid' }) as JsonObject,
      ];
      expect(answer).toMatchObject({ status: 422, body: { details: { causes } } });
    });

    it('with two webhooks of a name, or another way to be asked again', async () => {
      const { send } = world().subject;
      const webhooks: readonly JsonObject[] = [complete, { ...complete, reinvocationPolicy: 'Always' }];
      const answer = await send('POST', collectionOf('mutating'), configuration('mutating', 'refused', webhooks), { dryRun: 'All' });
      const causes = [
        {
          reason: 'FieldValueNotSupported',
          message: 'Unsupported value: "Always": supported values: "IfNeeded", "Never"',
          field: 'webhooks[1].reinvocationPolicy',
        },
        { reason: 'FieldValueDuplicate', message: 'Duplicate value: "a.b.c"', field: 'webhooks[1].name' },
      ];
      expect(answer).toMatchObject({ status: 422, body: { details: { causes } } });
    });
  });
}
