import { describe, expect, it } from 'vitest';
import { configMap, deployment, job, pod } from './objects.ts';
import { itemNames, metadataOf, objectAt, type Subject } from './subject.ts';

export function crud(subject: () => Subject): void {
  describe('creating', () => {
    it('gives identity, time and version, and takes none from the client', async () => {
      const { send, path, namespace } = subject();
      const sent = configMap('born', { a: '1' }, { uid: 'mine', creationTimestamp: '2020-01-01T00:00:00Z', generation: 7 });
      const answer = await send('POST', path('configmaps'), sent);
      expect(answer).toMatchObject({ status: 201, body: { kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' }, metadata: { name: 'born', namespace } } });
      expect(metadataOf(answer)).toMatchObject({
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        resourceVersion: expect.stringMatching(/^\d+$/) as string,
      });
      expect(metadataOf(answer)['creationTimestamp']).not.toBe('2020-01-01T00:00:00Z');
    });

    it('makes a name from generateName', async () => {
      const { send, path } = subject();
      const answer = await send('POST', path('configmaps'), { metadata: { generateName: 'made-' } });
      expect(metadataOf(answer)['name']).toMatch(/^made-[a-z0-9]{5}$/);
    });

    it('starts the generation of what has a spec at 1', async () => {
      const { send, path } = subject();
      expect(metadataOf(await send('POST', path('deployments', 'apps/v1'), deployment('first')))).toMatchObject({ generation: 1 });
    });

    it('fills in defaults', async () => {
      const { send, path } = subject();
      const { body } = await send('POST', path('deployments', 'apps/v1'), deployment('filled'));
      expect(body).toMatchObject({
        spec: {
          revisionHistoryLimit: 10,
          progressDeadlineSeconds: 600,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
          template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }, {}] } },
        },
      });
    });

    it('makes a Job find its pods by its uid, and labels it so', async () => {
      const { send, path } = subject();
      const { body } = await send('POST', path('jobs', 'batch/v1'), job('found'));
      const { uid } = objectAt(body, 'metadata');
      const labels = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': 'found', 'controller-uid': uid, 'job-name': 'found' };
      const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
      expect(body).toMatchObject({
        metadata: { labels },
        spec: { completions: 1, parallelism: 1, completionMode: 'NonIndexed', selector, template: { metadata: { labels } } },
        status: {},
      });
    });

    it('writes quantities in one way', async () => {
      const { send, path } = subject();
      const containers = [{ name: 'app', image: 'app', resources: { limits: { memory: '1024Mi', cpu: '0.5' } } }];
      const { body } = await send('POST', path('pods'), pod('measured', {}, { containers, schedulerName: 'nobody' }));
      const resources = { limits: { memory: '1Gi', cpu: '500m' }, requests: { memory: '1Gi', cpu: '500m' } };
      expect(body).toMatchObject({ spec: { containers: [{ imagePullPolicy: 'Always', resources }] } });
    });

    it.each([
      ['a finalizer without a domain', configMap('x', {}, { finalizers: ['plain'] }), 422, 'Invalid', 'metadata.finalizers[0]: Invalid value: "plain"'],
      [
        'an owner without a uid',
        configMap('x', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p' }] }),
        422,
        'Invalid',
        'metadata.ownerReferences.uid: Invalid value: ""',
      ],
      ['a name that is taken', configMap('taken'), 409, 'AlreadyExists', 'configmaps "taken" already exists'],
      ['no name', { metadata: {} }, 422, 'Invalid', 'name or generateName is required'],
      ['a name that is none', configMap('Not_A_Name'), 422, 'Invalid', 'metadata.name: Invalid value: "Not_A_Name"'],
      ['another kind', { ...configMap('x'), apiVersion: 'v1', kind: 'Secret' }, 400, 'BadRequest', 'Secret'],
      [
        'another namespace',
        configMap('x', {}, { namespace: 'elsewhere' }),
        400,
        'BadRequest',
        'the namespace of the provided object does not match the namespace sent on the request',
      ],
      ['a resourceVersion', configMap('x', {}, { resourceVersion: '1' }), 500, undefined, 'resourceVersion should not be set on objects to be created'],
      ['a label that is none', configMap('x', {}, { labels: { a: 'b c' } }), 422, 'Invalid', 'metadata.labels: Invalid value: "b c"'],
    ])('refuses %s', async (...[, body, status, reason, words]) => {
      const { send, path } = subject();
      await send('POST', path('configmaps'), configMap('taken'));
      const answer = await send('POST', path('configmaps'), body);
      expect(answer).toMatchObject({
        status,
        body: { kind: 'Status', status: 'Failure', code: status, ...(reason !== undefined && { reason }), message: expect.stringContaining(words) as string },
      });
    });

    it('refuses a namespace that is not there, and what is wrong in the spec, with its causes', async () => {
      const { send, path } = subject();
      expect(await send('POST', '/api/v1/namespaces/nowhere/configmaps', configMap('x'))).toMatchObject({
        status: 404,
        body: { message: 'namespaces "nowhere" not found' },
      });
      const answer = await send('POST', path('deployments', 'apps/v1'), deployment('wrong', -1));
      const cause = { reason: 'FieldValueInvalid', field: 'spec.replicas', message: expect.stringContaining('Invalid value: -1') as string };
      expect(answer).toMatchObject({
        status: 422,
        body: { reason: 'Invalid', details: { name: 'wrong', kind: 'Deployment', group: 'apps', causes: [cause] } },
      });
      expect(answer.body).toMatchObject({
        message: 'Deployment.apps "wrong" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      });
    });
  });

  describe('reading', () => {
    it('says what is not there', async () => {
      const { send, path } = subject();
      const answer = await send('GET', path('deployments/absent', 'apps/v1'));
      const details = { name: 'absent', group: 'apps', kind: 'deployments' };
      expect(answer).toMatchObject({ status: 404, body: { reason: 'NotFound', message: 'deployments.apps "absent" not found', details } });
    });

    it.each(['/api/v1/namespaces/default/nothings', '/apis/apps/v1/namespaces/default/nothings/x', '/apis/apps/v1/namespaces/default/deployments/x/nothing'])(
      'knows no %s',
      async (path) => {
        expect((await subject().send('GET', path)).status).toBe(404);
      },
    );

    it('lists by labels and fields, in the order of names, with the version of the list', async () => {
      const { send, path } = subject();
      for (const [name, tier] of [
        ['listed-c', 'web'],
        ['listed-a', 'web'],
        ['listed-b', 'db'],
      ] as const) {
        await send('POST', path('configmaps'), configMap(name, {}, { labels: { suite: 'listing', tier } }));
      }
      const list = async (query: Readonly<Record<string, string>>) => itemNames(await send('GET', path('configmaps'), undefined, query));
      expect(await list({ labelSelector: 'suite=listing' })).toEqual(['listed-a', 'listed-b', 'listed-c']);
      expect(await list({ labelSelector: 'suite=listing,tier!=db' })).toEqual(['listed-a', 'listed-c']);
      expect(await list({ labelSelector: 'suite in (listing),tier notin (web)' })).toEqual(['listed-b']);
      expect(await list({ labelSelector: 'suite=listing', fieldSelector: 'metadata.name=listed-c' })).toEqual(['listed-c']);
      const { body } = await send('GET', path('configmaps'), undefined, { labelSelector: 'suite=listing' });
      expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: expect.stringMatching(/^\d+$/) as string } });
      expect(body).not.toMatchObject({ items: [{ kind: 'ConfigMap' }, {}, {}] });
    });

    it('refuses a field that it cannot select by', async () => {
      const { send, path } = subject();
      expect(await send('GET', path('configmaps'), undefined, { fieldSelector: 'data.a=1' })).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
    });

    it('selects pods by phase and node', async () => {
      const { send, path } = subject();
      await send('POST', path('pods'), pod('placed', {}, { nodeName: 'nowhere-1' }));
      await send('POST', path('pods'), pod('unplaced'));
      expect(itemNames(await send('GET', path('pods'), undefined, { fieldSelector: 'spec.nodeName=nowhere-1' }))).toEqual(['placed']);
      expect(itemNames(await send('GET', path('pods'), undefined, { fieldSelector: 'status.phase=Pending' }))).toContain('unplaced');
    });
  });

  describe('replacing', () => {
    it('takes the whole object, under its own name', async () => {
      const { send, path } = subject();
      await send('POST', path('configmaps'), configMap('whole', { a: '1', b: '2' }));
      expect((await send('PUT', path('configmaps/whole'), configMap('whole', { c: '3' }))).body).toMatchObject({ data: { c: '3' } });
      const answer = await send('PUT', path('configmaps/whole'), configMap('other'));
      expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('the name of the object (other') as string } });
      expect(await send('PUT', path('configmaps/absent-one'), configMap('absent-one', {}, { uid: 'x' }))).toMatchObject({
        body: { kind: 'Status', status: 'Failure' },
      });
    });
  });

  it('allows no method that a path has not', async () => {
    const { send, path } = subject();
    expect(await send('PUT', path('configmaps'), configMap('x'))).toMatchObject({ status: 405, body: { reason: 'MethodNotAllowed' } });
    expect(await send('POST', '/api/v1/configmaps', configMap('x'))).toMatchObject({ status: 405 });
  });
}
