import { describe, expect, it } from 'vitest';
import { deployment, job, pod, widget, widgetGroup } from './objects.ts';
import { metadataOf, objectAt, type Subject } from './subject.ts';

export function subresources(subject: () => Subject): void {
  describe('the status of a custom resource', () => {
    it('is written through its subresource alone, and counts in no generation', async () => {
      const { send, patch, path } = subject();
      const created = await send('POST', path('widgets', widgetGroup), widget('isolated', { spec: { size: 1 }, status: { phase: 'sneaked' } }));
      expect(created.body).not.toHaveProperty('status');
      const bySpec = await patch('merge', path('widgets/isolated', widgetGroup), { spec: { size: 2 }, status: { phase: 'sneaked' } });
      expect(bySpec.body).not.toHaveProperty('status');
      expect(metadataOf(bySpec)).toMatchObject({ generation: 2 });
      const byStatus = await patch('merge', path('widgets/isolated/status', widgetGroup), {
        spec: { size: 9 },
        metadata: { labels: { a: 'b' } },
        status: { phase: 'ready' },
      });
      expect(byStatus.body).toMatchObject({ spec: { size: 2 }, status: { phase: 'ready' }, metadata: { generation: 2 } });
      expect(metadataOf(byStatus)).not.toHaveProperty('labels');
      expect((await patch('merge', path('widgets/isolated', widgetGroup), { spec: { size: 3 } })).body).toMatchObject({ status: { phase: 'ready' } });
    });

    it('is bound to a version like everything else', async () => {
      const { send, patch, path } = subject();
      const { resourceVersion } = metadataOf(await send('POST', path('widgets', widgetGroup), widget('bound')));
      const body = (phase: string) => ({ metadata: { resourceVersion: resourceVersion ?? '' }, status: { phase } });
      expect((await patch('merge', path('widgets/bound/status', widgetGroup), body('first'))).status).toBe(200);
      expect(await patch('merge', path('widgets/bound/status', widgetGroup), body('second'))).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    });
  });

  describe('the status of a built-in kind', () => {
    it('is apart from the spec, both ways', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('pods'), { ...pod('apart'), status: { phase: 'Succeeded' } });
      expect((await send('GET', path('pods/apart'))).body).toMatchObject({ status: { phase: 'Pending' } });
      await patch('merge', path('pods/apart'), { metadata: { labels: { a: 'b' } }, status: { phase: 'Failed' } });
      expect((await send('GET', path('pods/apart'))).body).toMatchObject({ metadata: { labels: { a: 'b' } }, status: { phase: 'Pending' } });
      await patch('merge', path('pods/apart/status'), { spec: { activeDeadlineSeconds: 5 }, status: { phase: 'Failed' } });
      const { body } = await send('GET', path('pods/apart/status'));
      expect(body).toMatchObject({ status: { phase: 'Failed' } });
      expect(objectAt(body, 'spec')).not.toHaveProperty('activeDeadlineSeconds');
    });
  });

  it('a status write of a built-in kind may annotate, and counts in no generation', async () => {
    const { send, patch, path } = subject();
    await send('POST', path('jobs', 'batch/v1'), job('annotated'));
    const { body } = await patch('merge', path('jobs/annotated/status', 'batch/v1'), { metadata: { annotations: { a: 'b' } }, spec: { backoffLimit: 9 } });
    expect(body).toMatchObject({ metadata: { annotations: { a: 'b' }, generation: 1 }, spec: { backoffLimit: 0 } });
  });

  describe('the scale of a workload', () => {
    it('reads and writes the replicas, and nothing else', async () => {
      const { send, patch, path } = subject();
      const { body: made } = await send('POST', path('deployments', 'apps/v1'), deployment('scaled', 2));
      const scale = await send('GET', path('deployments/scaled/scale', 'apps/v1'));
      const { uid, resourceVersion } = objectAt(made, 'metadata');
      expect(scale.body).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'scaled', uid, resourceVersion },
        spec: { replicas: 2 },
        status: { replicas: 0, selector: 'app=scaled' },
      });
      expect((await patch('merge', path('deployments/scaled/scale', 'apps/v1'), { spec: { replicas: 5 } })).body).toMatchObject({
        kind: 'Scale',
        spec: { replicas: 5 },
      });
      expect((await send('GET', path('deployments/scaled', 'apps/v1'))).body).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 2 } });
      const wanted = { ...objectAt({ scale: scale.body }, 'scale'), spec: { replicas: 1 } };
      expect(await send('PUT', path('deployments/scaled/scale', 'apps/v1'), wanted)).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
      const current = objectAt({ scale: (await send('GET', path('deployments/scaled/scale', 'apps/v1'))).body }, 'scale');
      expect((await send('PUT', path('deployments/scaled/scale', 'apps/v1'), { ...current, spec: { replicas: 1 } })).body).toMatchObject({
        spec: { replicas: 1 },
      });
    });

    it('refuses less than nothing, and scales nothing that is not there', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), deployment('unscaled', 2));
      const answer = await patch('merge', path('deployments/unscaled/scale', 'apps/v1'), { spec: { replicas: -1 } });
      expect(answer).toMatchObject({
        status: 422,
        body: { reason: 'Invalid', message: expect.stringContaining('spec.replicas: Invalid value: -1: must be greater than or equal to 0') as string },
      });
      expect((await patch('merge', path('deployments/absent/scale', 'apps/v1'), { spec: { replicas: 1 } })).status).toBe(404);
    });
  });

  it('a pod that no node has yet has no log, and that is no mistake', async () => {
    const { send, path } = subject();
    await send('POST', path('pods'), pod('silent', {}, { schedulerName: 'nobody' }));
    expect((await send('GET', path('pods/silent/log'))).status).toBe(204);
    expect((await send('GET', path('pods/absent/log'))).status).toBe(404);
  });

  it('a pod comes to a node by a binding, once', async () => {
    const { send, path } = subject();
    await send('POST', path('pods'), pod('bound', {}, { schedulerName: 'nobody' }));
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'bound' }, target: { apiVersion: 'v1', kind: 'Node', name: 'nowhere-1' } };
    const another = { ...binding, metadata: { name: 'bound', uid: 'another' } };
    expect(await send('POST', path('pods/bound/binding'), another)).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    expect(await send('POST', path('pods/bound/binding'), binding)).toMatchObject({ status: 201 });
    expect((await send('GET', path('pods/bound'))).body).toMatchObject({
      spec: { nodeName: 'nowhere-1' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    });
    expect(await send('POST', path('pods/bound/binding'), binding)).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  });
}
