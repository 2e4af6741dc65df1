import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import { configMap, deployment, job, pod, widget, widgetGroup } from './objects.ts';
import { metadataOf, type Subject } from './subject.ts';

export function generations(subject: () => Subject): void {
  describe('a generation', () => {
    it.each<[sentence: string, plural: string, groupVersion: string | undefined, object: JsonObject]>([
      ['a ConfigMap', 'configmaps', undefined, configMap('ungenerated')],
      ['a Secret', 'secrets', undefined, { metadata: { name: 'ungenerated' } }],
      ['a ServiceAccount', 'serviceaccounts', undefined, { metadata: { name: 'ungenerated' } }],
      ['a Lease', 'leases', 'coordination.k8s.io/v1', { metadata: { name: 'ungenerated' } }],
    ])('is not counted for %s', async (_sentence, plural, groupVersion, object) => {
      const { send, path } = subject();
      expect(metadataOf(await send('POST', path(plural, groupVersion), object))).not.toHaveProperty('generation');
    });

    it.each<[sentence: string, plural: string, groupVersion: string | undefined, object: JsonObject, spec: JsonObject]>([
      ['a Job', 'jobs', 'batch/v1', job('counted'), { backoffLimit: 4 }],
      ['a Pod', 'pods', undefined, pod('counted', {}, { schedulerName: 'nobody' }), { activeDeadlineSeconds: 9 }],
      ['a custom resource', 'widgets', widgetGroup, widget('counted', { spec: { size: 1 } }), { size: 2 }],
    ])('of %s begins at 1, and counts wishes alone', async (_sentence, plural, groupVersion, object, spec) => {
      const { send, patch, path } = subject();
      const at = path(`${plural}/counted`, groupVersion);
      expect(metadataOf(await send('POST', path(plural, groupVersion), object))).toMatchObject({ generation: 1 });
      expect(metadataOf(await patch('merge', at, { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } } }))).toMatchObject({ generation: 1 });
      expect(metadataOf(await patch('merge', at, { spec }))).toMatchObject({ generation: 2 });
      expect(metadataOf(await patch('merge', at, { spec }))).toMatchObject({ generation: 2 });
      expect(metadataOf(await patch('merge', `${at}/status`, { status: { phase: 'Pending' } }))).toMatchObject({ generation: 2 });
    });

    it('of a Deployment counts a scale, and an annotation', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), deployment('counted'));
      const at = path('deployments/counted', 'apps/v1');
      await patch('merge', `${at}/scale`, { spec: { replicas: 3 } });
      expect(metadataOf(await send('GET', at))).toMatchObject({ generation: 2 });
      expect(metadataOf(await patch('merge', at, { metadata: { labels: { a: 'b' } } }))).toMatchObject({ generation: 2 });
      expect(metadataOf(await patch('merge', at, { metadata: { annotations: { a: 'b' } } }))).toMatchObject({ generation: 3 });
    });

    it('counts a deletion that is to wait', async () => {
      const { send, path } = subject();
      await send('POST', path('widgets', widgetGroup), widget('ending', { metadata: { name: 'ending', finalizers: ['example.com/x'] } }));
      expect(metadataOf(await send('DELETE', path('widgets/ending', widgetGroup)))).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 0 });
    });

    it('is what a client cannot set', async () => {
      const { send, path } = subject();
      const sent = widget('claimed', { metadata: { name: 'claimed', generation: 7 } });
      expect(metadataOf(await send('POST', path('widgets', widgetGroup), sent))).toMatchObject({ generation: 1 });
    });
  });
}
