import { describe, expect, it } from 'vitest';
import { configMap, deployment, widget, widgetGroup } from './objects.ts';
import type { Subject } from './subject.ts';

export function patches(subject: () => Subject): void {
  it('a merge patch merges objects, removes by null, and replaces lists', async () => {
    const { send, patch, path } = subject();
    await send('POST', path('configmaps'), configMap('merged', { a: '1', b: '2' }, { finalizers: [] }));
    const { body } = await patch('merge', path('configmaps/merged'), { data: { a: null, c: '3' } });
    expect(body).toMatchObject({ data: { b: '2', c: '3' } });
    expect(body).not.toHaveProperty('data.a');
  });

  describe('a JSON patch', () => {
    it('applies when its tests hold', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('configmaps'), configMap('tested', { a: '1' }));
      const operations = [
        { op: 'test', path: '/data/a', value: '1' },
        { op: 'replace', path: '/data/a', value: '2' },
        { op: 'add', path: '/metadata/labels', value: { b: '3' } },
      ];
      expect(await patch('json', path('configmaps/tested'), operations)).toMatchObject({
        status: 200,
        body: { data: { a: '2' }, metadata: { labels: { b: '3' } } },
      });
      expect(await patch('json', path('configmaps/tested'), operations)).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
      expect((await send('GET', path('configmaps/tested'))).body).toMatchObject({ data: { a: '2' } });
    });

    it('is refused as a whole for a path that is not there, and for what is no patch', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('configmaps'), configMap('untouched', { a: '1' }));
      const operations = [
        { op: 'replace', path: '/data/a', value: '2' },
        { op: 'remove', path: '/data/b' },
      ];
      expect((await patch('json', path('configmaps/untouched'), operations)).status).toBe(422);
      expect((await send('GET', path('configmaps/untouched'))).body).toMatchObject({ data: { a: '1' } });
      expect((await patch('json', path('configmaps/untouched'), { a: 1 })).status).toBe(400);
    });
  });

  describe('a strategic merge', () => {
    it('changes one container of two by its name, and adds to its environment', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), deployment('strategic'));
      const change = { containers: [{ name: 'app', image: 'registry.example/app:2.0.0', env: [{ name: 'DEBUG', value: 'on' }] }] };
      const { body } = await patch('strategic', path('deployments/strategic', 'apps/v1'), { spec: { template: { spec: change } } });
      const containers = [
        {
          name: 'app',
          image: 'registry.example/app:2.0.0',
          env: expect.arrayContaining([
            { name: 'MODE', value: 'fast' },
            { name: 'DEBUG', value: 'on' },
          ]) as unknown,
        },
        { name: 'sidecar', image: 'registry.example/sidecar:1.0.0' },
      ];
      expect(body).toMatchObject({ spec: { template: { spec: { containers } } } });
    });

    it('deletes an item, and keeps to the order that is asked for', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), deployment('reordered'));
      const order = {
        '$setElementOrder/containers': [{ name: 'sidecar' }, { name: 'app' }],
        containers: [{ name: 'app', image: 'registry.example/app:3.0.0' }],
      };
      const reordered = await patch('strategic', path('deployments/reordered', 'apps/v1'), { spec: { template: { spec: order } } });
      expect(reordered.body).toMatchObject({ spec: { template: { spec: { containers: [{ name: 'sidecar' }, { name: 'app' }] } } } });
      const removal = { containers: [{ name: 'sidecar', $patch: 'delete' }] };
      const { body } = await patch('strategic', path('deployments/reordered', 'apps/v1'), { spec: { template: { spec: removal } } });
      expect(body).toMatchObject({ spec: { template: { spec: { containers: [{ name: 'app', image: 'registry.example/app:3.0.0' }] } } } });
    });

    it('puts what is new in front of what it leaves alone', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), deployment('grown'));
      const change = {
        containers: [
          { name: 'new', image: 'registry.example/new:1.0.0' },
          { name: 'app', env: [{ name: 'Z', value: '1' }] },
        ],
      };
      const { body } = await patch('strategic', path('deployments/grown', 'apps/v1'), { spec: { template: { spec: change } } });
      const env = [
        { name: 'Z', value: '1' },
        { name: 'MODE', value: 'fast' },
      ];
      expect(body).toMatchObject({ spec: { template: { spec: { containers: [{ name: 'new' }, { name: 'app', env }, { name: 'sidecar' }] } } } });
    });

    it('is not for custom resources', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('widgets', widgetGroup), widget('plain'));
      expect(await patch('strategic', path('widgets/plain', widgetGroup), { spec: { size: 1 } })).toMatchObject({
        status: 415,
        body: { reason: 'UnsupportedMediaType' },
      });
    });
  });

  it('empty maps and lists of the metadata are not kept', async () => {
    const { send, patch, path } = subject();
    await send('POST', path('configmaps'), configMap('tidy', {}, { labels: {}, finalizers: ['example.com/x'], annotations: { a: '1' } }));
    const { body } = await patch('merge', path('configmaps/tidy'), { metadata: { finalizers: [], annotations: { a: null } } });
    expect(body).toMatchObject({ metadata: { name: 'tidy' } });
    for (const member of ['labels', 'finalizers', 'annotations']) expect(body).not.toHaveProperty(`metadata.${member}`);
    expect(body).not.toHaveProperty('data');
  });

  it('a patch is validated like any other write', async () => {
    const { send, patch, path } = subject();
    await send('POST', path('deployments', 'apps/v1'), deployment('guarded'));
    const answer = await patch('merge', path('deployments/guarded', 'apps/v1'), { spec: { selector: { matchLabels: { app: 'guarded', more: 'x' } } } });
    expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid', message: expect.stringContaining('field is immutable') as string } });
    expect(await patch('merge', path('deployments/absent', 'apps/v1'), {})).toMatchObject({ status: 404 });
    expect(await patch('merge', path('deployments/guarded', 'apps/v1'), { metadata: { name: 'renamed' } })).toMatchObject({ status: 400 });
    const deleting = await patch('merge', path('deployments/guarded', 'apps/v1'), { metadata: { deletionTimestamp: '2026-01-15T10:30:00Z' } });
    expect(deleting).toMatchObject({ status: 422, body: { message: expect.stringContaining('metadata.deletionTimestamp') as string } });
  });
}
