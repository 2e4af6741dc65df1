import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { configMap, widget, widgetGroup } from '../objects.ts';
import { allows, denies, installed, registration, type World } from './installation.ts';

const of = (rule: JsonObject) => [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], ...rule }];

export function matching(world: () => World): void {
  describe('by its rules', () => {
    it.each<[sentence: string, rules: JsonObject[], called: readonly string[]]>([
      ['the group', of({ apiGroups: ['apps'] }), []],
      ['the version', of({ apiVersions: ['v1beta1'] }), []],
      ['the resource', of({ resources: ['gadgets', 'widgets'] }), ['CREATE', 'UPDATE', 'DELETE']],
      ['one operation', of({ operations: ['UPDATE'] }), ['UPDATE']],
      ['two rules', [...of({ operations: ['CREATE'] }), ...of({ operations: ['DELETE'] })], ['CREATE', 'DELETE']],
      ['no subresource', of({}), ['CREATE', 'UPDATE', 'DELETE']],
      ['every subresource of one', of({ resources: ['widgets/*'] }), ['CREATE', 'UPDATE', 'UPDATE status', 'DELETE']],
      ['a subresource of all', of({ resources: ['*/status'] }), ['UPDATE status']],
      ['all of all', of({ resources: ['*/*'] }), ['CREATE', 'UPDATE', 'UPDATE status', 'DELETE']],
      ['what is namespaced', of({ scope: 'Namespaced' }), ['CREATE', 'UPDATE', 'DELETE']],
      ['what is the cluster’s', of({ scope: 'Cluster' }), []],
      ['no rule at all', [], []],
    ])('%s', async (sentence, rules, called) => {
      const { send, patch, path } = world().subject;
      const { calls, seen } = await installed(world(), `rules-${sentence.replaceAll(/[^a-z]/g, '-')}`, {
        validating: { only: { answers: allows, more: { rules } } },
      });
      await send('POST', path('widgets', widgetGroup), seen(widget('ruled')));
      await patch('merge', path('widgets/ruled', widgetGroup), { spec: { size: 2 } });
      await patch('merge', path('widgets/ruled/status', widgetGroup), { status: { phase: 'ready' } });
      await send('DELETE', path('widgets/ruled', widgetGroup));
      const told = calls('validating/only').map(({ request }) =>
        `${String(request['operation'] as string)} ${String((request['subResource'] ?? '') as string)}`.trim(),
      );
      expect(told).toEqual(called);
    });

    it('an object of the cluster is of no namespace, but a Namespace of its own', async () => {
      const { send, namespace } = world().subject;
      const wishes = {
        validating: {
          cluster: { answers: allows, more: { rules: of({ scope: 'Cluster' }) } },
          namespaced: { answers: allows, more: { rules: of({ scope: 'Namespaced' }) } },
        },
      };
      const { calls, seen } = await installed(world(), 'scopes', wishes);
      const name = `${namespace}-scoped`;
      await send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', seen({ metadata: { name }, rules: [] }), { dryRun: 'All' });
      await send('POST', '/api/v1/namespaces', seen({ metadata: { name } }), { dryRun: 'All' });
      expect(calls('validating/namespaced')).toEqual([]);
      expect(calls('validating/cluster').map(({ request }) => [request['name'], request['namespace']])).toEqual([
        [name, undefined],
        [name, name],
      ]);
    });
  });

  it('by the labels of the namespace', async () => {
    const { send, path, namespace } = world().subject;
    const inNamespace = (namespaceSelector: JsonObject) => ({ answers: allows, more: { namespaceSelector } });
    const wishes = {
      validating: {
        here: inNamespace({ matchLabels: { 'kubernetes.io/metadata.name': namespace } }),
        elsewhere: inNamespace({ matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [namespace] }] }),
        nowhere: inNamespace({ matchExpressions: [{ key: 'absent', operator: 'Exists' }] }),
      },
    };
    const { order, seen } = await installed(world(), 'namespaces', wishes);
    await send('POST', path('widgets', widgetGroup), seen(widget('placed')));
    expect(order()).toEqual(['validating/here']);
  });

  it('by the labels of the object, as it is or as it was', async () => {
    const { patch, send, path } = world().subject;
    const { calls, seen } = await installed(world(), 'labels', { validating: { only: { answers: allows } } });
    await send('POST', path('widgets', widgetGroup), widget('plain'));
    expect(calls('validating/only')).toEqual([]);
    await send('POST', path('widgets', widgetGroup), seen(widget('labelled')));
    await patch('merge', path('widgets/labelled', widgetGroup), { metadata: { labels: { case: null } } });
    await patch('merge', path('widgets/labelled', widgetGroup), { spec: { size: 3 } });
    expect(calls('validating/only').map(({ request }) => request['operation'])).toEqual(['CREATE', 'UPDATE']);
  });

  describe('by its conditions', () => {
    it.each<[sentence: string, expressions: readonly string[], called: boolean]>([
      ['all hold', ["request.operation == 'CREATE'", "object.metadata.name.startsWith('conditio')", 'oldObject == null'], true],
      ['one does not', ["request.operation == 'CREATE'", 'object.spec.size > 3'], false],
      ['who asks', ["'system:masters' in request.userInfo.groups", "!request.userInfo.username.startsWith('system:serviceaccount:')"], true],
      ['numbers are numbers', ['object.spec.size == 3', 'object.spec.size + 1 == 4'], true],
      [
        'what it is about',
        ["request.resource.group == 'conformance.example' && request.kind.kind == 'Widget'", '!has(object.status)', 'has(object.spec.color)'],
        true,
      ],
      ['a dry run is none', ['!(has(request.dryRun) && request.dryRun)', "!has(request.subResource) || request.subResource == ''"], true],
      [
        'optional fields',
        [
          'request.?subResource.orValue("") == ""',
          "request.userInfo.?groups.orValue([]).exists(group, group in ['system:masters'])",
          'object.?status.hasValue() == false',
        ],
        true,
      ],
      ['a condition that is false outweighs one that cannot be answered', ['object.spec.nothing == 1', 'false'], false],
    ])('%s', async (sentence, expressions, called) => {
      const { send, path } = world().subject;
      const matchConditions = expressions.map((expression, index) => ({ name: `c${index}`, expression }));
      const caseName = `conditions-${sentence.replaceAll(/[^a-z]/g, '-')}`.slice(0, 60);
      const { calls, seen } = await installed(world(), caseName, { validating: { only: { answers: allows, more: { matchConditions } } } });
      expect((await send('POST', path('widgets', widgetGroup), seen(widget('conditioned', { spec: { size: 3 } })), { dryRun: 'All' })).status).toBe(201);
      expect(calls('validating/only')).toHaveLength(sentence === 'a dry run is none' ? 0 : Number(called));
    });

    it('one that cannot be answered is a refusal, or nothing where failures are ignored', async () => {
      const { send, path } = world().subject;
      const matchConditions = [{ name: 'unanswerable', expression: 'object.spec.nothing == 1' }];
      const strict = await installed(world(), 'unanswerable', { validating: { only: { answers: allows, more: { matchConditions } } } });
      const message = 'widgets.conformance.example "unanswered" is forbidden: expression \'object.spec.nothing == 1\' resulted in error: no such key: nothing';
      expect(await send('POST', path('widgets', widgetGroup), strict.seen(widget('unanswered', { spec: {} })))).toMatchObject({
        status: 403,
        body: { reason: 'Forbidden', message, details: { name: 'unanswered', group: 'conformance.example', kind: 'widgets' } },
      });
      const lenient = await installed(world(), 'ignored', {
        validating: { only: { answers: denies({ message: 'never asked' }), more: { matchConditions, failurePolicy: 'Ignore' } } },
      });
      expect((await send('POST', path('widgets', widgetGroup), lenient.seen(widget('unanswered', { spec: {} })))).status).toBe(201);
      expect([...strict.order(), ...lenient.order()]).toEqual([]);
    });
  });

  it('never for the registrations themselves, so that a broken one can be removed', async () => {
    const { send } = world().subject;
    const rules = of({});
    const wishes = { validating: { only: { answers: denies({ message: 'nobody changes anything' }), more: { rules } } } };
    const { order, seen } = await installed(world(), 'registrations', wishes);
    const body = seen({ apiVersion: registration, kind: 'ValidatingWebhookConfiguration', metadata: { name: 'harmless' } });
    expect((await send('POST', `/apis/${registration}/validatingwebhookconfigurations`, body)).status).toBe(201);
    expect((await send('DELETE', `/apis/${registration}/validatingwebhookconfigurations/harmless`)).status).toBe(200);
    expect(order()).toEqual([]);
  });

  it('not for reads', async () => {
    const { send, path } = world().subject;
    const { calls, seen } = await installed(world(), 'reads', { validating: { only: { answers: allows, more: { rules: of({}) } } } });
    await send('POST', path('configmaps'), seen(configMap('readable')));
    await send('GET', path('configmaps/readable'));
    await send('GET', path('configmaps'));
    expect(calls('validating/only')).toHaveLength(1);
  });
}
