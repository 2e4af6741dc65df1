import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import { configMap, deployment, job, pod } from './objects.ts';
import { metadataOf, type Subject } from './subject.ts';

const leases = 'coordination.k8s.io/v1';
const dryRun = { dryRun: 'All' };

/** A Deployment with something changed in its spec, its pods or their container. */
function changed({ spec = {}, podSpec = {}, container = {} }: { readonly spec?: JsonObject; readonly podSpec?: JsonObject; readonly container?: JsonObject }) {
  const labels = { app: 'changed' };
  const containers = [{ name: 'app', image: 'registry.example/app:1.0.0', ...container }];
  const template = { metadata: { labels }, spec: { containers, ...podSpec } };
  return { metadata: { name: 'changed' }, spec: { selector: { matchLabels: labels }, template, ...spec } };
}

export function builtInKinds(subject: () => Subject): void {
  describe('a Deployment is refused', () => {
    it.each<[sentence: string, change: Parameters<typeof changed>[0], field: string]>([
      ['without a selector', { spec: { selector: null } }, 'spec.selector'],
      ['whose selector misses its own pods', { spec: { selector: { matchLabels: { app: 'other' } } } }, 'spec.template.metadata.labels'],
      ['without containers', { podSpec: { containers: [] } }, 'spec.template.spec.containers'],
      ['whose pods would end', { podSpec: { restartPolicy: 'Never' } }, 'spec.template.spec.restartPolicy'],
      ['whose pods have a deadline', { podSpec: { activeDeadlineSeconds: 5 } }, 'spec.template.spec.activeDeadlineSeconds'],
      ['that must succeed before it may', { spec: { minReadySeconds: 700 } }, 'spec.progressDeadlineSeconds'],
      ['without an image', { container: { image: null } }, 'spec.template.spec.containers[0].image'],
      ['with a container of no name', { container: { name: 'App' } }, 'spec.template.spec.containers[0].name'],
      [
        'that asks for more than its limit',
        { container: { resources: { limits: { memory: '64Mi' }, requests: { memory: '65Mi' } } } },
        'spec.template.spec.containers[0].resources.requests',
      ],
      ['with less than no memory', { container: { resources: { limits: { memory: '-1' } } } }, 'spec.template.spec.containers[0].resources.limits[memory]'],
      [
        'that mounts what it has not',
        { container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] } },
        'spec.template.spec.containers[0].volumeMounts[0].name',
      ],
      ['with an account of no name', { podSpec: { serviceAccountName: 'Not_A_Name' } }, 'spec.template.spec.serviceAccountName'],
      ['with a toleration that is none', { podSpec: { tolerations: [{ key: 'a', operator: 'Perhaps' }] } }, 'spec.template.spec.tolerations[0].operator'],
    ])('%s', async (_sentence, change, field) => {
      const { send, path } = subject();
      const answer = await send('POST', path('deployments', 'apps/v1'), changed(change), dryRun);
      expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid', details: { name: 'changed', group: 'apps', kind: 'Deployment' } } });
      expect(answer.body).toMatchObject({ details: { causes: expect.arrayContaining([expect.objectContaining({ field })]) as unknown } });
    });
  });

  describe('a Job', () => {
    it.each<[sentence: string, change: JsonObject, field: string]>([
      ['counts no less than nothing', { backoffLimit: -1 }, 'spec.backoffLimit'],
      ['has no deadline before it begins', { activeDeadlineSeconds: -5 }, 'spec.activeDeadlineSeconds'],
      [
        'runs no pods that never end',
        { template: { spec: { restartPolicy: 'Always', containers: [{ name: 'a', image: 'a:1' }] } } },
        'spec.template.spec.restartPolicy',
      ],
      ['leaves its selector to the server', { selector: { matchLabels: { mine: 'yes' } } }, 'spec.selector'],
    ])('%s', async (_sentence, change, field) => {
      const { send, path } = subject();
      const answer = await send('POST', path('jobs', 'batch/v1'), job('changed', change), dryRun);
      expect(answer).toMatchObject({ status: 422, body: { details: { causes: expect.arrayContaining([expect.objectContaining({ field })]) as unknown } } });
    });

    it('has a name of 63 characters at most, since it becomes a label', async () => {
      const { send, path } = subject();
      expect((await send('POST', path('jobs', 'batch/v1'), job('j'.repeat(63)), dryRun)).status).toBe(201);
      expect(await send('POST', path('jobs', 'batch/v1'), job('j'.repeat(64)), dryRun)).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining('spec.template.labels: Invalid value') as string },
      });
    });

    it('can be suspended, parallel and patient later, and another Job never', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('jobs', 'batch/v1'), job('kept'));
      const change = (spec: JsonObject) => patch('merge', path('jobs/kept', 'batch/v1'), { spec });
      for (const spec of [{ suspend: false }, { parallelism: 0 }, { activeDeadlineSeconds: 30 }, { backoffLimit: 3 }, { ttlSecondsAfterFinished: 60 }]) {
        expect(await change(spec)).toMatchObject({ status: 200, body: { spec } });
      }
      for (const spec of [{ completions: 2 }, { selector: { matchLabels: { a: 'b' } } }, { template: { spec: { activeDeadlineSeconds: 5 } } }]) {
        expect(await change(spec)).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
      }
    });

    it('says where its pods go while it is suspended, and what they run never', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('jobs', 'batch/v1'), job('waiting'));
      const change = (spec: JsonObject) => patch('strategic', path('jobs/waiting', 'batch/v1'), { spec: { template: { spec } } });
      expect((await change({ nodeSelector: { zone: 'a' } })).status).toBe(200);
      expect(await change({ containers: [{ name: 'app', image: 'registry.example/other:1' }] })).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining('field is immutable') as string },
      });
    });
  });

  describe('a pod', () => {
    it('is born pending, with a quality of service and a patience with sick nodes', async () => {
      const { send, path } = subject();
      const tolerations = ['not-ready', 'unreachable'].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      }));
      expect((await send('POST', path('pods'), pod('plain', {}, { schedulerName: 'nobody' }), dryRun)).body).toMatchObject({
        spec: { tolerations, serviceAccountName: 'default', priority: 0, enableServiceLinks: true },
        status: { phase: 'Pending', qosClass: 'BestEffort' },
      });
      const resources = { limits: { cpu: '1', memory: '1Gi' } };
      const bounded = pod('bounded', {}, { schedulerName: 'nobody', containers: [{ name: 'a', image: 'a:1', resources }] });
      expect((await send('POST', path('pods'), bounded, dryRun)).body).toMatchObject({ status: { qosClass: 'Guaranteed' } });
      const asking = pod('asking', {}, { schedulerName: 'nobody', containers: [{ name: 'a', image: 'a:1', resources: { requests: { cpu: '1' } } }] });
      expect((await send('POST', path('pods'), asking, dryRun)).body).toMatchObject({ status: { qosClass: 'Burstable' } });
    });

    it('may get another image and a nearer deadline, and nothing else', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('pods'), pod('shaped', {}, { schedulerName: 'nobody' }));
      const change = (spec: JsonObject) => patch('strategic', path('pods/shaped'), { spec });
      expect((await change({ containers: [{ name: 'app', image: 'registry.example/app:2.0.0' }] })).status).toBe(200);
      expect((await change({ activeDeadlineSeconds: 30 })).status).toBe(200);
      expect((await change({ activeDeadlineSeconds: 20 })).status).toBe(200);
      for (const spec of [{ activeDeadlineSeconds: 40 }, { activeDeadlineSeconds: null }, { restartPolicy: 'Never' }, { nodeName: 'n1' }]) {
        expect(await change(spec)).toMatchObject({ status: 422, body: { reason: 'Invalid', details: { kind: 'Pod' } } });
      }
    });

    it('runs as an account that exists', async () => {
      const { send, path, namespace } = subject();
      const answer = await send('POST', path('pods'), pod('nobodys', {}, { serviceAccountName: 'ghost' }));
      const words = `pods "nobodys" is forbidden: error looking up service account ${namespace}/ghost: serviceaccount "ghost" not found`;
      expect(answer).toMatchObject({ status: 403, body: { reason: 'Forbidden', message: words } });
      expect((await send('POST', path('jobs', 'batch/v1'), job('nobodys', { template: ghostly }), dryRun)).status).toBe(201);
    });
    const ghostly = { spec: { serviceAccountName: 'ghost', restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } };
  });

  describe('a ConfigMap', () => {
    it('that is immutable stays so, but for its labels', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('configmaps'), { ...configMap('frozen', { a: '1' }), immutable: true });
      for (const change of [{ data: { b: '2' } }, { immutable: false }]) {
        expect(await patch('merge', path('configmaps/frozen'), change)).toMatchObject({
          status: 422,
          body: { message: expect.stringContaining('field is immutable when `immutable` is set') as string },
        });
      }
      expect((await patch('merge', path('configmaps/frozen'), { metadata: { labels: { a: 'b' } } })).status).toBe(200);
    });

    it.each<[sentence: string, data: Readonly<Record<string, string>>, field: string]>([
      ['with a key that no file could have', { 'a b': '1' }, 'data[a b]'],
      ['of more than a mebibyte', { big: 'x'.repeat(1_048_577) }, '[]'],
    ])('%s is refused', async (_sentence, data, field) => {
      const { send, path } = subject();
      expect(await send('POST', path('configmaps'), configMap('refused', data))).toMatchObject({ status: 422, body: { details: { causes: [{ field }] } } });
    });
  });

  it('a Secret is written as text and kept as base64, of a type that stays', async () => {
    const { send, patch, path } = subject();
    const { body } = await send('POST', path('secrets'), { metadata: { name: 'kept' }, stringData: { word: 'open sesame' } });
    expect(body).toMatchObject({ type: 'Opaque', data: { word: 'b3BlbiBzZXNhbWU=' } });
    expect(body).not.toHaveProperty('stringData');
    expect(await patch('merge', path('secrets/kept'), { type: 'example.com/other' })).toMatchObject({ status: 422 });
  });

  describe('a Lease', () => {
    it('is one lock: of two who create it, one holds it', async () => {
      const { send, path } = subject();
      const lease = (holderIdentity: string) => ({ metadata: { name: 'lock' }, spec: { holderIdentity, acquireTime: '2026-01-15T10:00:00.000000Z' } });
      const answers = await Promise.all(['a', 'b'].map((holder) => send('POST', path('leases', leases), lease(holder))));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
      const uids = answers.filter(({ status }) => status === 201).map((winner) => metadataOf(winner)['uid']);
      expect([metadataOf(await send('GET', path('leases/lock', leases)))['uid']]).toEqual(uids);
    });

    it('is overwritten by nobody who has not read it, and never by a stale reader', async () => {
      const { send, path } = subject();
      const first = metadataOf(await send('POST', path('leases', leases), { metadata: { name: 'read' }, spec: { holderIdentity: 'a' } }));
      const put = (metadata: JsonObject) =>
        send('PUT', path('leases/read', leases), { metadata: { name: 'read', ...metadata }, spec: { holderIdentity: 'b' } });
      expect((await put({})).status).toBe(422);
      expect((await put({ resourceVersion: first['resourceVersion'] })).status).toBe(200);
      expect((await put({ resourceVersion: first['resourceVersion'] })).status).toBe(409);
    });

    it('lasts longer than nothing', async () => {
      const { send, path } = subject();
      const answer = await send('POST', path('leases', leases), { metadata: { name: 'brief' }, spec: { leaseDurationSeconds: 0 } });
      expect(answer).toMatchObject({ status: 422, body: { details: { causes: [{ field: 'spec.leaseDurationSeconds' }] } } });
    });
  });

  describe('an Event', () => {
    const event = (name: string, namespace: string, more: JsonObject = {}) => ({
      metadata: { name },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'subject', namespace },
      type: 'Normal',
      reason: 'Told',
      message: 'said',
      ...more,
    });

    it('lives where its subject does, and is found by it', async () => {
      const { send, path, namespace } = subject();
      expect((await send('POST', path('events'), event('told.1', namespace))).status).toBe(201);
      expect(await send('POST', path('events'), event('told.2', 'elsewhere'))).toMatchObject({
        status: 422,
        body: { details: { causes: [{ field: 'involvedObject.namespace' }] } },
      });
      const found = await send('GET', path('events'), undefined, {
        fieldSelector: 'involvedObject.name=subject,involvedObject.kind=Pod,reason=Told,type=Normal',
      });
      expect(found.body).toMatchObject({ items: [{ metadata: { name: 'told.1' } }] });
    });

    it('counts up by a patch, and is made once under its name', async () => {
      const { send, patch, path, namespace } = subject();
      await send('POST', path('events'), event('counted.1', namespace, { count: 1, lastTimestamp: '2026-01-15T10:00:00Z' }));
      expect(await send('POST', path('events'), event('counted.1', namespace))).toMatchObject({ status: 409, body: { reason: 'AlreadyExists' } });
      const again = await patch('merge', path('events/counted.1'), { count: 2, lastTimestamp: '2026-01-15T10:05:00Z' });
      expect(again).toMatchObject({ status: 200, body: { count: 2 } });
    });

    it('of what has no namespace lives in default', async () => {
      const { send, path } = subject();
      const aboutANode = {
        metadata: { generateName: 'node-' },
        involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'n1' },
        reason: 'Told',
        message: 'said',
      };
      expect((await send('POST', path('events'), aboutANode, dryRun)).status).toBe(422);
      expect((await send('POST', '/api/v1/namespaces/default/events', aboutANode, dryRun)).status).toBe(201);
    });
  });

  it('a Deployment whose strategy recreates has no surge', async () => {
    const { send, patch, path } = subject();
    await send('POST', path('deployments', 'apps/v1'), deployment('recreated'));
    const at = path('deployments/recreated', 'apps/v1');
    expect((await patch('strategic', at, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } })).body).toMatchObject({
      spec: { strategy: { type: 'Recreate' } },
    });
    expect(await patch('merge', at, { spec: { strategy: { rollingUpdate: { maxSurge: 1 } } } })).toMatchObject({ status: 422 });
  });
}
