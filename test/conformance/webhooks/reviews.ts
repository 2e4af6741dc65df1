import { expect, it } from 'vitest';
import { deployment, widget, widgetGroup } from '../objects.ts';
import { granted } from '../rbac.ts';
import { metadataOf, objectAt } from '../subject.ts';
import { allows, installed, type World } from './installation.ts';

const both = { mutating: { first: { answers: allows } }, validating: { last: { answers: allows } } };
const group = { group: 'conformance.example', version: 'v1' };

export function reviews(world: () => World): void {
  it('a create: who, what, where, and the object with its defaults', async () => {
    const { send, path, namespace } = world().subject;
    const { calls, seen } = await installed(world(), 'created', both);
    const made = await send('POST', path('widgets', widgetGroup), seen(widget('made', { spec: { size: 3, unknown: 1 }, status: { phase: 'sent' } })), {
      fieldManager: 'me',
    });
    const [call] = calls('mutating/first');
    expect(call?.query).toBe('timeout=10s');
    expect(call?.review).toMatchObject({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' });
    expect(call?.request).toMatchObject({
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      kind: { ...group, kind: 'Widget' },
      resource: { ...group, resource: 'widgets' },
      requestKind: { ...group, kind: 'Widget' },
      requestResource: { ...group, resource: 'widgets' },
      name: 'made',
      namespace,
      operation: 'CREATE',
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
      object: { apiVersion: widgetGroup, kind: 'Widget', metadata: { name: 'made', namespace }, spec: { size: 3, color: 'grey' }, status: { phase: 'sent' } },
    });
    expect(call?.request).not.toHaveProperty('subResource');
    expect(call?.request).not.toHaveProperty('object.spec.unknown');
    expect(call?.request).not.toHaveProperty('object.metadata.uid');
    expect(call?.request).not.toHaveProperty('object.metadata.resourceVersion');
    const [validated] = calls('validating/last');
    const { uid, creationTimestamp } = metadataOf(made);
    expect(validated?.request).toMatchObject({ object: { metadata: { uid, creationTimestamp, generation: 1 } }, oldObject: null, operation: 'CREATE' });
    expect(validated?.request).not.toHaveProperty('object.status');
    expect(validated?.request).not.toHaveProperty('object.metadata.resourceVersion');
    expect(validated?.request['uid']).not.toBe(call?.request['uid']);
  });

  it('a replace and a patch: both objects, as they will be and as they are', async () => {
    const { send, patch, path } = world().subject;
    const { calls, seen, order } = await installed(world(), 'updated', both);
    const at = path('widgets/changed', widgetGroup);
    const made = await send('POST', path('widgets', widgetGroup), seen(widget('changed', { spec: { size: 1 } })));
    const { uid, resourceVersion } = metadataOf(made);
    await patch('merge', at, { spec: { size: 2 } });
    expect(order()).toEqual(['mutating/first', 'validating/last', 'mutating/first', 'validating/last']);
    for (const webhook of ['mutating/first', 'validating/last']) {
      expect(calls(webhook)[1]?.request).toMatchObject({
        operation: 'UPDATE',
        name: 'changed',
        options: { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1' },
        object: { metadata: { uid, resourceVersion }, spec: { size: 2, color: 'grey' } },
        oldObject: { metadata: { uid, resourceVersion, generation: 1 }, spec: { size: 1, color: 'grey' } },
      });
    }
    expect(calls('mutating/first')[1]?.request).toMatchObject({ object: { metadata: { generation: 1 } } });
    expect(calls('validating/last')[1]?.request).toMatchObject({ object: { metadata: { generation: 2 } } });
    await send(
      'PUT',
      at,
      seen(widget('changed', { metadata: { name: 'changed', resourceVersion: metadataOf(await send('GET', at))['resourceVersion'] }, spec: { size: 5 } })),
    );
    expect(calls('validating/last')[2]?.request).toMatchObject({ object: { spec: { size: 5, color: 'grey' }, metadata: { uid, generation: 3 } } });
  });

  it('a delete: the old object alone, once, and not when there is none', async () => {
    const { send, path } = world().subject;
    const { calls, seen } = await installed(world(), 'deleted', both);
    const { uid } = metadataOf(await send('POST', path('widgets', widgetGroup), seen(widget('doomed'))));
    await send('DELETE', path('widgets/doomed', widgetGroup), undefined, { propagationPolicy: 'Background' });
    for (const webhook of ['mutating/first', 'validating/last']) {
      expect(calls(webhook)).toHaveLength(2);
      expect(calls(webhook)[1]?.request).toMatchObject({
        operation: 'DELETE',
        name: 'doomed',
        object: null,
        oldObject: { metadata: { name: 'doomed', uid } },
        options: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', propagationPolicy: 'Background' },
      });
    }
    expect((await send('DELETE', path('widgets/doomed', widgetGroup))).status).toBe(404);
    expect(calls('validating/last')).toHaveLength(2);
  });

  it('a status write: the subresource by name, and of the object what it can change', async () => {
    const { send, patch, path } = world().subject;
    const rules = [{ apiGroups: ['conformance.example'], apiVersions: ['v1'], resources: ['widgets/status'], operations: ['UPDATE'] }];
    const wishes = { mutating: { first: { answers: allows, more: { rules } } }, validating: { last: { answers: allows, more: { rules } } } };
    const { calls, seen } = await installed(world(), 'reported', wishes);
    await send('POST', path('widgets', widgetGroup), seen(widget('reporting', { spec: { size: 1 } })));
    await patch('merge', path('widgets/reporting', widgetGroup), { spec: { size: 2 } });
    expect(calls('validating/last')).toEqual([]);
    await patch('merge', path('widgets/reporting/status', widgetGroup), { spec: { size: 9 }, status: { phase: 'ready' } });
    expect(calls('validating/last')).toHaveLength(1);
    expect(calls('validating/last')[0]?.request).toMatchObject({
      subResource: 'status',
      requestSubResource: 'status',
      resource: { resource: 'widgets' },
      operation: 'UPDATE',
      object: { spec: { size: 2 }, status: { phase: 'ready' } },
      oldObject: { spec: { size: 2 } },
    });
    expect(calls('mutating/first')[0]?.request).toMatchObject({ subResource: 'status', object: { status: { phase: 'ready' } } });
  });

  it('a scale: a Scale, old and new', async () => {
    const { send, patch, path } = world().subject;
    const rules = [{ apiGroups: ['apps'], apiVersions: ['*'], resources: ['deployments/scale'], operations: ['*'] }];
    const matchConditions = [{ name: 'ours', expression: "request.name == 'watched-scale'" }];
    const { calls } = await installed(world(), 'scaled', { validating: { last: { answers: allows, more: { rules, matchConditions, objectSelector: {} } } } });
    await send('POST', path('deployments', 'apps/v1'), deployment('watched-scale'));
    await patch('merge', path('deployments/watched-scale/scale', 'apps/v1'), { spec: { replicas: 4 } });
    expect(calls('validating/last')).toHaveLength(1);
    expect(calls('validating/last')[0]?.request).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      subResource: 'scale',
      name: 'watched-scale',
      object: { kind: 'Scale', spec: { replicas: 4 } },
      oldObject: { kind: 'Scale', spec: { replicas: 2 } },
    });
  });

  it('a dry run says so', async () => {
    const { send, patch, path } = world().subject;
    const { calls, seen } = await installed(world(), 'rehearsed', both);
    const body = seen(widget('rehearsing'));
    expect((await send('POST', path('widgets', widgetGroup), body, { dryRun: 'All' })).status).toBe(201);
    expect(calls('mutating/first')[0]?.request).toMatchObject({ dryRun: true, options: { kind: 'CreateOptions', dryRun: ['All'] } });
    expect(calls('validating/last')[0]?.request).toMatchObject({ dryRun: true });
    await send('POST', path('widgets', widgetGroup), body);
    await patch('merge', path('widgets/rehearsing', widgetGroup), { spec: { size: 2 } }, { dryRun: 'All' });
    expect(calls('validating/last')[2]?.request).toMatchObject({ dryRun: true, operation: 'UPDATE' });
    await send('DELETE', path('widgets/rehearsing', widgetGroup), undefined, { dryRun: 'All' });
    expect(calls('validating/last')[3]?.request).toMatchObject({ dryRun: true, operation: 'DELETE' });
    expect((await send('GET', path('widgets/rehearsing', widgetGroup))).status).toBe(200);
  });

  it('a name that the server makes is known once it is made', async () => {
    const { send, path } = world().subject;
    const { calls, seen } = await installed(world(), 'named', both);
    const { name } = metadataOf(await send('POST', path('widgets', widgetGroup), seen({ ...widget(''), metadata: { generateName: 'some-' } })));
    expect(name).toMatch(/^some-/);
    expect(calls('mutating/first')[0]?.request).not.toHaveProperty('name');
    expect(calls('validating/last')[0]?.request).toMatchObject({ name, object: { metadata: { name } } });
  });

  it('the user who was authenticated, and the one who is impersonated', async () => {
    const { send, path, as, account, namespace, eventually } = world().subject;
    const { calls, seen } = await installed(world(), 'known', both);
    await send('POST', path('widgets', widgetGroup), seen(widget('of-the-administrator')));
    const asked = calls('mutating/first')[0]?.request['userInfo'];
    expect(asked).toMatchObject({
      username: expect.stringMatching(/.+/) as string,
      groups: expect.arrayContaining(['system:masters', 'system:authenticated']) as string[],
    });
    await granted(world().subject, 'maker', [{ apiGroups: ['conformance.example'], resources: ['widgets'], verbs: ['create'] }]);
    await eventually(
      () => as(account('maker')).send('POST', path('widgets', widgetGroup), widget('tried'), { dryRun: 'All' }),
      ({ status }) => status === 201,
    );
    await as(account('maker')).send('POST', path('widgets', widgetGroup), seen(widget('of-an-account')));
    for (const webhook of ['mutating/first', 'validating/last']) {
      const userInfo = objectAt(calls(webhook)[1]?.request, 'userInfo');
      expect(userInfo['username']).toBe(account('maker'));
      const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];
      expect(new Set(userInfo['groups'] as readonly string[])).toEqual(new Set(groups));
      expect(userInfo).not.toHaveProperty('extra');
    }
  });
}
