import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import { configMap, job, ownedBy, pod } from './objects.ts';
import { metadataOf, objectAt, type Subject } from './subject.ts';

export function deletion(subject: () => Subject): void {
  it('an object that nothing holds is gone at once', async () => {
    const { send, path } = subject();
    const { uid } = metadataOf(await send('POST', path('configmaps'), configMap('brief')));
    expect((await send('DELETE', path('configmaps/brief'))).body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'brief', kind: 'configmaps', uid },
    });
    expect((await send('GET', path('configmaps/brief'))).status).toBe(404);
    expect((await send('DELETE', path('configmaps/brief'))).status).toBe(404);
  });

  describe('a finalizer', () => {
    it('holds the object until it is taken away', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('configmaps'), configMap('held', {}, { finalizers: ['example.com/held'] }));
      const answer = await send('DELETE', path('configmaps/held'));
      expect(answer).toMatchObject({
        status: 200,
        body: { metadata: { name: 'held', deletionTimestamp: expect.any(String) as string, deletionGracePeriodSeconds: 0 } },
      });
      expect(metadataOf(await send('DELETE', path('configmaps/held')))).toMatchObject({ deletionTimestamp: metadataOf(answer)['deletionTimestamp'] });
      const added = await patch('merge', path('configmaps/held'), { metadata: { finalizers: ['example.com/held', 'example.com/new'] } });
      expect(added).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining('no new finalizers can be added if the object is being deleted') as string },
      });
      expect((await patch('merge', path('configmaps/held'), { metadata: { finalizers: null } })).status).toBe(200);
      expect((await send('GET', path('configmaps/held'))).status).toBe(404);
    });
  });

  describe('a pod', () => {
    it('that no node has is gone at once; one that a node has is given time', async () => {
      const { send, path } = subject();
      await send('POST', path('pods'), pod('nowhere', {}, { schedulerName: 'nobody' }));
      expect((await send('DELETE', path('pods/nowhere'))).status).toBe(200);
      expect((await send('GET', path('pods/nowhere'))).status).toBe(404);

      await send('POST', path('pods'), pod('running', {}, { nodeName: 'nowhere-1' }));
      const ending = metadataOf(await send('DELETE', path('pods/running')));
      expect(ending).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: expect.any(String) as string });
      expect(metadataOf(await send('DELETE', path('pods/running'), { gracePeriodSeconds: 60 }))).toMatchObject({ deletionGracePeriodSeconds: 30 });
      expect(metadataOf(await send('DELETE', path('pods/running'), undefined, { gracePeriodSeconds: '5' }))).toMatchObject({ deletionGracePeriodSeconds: 5 });
      expect(metadataOf(await send('DELETE', path('pods/running'), { propagationPolicy: 'Foreground' }))).not.toHaveProperty('finalizers');
      expect(metadataOf(await send('DELETE', path('pods/running'), { gracePeriodSeconds: 0 }))).toMatchObject({ deletionGracePeriodSeconds: 0 });
      expect((await send('GET', path('pods/running'))).status).toBe(404);
    });
  });
}

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

  describe('in the foreground', () => {
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
