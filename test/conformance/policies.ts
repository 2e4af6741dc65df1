import { expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import { configMap, deployment } from './objects.ts';
import type { Subject } from './subject.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const dryRun = { dryRun: 'All' };

/** In force for the namespace of the subject alone, once a probe is refused; ended by the test that asked. */
async function inForce(subject: Subject, name: string, { spec, binding = {} }: { readonly spec: JsonObject; readonly binding?: JsonObject }): Promise<void> {
  const { send, path, namespace, eventually } = subject;
  const [policies, bindings] = [`${group}/validatingadmissionpolicies`, `${group}/validatingadmissionpolicybindings`];
  const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
  const probe = { expression: 'false', message: 'the probe' };
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }];
  const isProbe = [{ name: 'probe', expression: `object.metadata.name == "probe-${name}"` }];
  const wanted: readonly (readonly [string, JsonObject, JsonObject])[] = [
    [name, spec, binding],
    [`${name}-probe`, { matchConstraints: { resourceRules: rules }, matchConditions: isProbe, validations: [probe] }, {}],
  ];
  for (const [each, policy, bound] of wanted) {
    const full = `${namespace}-${each}`;
    expect(await send('POST', policies, { metadata: { name: full }, spec: policy })).toMatchObject({ status: 201 });
    const put = { policyName: full, validationActions: ['Deny'], matchResources, ...bound };
    expect(await send('POST', bindings, { metadata: { name: full }, spec: put })).toMatchObject({ status: 201 });
    onTestFinished(async () => {
      await send('DELETE', `${bindings}/${full}`);
      await send('DELETE', `${policies}/${full}`);
    });
  }
  await eventually(
    () => send('POST', path('configmaps'), configMap(`probe-${name}`), dryRun),
    ({ status }) => status === 422,
  );
}

const onConfigMaps = (more: JsonObject): JsonObject => ({
  matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['UPDATE'] }] },
  ...more,
});

export function admissionPolicies(subject: () => Subject): void {
  async function aConfigMap(name: string): Promise<(data: Readonly<Record<string, string>>, query?: Readonly<Record<string, string>>) => Promise<number>> {
    const { send, path, patch } = subject();
    await send('POST', path('configmaps'), configMap(name, { a: '1' }));
    return async (data, query) => (await patch('merge', path(`configmaps/${name}`), { data }, query)).status;
  }

  it('refuse what breaks a sentence, in its words', async () => {
    const { namespace, patch, path } = subject();
    const write = await aConfigMap('worded');
    const validations = [
      { expression: 'object.data.a != "bad"', message: 'a is not to be bad', reason: 'Forbidden' },
      { expression: '!has(object.data.b) || object.data.b == oldObject.data.a' },
    ];
    await inForce(subject(), 'worded', { spec: onConfigMaps({ validations }) });
    expect(await write({ a: '2', b: '1' })).toBe(200);
    const denied = `ValidatingAdmissionPolicy '${namespace}-worded' with binding '${namespace}-worded' denied request: `;
    const worded = await patch('merge', path('configmaps/worded'), { data: { a: 'bad' } });
    expect(worded).toEqual({
      status: 403,
      body: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: `configmaps "worded" is forbidden: ${denied}a is not to be bad`,
        reason: 'Forbidden',
        details: { name: 'worded', kind: 'configmaps', causes: [{ message: `${denied}a is not to be bad` }] },
        code: 403,
      },
    });
    expect(await patch('merge', path('configmaps/worded'), { data: { b: '9' } })).toMatchObject({
      status: 422,
      body: { reason: 'Invalid', message: expect.stringContaining('denied request: failed expression: !has(object.data.b)') },
    });
  });

  it('know a dry run, and who asks', async () => {
    const write = await aConfigMap('rehearsed');
    const validations = [{ expression: 'request.dryRun && request.userInfo.username != ""', message: 'a rehearsal only' }];
    await inForce(subject(), 'rehearsed', { spec: onConfigMaps({ validations }) });
    expect(await write({ a: '2' }, dryRun)).toBe(200);
    expect(await write({ a: '2' })).toBe(422);
  });

  it('see the scale of a Deployment as a scale', async () => {
    const { send, patch, path } = subject();
    await send('POST', path('deployments', 'apps/v1'), deployment('scaled', 3));
    const resourceRules = [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'], operations: ['UPDATE'] }];
    const validations = [{ expression: 'object.spec.replicas >= oldObject.spec.replicas', message: 'never fewer', reason: 'Forbidden' }];
    await inForce(subject(), 'scaled', { spec: { matchConstraints: { resourceRules }, validations } });
    const scale = (replicas: number) => patch('merge', path('deployments/scaled/scale', 'apps/v1'), { spec: { replicas } });
    expect((await scale(4)).status).toBe(200);
    const { status, body } = await scale(2);
    expect([status, body]).toEqual([403, expect.objectContaining({ message: expect.stringContaining('deployments.apps "scaled" is forbidden: ') })]);
  });

  it.each<[sentence: string, spec: JsonObject, binding: JsonObject, status: number]>([
    ['whose condition does not hold', { matchConditions: [{ name: 'no', expression: 'request.name == "another"' }] }, {}, 200],
    ['of which a binding only audits', {}, { validationActions: ['Audit'] }, 200],
    ['of another namespace', {}, { matchResources: { namespaceSelector: { matchLabels: { absent: 'x' } } } }, 200],
    ['of other objects', {}, { matchResources: { objectSelector: { matchLabels: { absent: 'x' } } } }, 200],
    [
      'whose variables, one by another, say so',
      {
        variables: [
          { name: 'name', expression: 'object.metadata.name' },
          { name: 'isNamed', expression: 'variables.name != ""' },
          { name: 'unused', expression: 'object.data.absent' },
        ],
        validations: [{ expression: 'variables.isNamed && variables.name.startsWith("whose")' }],
      },
      {},
      200,
    ],
    ['that asks for what is not there', { validations: [{ expression: 'object.data.absent == "x"' }] }, {}, 422],
    ['that asks so, and whose failures are ignored', { validations: [{ expression: 'object.data.absent == "x"' }], failurePolicy: 'Ignore' }, {}, 200],
    ['of all of it', {}, {}, 422],
  ])('one %s', async (sentence, spec, binding, status) => {
    const name = sentence.replaceAll(/[^a-z]/g, '-');
    const write = await aConfigMap(name);
    await inForce(subject(), name, { spec: onConfigMaps({ validations: [{ expression: 'false' }], ...spec }), binding });
    expect(await write({ a: '2' })).toBe(status);
  });
}
