import { describe, expect, it } from 'vitest';
import { configMap, deployment, widget, widgetGroup } from './objects.ts';
import { metadataOf, type Subject } from './subject.ts';

const modified = 'the object has been modified; please apply your changes to the latest version and try again';

export function concurrency(subject: () => Subject): void {
  describe('two writers', () => {
    it('meet by the resourceVersion of a replacement', async () => {
      const { send, path } = subject();
      const first = await send('POST', path('configmaps'), configMap('raced'));
      await send('PUT', path('configmaps/raced'), configMap('raced', { winner: '1' }));
      const { resourceVersion } = metadataOf(first);
      const late = await send('PUT', path('configmaps/raced'), configMap('raced', { winner: '2' }, { resourceVersion }));
      expect(late).toMatchObject({ status: 409, body: { reason: 'Conflict', message: `Operation cannot be fulfilled on configmaps "raced": ${modified}` } });
      expect((await send('GET', path('configmaps/raced'))).body).toMatchObject({ data: { winner: '1' } });
    });

    it('meet by the resourceVersion in a patch', async () => {
      const { send, patch, path } = subject();
      const first = metadataOf(await send('POST', path('configmaps'), configMap('raced-patch')));
      const body = (winner: string) => ({ metadata: { resourceVersion: first['resourceVersion'] ?? '' }, data: { winner } });
      expect(await patch('merge', path('configmaps/raced-patch'), body('1'))).toMatchObject({ status: 200 });
      const late = await patch('merge', path('configmaps/raced-patch'), body('2'));
      expect(late).toMatchObject({ status: 409, body: { reason: 'Conflict', message: expect.stringContaining(modified) as string } });
    });

    it('need not say a version for a built-in kind, and must for a custom one', async () => {
      const { send, path } = subject();
      await send('POST', path('configmaps'), configMap('unconditional'));
      expect((await send('PUT', path('configmaps/unconditional'), configMap('unconditional', { a: '1' }))).status).toBe(200);
      await send('POST', path('widgets', widgetGroup), widget('conditional'));
      const answer = await send('PUT', path('widgets/conditional', widgetGroup), widget('conditional'));
      expect(answer).toMatchObject({
        status: 422,
        body: { reason: 'Invalid', message: expect.stringContaining('metadata.resourceVersion: Invalid value: 0') as string },
      });
    });
  });

  describe('another incarnation', () => {
    it('is refused by the uid of a replacement', async () => {
      const { send, path } = subject();
      const { uid } = metadataOf(await send('POST', path('configmaps'), configMap('reborn')));
      const answer = await send('PUT', path('configmaps/reborn'), configMap('reborn', {}, { uid: 'another' }));
      expect(answer).toMatchObject({
        status: 409,
        body: { reason: 'Conflict', message: expect.stringContaining(`UID in precondition: another, UID in object meta: ${String(uid as string)}`) as string },
      });
    });

    it('is refused by the uid in a patch, as a field that cannot change', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), deployment('reborn'));
      const answer = await patch('strategic', path('deployments/reborn', 'apps/v1'), { metadata: { uid: 'another' } });
      expect(answer).toMatchObject({
        status: 422,
        body: { reason: 'Invalid', message: expect.stringContaining('metadata.uid: Invalid value: "another": field is immutable') as string },
      });
    });

    it.each([
      ['uid', { uid: 'another' }, 'the UID in the precondition (another) does not match the UID in record'],
      ['resourceVersion', { resourceVersion: '1' }, 'the ResourceVersion in the precondition (1) does not match the ResourceVersion in record'],
    ])('is not deleted for a precondition on the %s', async (member, preconditions, words) => {
      const { send, path } = subject();
      await send('POST', path('pods'), { ...configMap(`kept-${member.toLowerCase()}`), data: undefined, spec: { containers: [{ name: 'a', image: 'a:1' }] } });
      const answer = await send('DELETE', path(`pods/kept-${member.toLowerCase()}`), { preconditions });
      expect(answer).toMatchObject({ status: 409, body: { reason: 'Conflict', message: expect.stringContaining(words) as string } });
      expect((await send('GET', path(`pods/kept-${member.toLowerCase()}`))).status).toBe(200);
    });
  });

  describe('the version and the generation', () => {
    it('stay when a write changes nothing', async () => {
      const { send, patch, path } = subject();
      const created = metadataOf(await send('POST', path('configmaps'), configMap('still', { a: '1' })));
      const patched = metadataOf(await patch('merge', path('configmaps/still'), { data: { a: '1' } }));
      expect(patched).toMatchObject({ resourceVersion: created['resourceVersion'] });
      await send('POST', path('deployments', 'apps/v1'), deployment('still'));
      expect(metadataOf(await patch('merge', path('deployments/still', 'apps/v1'), { spec: { replicas: 2 } }))).toMatchObject({ generation: 1 });
    });

    it('move apart: a label is no wish, a replica is one', async () => {
      const { send, patch, path } = subject();
      const created = metadataOf(await send('POST', path('deployments', 'apps/v1'), deployment('moved')));
      const labelled = metadataOf(await patch('merge', path('deployments/moved', 'apps/v1'), { metadata: { labels: { new: 'yes' } } }));
      expect(labelled).toMatchObject({ generation: 1 });
      expect(labelled['resourceVersion']).not.toBe(created['resourceVersion']);
      expect(metadataOf(await patch('merge', path('deployments/moved', 'apps/v1'), { spec: { replicas: 5 } }))).toMatchObject({ generation: 2 });
      const annotated = await patch('merge', path('deployments/moved', 'apps/v1'), { metadata: { annotations: { a: 'b' } } });
      expect(metadataOf(annotated)).toMatchObject({ generation: 3 }); // of a Deployment alone an annotation counts as a wish
    });
  });
}
