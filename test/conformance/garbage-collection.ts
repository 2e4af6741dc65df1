import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import { configMap, job, ownedBy, widget, widgetGroup } from './objects.ts';
import { metadataOf, objectAt, type Subject } from './subject.ts';

export function garbageCollection(subject: () => Subject): void {
  const created = async (plural: string, body: JsonObject, groupVersion?: string): Promise<JsonObject> => {
    const { send, path } = subject();
    return objectAt({ answer: (await send('POST', path(plural, groupVersion), body)).body }, 'answer');
  };
  const statusOnceGone = async (at: string): Promise<number> =>
    (
      await subject().eventually(
        () => subject().send('GET', at),
        ({ status }) => status === 404,
      )
    ).status;

  describe('in the background', () => {
    it('what loses its owner goes, and what it owned in turn', async () => {
      const { send, path } = subject();
      const owner = await created('configmaps', configMap('owner'));
      const child = await created('configmaps', configMap('child', {}, { ownerReferences: [ownedBy(owner)] }));
      await created('configmaps', configMap('grandchild', {}, { ownerReferences: [ownedBy(child)] }));
      await send('DELETE', path('configmaps/owner'), { propagationPolicy: 'Background' });
      expect((await send('GET', path('configmaps/owner'))).status).toBe(404);
      expect(await statusOnceGone(path('configmaps/child'))).toBe(404);
      expect(await statusOnceGone(path('configmaps/grandchild'))).toBe(404);
    });

    it('what has another owner stays, and loses the reference', async () => {
      const { send, path, eventually } = subject();
      const first = await created('configmaps', configMap('first-owner'));
      const second = await created('configmaps', configMap('second-owner'));
      await created('configmaps', configMap('shared', {}, { ownerReferences: [ownedBy(first), ownedBy(second)] }));
      await send('DELETE', path('configmaps/first-owner'));
      const kept = await eventually(
        () => send('GET', path('configmaps/shared')),
        (answer) => JSON.stringify(metadataOf(answer)['ownerReferences']) === JSON.stringify([ownedBy(second)]),
      );
      expect(kept.status).toBe(200);
    });

    it('what is born to an owner that is gone goes too', async () => {
      const { path } = subject();
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'never-was', uid: '00000000-0000-4000-8000-00000000dead' };
      await created('configmaps', configMap('orphan', {}, { ownerReferences: [reference] }));
      expect(await statusOnceGone(path('configmaps/orphan'))).toBe(404);
    });
  });

  describe('orphans', () => {
    it('live on without their owner when it is deleted so', async () => {
      const { send, path, eventually } = subject();
      const owner = await created('configmaps', configMap('careless'));
      await created('configmaps', configMap('left', {}, { ownerReferences: [ownedBy(owner)] }));
      expect(metadataOf(await send('DELETE', path('configmaps/careless'), { propagationPolicy: 'Orphan' }))).toMatchObject({ finalizers: ['orphan'] });
      await eventually(
        () => send('GET', path('configmaps/left')),
        (answer) => metadataOf(answer)['ownerReferences'] === undefined,
      );
      expect(await statusOnceGone(path('configmaps/careless'))).toBe(404);
      expect((await send('GET', path('configmaps/left'))).status).toBe(200);
    });

    it('are what a Job leaves that is deleted without a policy', async () => {
      const { send, path } = subject();
      const owner = await created('jobs', job('leaving'), 'batch/v1');
      await created('configmaps', configMap('of-the-job', {}, { ownerReferences: [ownedBy(owner)] }));
      const answer = await send('DELETE', path('jobs/leaving', 'batch/v1'));
      expect(answer).toMatchObject({ status: 200, body: { kind: 'Job', metadata: { finalizers: ['orphan'] } } });
      expect(await statusOnceGone(path('jobs/leaving', 'batch/v1'))).toBe(404);
      expect(metadataOf(await send('GET', path('configmaps/of-the-job')))).not.toHaveProperty('ownerReferences');
    });

    it('are not made by a Job that is deleted in the background', async () => {
      const { send, path } = subject();
      const owner = await created('jobs', job('tidy'), 'batch/v1');
      await created('configmaps', configMap('of-the-tidy', {}, { ownerReferences: [ownedBy(owner)] }));
      expect((await send('DELETE', path('jobs/tidy', 'batch/v1'), { propagationPolicy: 'Background' })).body).toMatchObject({ status: 'Success' });
      expect(await statusOnceGone(path('configmaps/of-the-tidy'))).toBe(404);
    });

    it('can be decided on later, while a finalizer holds the owner', async () => {
      const { send, patch, path } = subject();
      const owner = await created('configmaps', configMap('undecided', {}, { finalizers: ['example.com/held'] }));
      await created('configmaps', configMap('spared', {}, { ownerReferences: [ownedBy(owner)] }));
      await send('DELETE', path('configmaps/undecided'), { propagationPolicy: 'Background' });
      const later = metadataOf(await send('DELETE', path('configmaps/undecided'), { propagationPolicy: 'Orphan' }));
      expect(later).toMatchObject({ finalizers: expect.arrayContaining(['example.com/held', 'orphan']) as unknown });
      await subject().eventually(
        () => send('GET', path('configmaps/undecided')),
        (answer) => JSON.stringify(metadataOf(answer)['finalizers']) === '["example.com/held"]',
      );
      await patch('merge', path('configmaps/undecided'), { metadata: { finalizers: null } });
      expect((await send('GET', path('configmaps/spared'))).status).toBe(200);
    });
  });

  describe('an owner', () => {
    it('in another namespace owns nothing', async () => {
      const { send, path } = subject();
      const { body } = await send('POST', '/api/v1/namespaces/default/configmaps', { metadata: { generateName: 'far-' } });
      const far = objectAt({ far: body }, 'far');
      await created('configmaps', configMap('near', {}, { ownerReferences: [ownedBy(far)] }));
      expect(await statusOnceGone(path('configmaps/near'))).toBe(404);
      await send('DELETE', `/api/v1/namespaces/default/configmaps/${String(objectAt(far, 'metadata')['name'] as string)}`);
    });

    it('of the same name and another uid owns nothing', async () => {
      const { send, path } = subject();
      const first = await created('configmaps', configMap('again'));
      await send('DELETE', path('configmaps/again'));
      await created('configmaps', configMap('again'));
      await created('configmaps', configMap('of-the-first', {}, { ownerReferences: [ownedBy(first)] }));
      expect(await statusOnceGone(path('configmaps/of-the-first'))).toBe(404);
      expect((await send('GET', path('configmaps/again'))).status).toBe(200);
    });

    it('that is a custom resource takes its Jobs along', async () => {
      const { send, path } = subject();
      const owner = await created('widgets', widget('maker'), widgetGroup);
      await created(
        'jobs',
        { ...job('made'), metadata: { name: 'made', ownerReferences: [ownedBy(owner, { controller: true, blockOwnerDeletion: true })] } },
        'batch/v1',
      );
      await send('DELETE', path('widgets/maker', widgetGroup));
      expect(await statusOnceGone(path('jobs/made', 'batch/v1'))).toBe(404);
    });

    it('controls alone', async () => {
      const { send, path } = subject();
      const owners = ['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'Pod', name, uid: name, controller: true }));
      expect(await send('POST', path('configmaps'), configMap('torn', {}, { ownerReferences: owners }))).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining('Only one reference can have Controller set to true') as string },
      });
    });
  });

  describe('in the foreground', () => {
    it('a chain is taken down from its end', async () => {
      const { send, patch, path, eventually } = subject();
      const top = await created('widgets', widget('top'), widgetGroup);
      const middle = await created('configmaps', configMap('middle', {}, { ownerReferences: [ownedBy(top, { blockOwnerDeletion: true })] }));
      await created(
        'configmaps',
        configMap('bottom', {}, { ownerReferences: [ownedBy(middle, { blockOwnerDeletion: true })], finalizers: ['example.com/held'] }),
      );
      await send('DELETE', path('widgets/top', widgetGroup), { propagationPolicy: 'Foreground' });
      await eventually(
        () => send('GET', path('configmaps/bottom')),
        (answer) => metadataOf(answer)['deletionTimestamp'] !== undefined,
      );
      expect(metadataOf(await send('GET', path('configmaps/middle')))).toMatchObject({ finalizers: ['foregroundDeletion'] });
      expect((await send('GET', path('widgets/top', widgetGroup))).status).toBe(200);
      await patch('merge', path('configmaps/bottom'), { metadata: { finalizers: null } });
      expect(await statusOnceGone(path('widgets/top', widgetGroup))).toBe(404);
      expect((await send('GET', path('configmaps/middle'))).status).toBe(404);
    });

    it('the owner waits for its dependents that say so', async () => {
      const { send, patch, path, eventually } = subject();
      const owner = await created('jobs', job('patient'), 'batch/v1');
      const metadata = { ownerReferences: [ownedBy(owner, { blockOwnerDeletion: true })], finalizers: ['example.com/slow'] };
      await created('configmaps', configMap('slow', {}, metadata));
      const answer = await send('DELETE', path('jobs/patient', 'batch/v1'), { propagationPolicy: 'Foreground' });
      expect(answer).toMatchObject({
        status: 200,
        body: { metadata: { deletionTimestamp: expect.any(String) as string, finalizers: expect.arrayContaining(['foregroundDeletion']) as unknown } },
      });
      await eventually(
        () => send('GET', path('configmaps/slow')),
        (child) => metadataOf(child)['deletionTimestamp'] !== undefined,
      );
      expect((await send('GET', path('jobs/patient', 'batch/v1'))).status).toBe(200);
      await patch('merge', path('configmaps/slow'), { metadata: { finalizers: null } });
      expect(await statusOnceGone(path('jobs/patient', 'batch/v1'))).toBe(404);
      expect((await send('GET', path('configmaps/slow'))).status).toBe(404);
    });

    it('an owner without dependents goes', async () => {
      const { send, path } = subject();
      await created('jobs', job('alone'), 'batch/v1');
      await send('DELETE', path('jobs/alone', 'batch/v1'), undefined, { propagationPolicy: 'Foreground' });
      expect(await statusOnceGone(path('jobs/alone', 'batch/v1'))).toBe(404);
    });

    it('a finalizer of its own holds the owner after its dependents are gone', async () => {
      const { send, patch, path, eventually } = subject();
      const owner = await created('configmaps', configMap('kept-owner', {}, { finalizers: ['example.com/unrecorded'] }));
      await created('configmaps', configMap('kept-child', {}, { ownerReferences: [ownedBy(owner, { blockOwnerDeletion: true })] }));
      await send('DELETE', path('configmaps/kept-owner'), { propagationPolicy: 'Foreground' });
      expect(await statusOnceGone(path('configmaps/kept-child'))).toBe(404);
      const held = await eventually(
        () => send('GET', path('configmaps/kept-owner')),
        (answer) => JSON.stringify(metadataOf(answer)['finalizers']) === '["example.com/unrecorded"]',
      );
      expect(held.status).toBe(200);
      await patch('merge', path('configmaps/kept-owner'), { metadata: { finalizers: null } });
      expect((await send('GET', path('configmaps/kept-owner'))).status).toBe(404);
    });
  });
}
