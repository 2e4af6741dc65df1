import { describe, expect, it } from 'vitest';
import { kinds, KindName } from '../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { alice, functions } from '../../test/support/admission.ts';
import { judge } from '../../test/support/admission-policies.ts';
import { webhookConfigurations } from './webhook-configurations.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
}
interface Webhook {
  readonly name: string;
  readonly clientConfig: object;
  readonly rules: readonly Rule[];
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
}

const url = 'https://abc.lambda-url.eu-central-1.on.aws/a-segment-of-enough-length';
const namespace = 'kubernaut-system';
const webhooksOf = (objects: readonly KubernetesObject[]) => objects.flatMap((object) => object['webhooks'] as readonly Webhook[]) as [Webhook, Webhook];
const configurations = webhookConfigurations({ url, namespace });
const [mutating, validating] = webhooksOf(configurations);
const byGroup = { username: 'somebody', groups: ['kubernaut:functions'] };

interface Write {
  readonly kind: KindName;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly userInfo: object;
  readonly subResource?: string;
}

/** Would the API server call this webhook about the write? */
function isAsked({ rules, matchConditions }: Webhook, { kind, operation, userInfo, subResource = '' }: Write): boolean {
  const { group, plural } = kinds[kind];
  const resource = subResource === '' ? plural : `${plural}/${subResource}`;
  const isMatched = rules.some((rule) => rule.apiGroups.includes(group) && rule.operations.includes(operation) && rule.resources.includes(resource));
  const concerns = Object.fromEntries(matchConditions.map(({ name, expression }) => [name, expression]));
  const policy = { name: '', requests: { apiGroups: [], resources: [], operations: [] }, concerns, variables: {}, rules: [] };
  const request = { operation, userInfo, resource: { group, version: 'v1', resource: plural }, ...(subResource !== '' && { subResource }) };
  return isMatched && judge(policy, { request }) !== null;
}

describe('the webhook configurations', () => {
  it('fail closed and soon, are asked about version v1, and have effects that a dry run has not', () => {
    expect(configurations.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['MutatingWebhookConfiguration', 'kubernaut-admission'],
      ['ValidatingWebhookConfiguration', 'kubernaut-admission'],
    ]);
    for (const webhook of [mutating, validating]) {
      expect(webhook).toMatchObject({
        admissionReviewVersions: ['v1'],
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        sideEffects: 'NoneOnDryRun',
        timeoutSeconds: 5,
      });
    }
    expect(mutating).toMatchObject({ name: 'mutate.admission.kubernaut.io', reinvocationPolicy: 'Never', clientConfig: { url: `${url}/mutate` } });
    expect(validating).toMatchObject({ name: 'validate.admission.kubernaut.io', clientConfig: { url: `${url}/validate` } });
  });

  it('can block nothing but our own kinds', () => {
    const groups = KindName.map((kind) => kinds[kind].group);
    for (const { rules } of [mutating, validating]) {
      for (const rule of rules) {
        expect(groups).toEqual(expect.arrayContaining([...rule.apiGroups]));
        expect([...rule.apiGroups, ...rule.resources, ...rule.operations].join()).not.toContain('*');
        expect(rule).toMatchObject({ scope: 'Namespaced', apiVersions: ['v1'] });
      }
    }
  });

  it.each<[sentence: string, write: Write, doors: readonly ('mutate' | 'validate')[]]>([
    ['a request by hand', { kind: 'RemediationRequest', operation: 'CREATE', userInfo: alice }, ['mutate', 'validate']],
    ['a request of an alert', { kind: 'RemediationRequest', operation: 'CREATE', userInfo: functions }, ['validate']],
    ['a workflow of the functions, which names actions', { kind: 'WorkflowExecution', operation: 'CREATE', userInfo: functions }, ['mutate', 'validate']],
    ['an execution of the functions', { kind: 'KubernetesExecution', operation: 'CREATE', userInfo: functions }, ['mutate', 'validate']],
    ['an analysis of the functions', { kind: 'AIAnalysis', operation: 'CREATE', userInfo: functions }, ['validate']],
    ['a decision', { kind: 'WorkflowExecution', operation: 'UPDATE', userInfo: alice }, ['mutate', 'validate']],
    ['an annotation of the functions', { kind: 'WorkflowExecution', operation: 'UPDATE', userInfo: functions }, ['validate']],
    ['a switch of a person', { kind: 'RemediationRequest', operation: 'UPDATE', userInfo: alice }, ['mutate', 'validate']],
    ['a label of the functions', { kind: 'RemediationRequest', operation: 'UPDATE', userInfo: functions }, ['validate']],
    ['a delete', { kind: 'WorkflowExecution', operation: 'DELETE', userInfo: alice }, []],
    ['a user without groups', { kind: 'WorkflowExecution', operation: 'UPDATE', userInfo: { username: 'x' } }, ['mutate', 'validate']],
  ])('ask about %s: %3$j', (_sentence, write, doors) => {
    expect([...(isAsked(mutating, write) ? ['mutate'] : []), ...(isAsked(validating, write) ? ['validate'] : [])]).toEqual(doors);
  });

  it.each(KindName)('ask about no status of %s that the functions write, and about every other', (kind) => {
    const [, mapped] = webhooksOf(webhookConfigurations({ url, namespace, functions: { users: ['x', 'y'], groups: byGroup.groups } }));
    const status = { kind, operation: 'UPDATE', subResource: 'status' } as const;
    expect(isAsked(validating, { ...status, userInfo: functions })).toBe(false);
    expect(isAsked(validating, { ...status, userInfo: alice })).toBe(true);
    expect(isAsked(validating, { ...status, userInfo: byGroup })).toBe(true);
    expect([byGroup, { username: 'y' }, functions].map((userInfo) => isAsked(mapped, { ...status, userInfo }))).toEqual([false, false, true]);
  });

  it('reach a service in the cluster as well, with an authority of its own', () => {
    const service = { namespace, name: 'admission', path: '/segment/', port: 8443 };
    const [first] = webhookConfigurations({ service, caBundle: 'Zm9v', namespace });
    expect(first?.['webhooks']).toMatchObject([
      { clientConfig: { caBundle: 'Zm9v', service: { namespace, name: 'admission', path: '/segment/mutate', port: 8443 } } },
    ]);
  });

  it.each(['http://example.com/s', 'https://user@example.com/s', 'https://example.com/s?x=1', 'https://example.com/s#x'])('refuse %s', (address) => {
    expect(() => webhookConfigurations({ url: address, namespace })).toThrow('admission.url: must be https');
  });
});
