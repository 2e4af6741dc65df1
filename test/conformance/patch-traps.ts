import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import { configMap, deployment, widget, widgetGroup } from './objects.ts';
import { metadataOf, objectAt, type Subject } from './subject.ts';

const rejected = 'the server rejected our request due to an error in our request';

/** What a patch does that nobody expects of it. */
export function patchTraps(subject: () => Subject): void {
  const aDeployment = async (name: string): Promise<string> => {
    const { send, path } = subject();
    await send('POST', path('deployments', 'apps/v1'), deployment(name));
    return path(`deployments/${name}`, 'apps/v1');
  };
  const template = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } });
  const podSpecOf = (body: JsonValue): JsonObject => objectAt(objectAt(objectAt(body, 'spec'), 'template'), 'spec');

  describe('a merge patch', () => {
    it('of one container forgets the others, and what this one had', async () => {
      const { patch } = subject();
      const { body } = await patch('merge', await aDeployment('m-list'), template({ containers: [{ name: 'app', image: 'registry.example/app:2' }] }));
      expect(podSpecOf(body)).toMatchObject({ containers: [{ name: 'app', image: 'registry.example/app:2' }] });
      expect(podSpecOf(body)).not.toHaveProperty('containers.1');
      expect(podSpecOf(body)).not.toHaveProperty('containers.0.env');
    });

    it('by null resets to the default, or is refused where there is none', async () => {
      const { patch } = subject();
      const at = await aDeployment('m-null');
      expect((await patch('merge', at, { spec: { replicas: null } })).body).toMatchObject({ spec: { replicas: 1 } });
      expect(metadataOf(await patch('merge', at, { metadata: { labels: null } }))).not.toHaveProperty('labels');
      expect(await patch('merge', at, template({ containers: null }))).toMatchObject({ status: 422 });
    });

    it.each<[sentence: string, metadata: JsonObject]>([
      ['generation', { generation: 77 }],
      ['creationTimestamp', { creationTimestamp: null }],
      ['an empty resourceVersion', { resourceVersion: '' }],
      ['a null resourceVersion', { resourceVersion: null }],
    ])('of %s changes nothing', async (sentence, metadata) => {
      const { patch, send } = subject();
      const at = await aDeployment(`m-${sentence.replaceAll(' ', '-').toLowerCase()}`);
      const before = metadataOf(await send('GET', at));
      const after = metadataOf(await patch('merge', at, { metadata }));
      expect(after).toMatchObject({
        generation: before['generation'],
        creationTimestamp: before['creationTimestamp'],
        resourceVersion: before['resourceVersion'],
      });
    });

    it('of a version that is none is a fault, not a conflict', async () => {
      const { patch } = subject();
      expect((await patch('merge', await aDeployment('m-garbage'), { metadata: { resourceVersion: 'abc' } })).status).toBe(500);
    });

    it('makes nothing else of an object', async () => {
      const { patch, send, path } = subject();
      const at = await aDeployment('m-kind');
      for (const change of [{ kind: 'ReplicaSet' }, { apiVersion: 'apps/v2' }]) {
        expect(await patch('merge', at, change)).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
      }
      for (const change of [{ metadata: { name: 'other' } }, { metadata: { namespace: 'other' } }, { metadata: { name: null } }]) {
        expect(await patch('merge', at, change)).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
      }
      await send('POST', path('widgets', widgetGroup), widget('m-kind'));
      expect(await patch('merge', path('widgets/m-kind', widgetGroup), { kind: 'Gadget' })).toMatchObject({
        status: 422,
        body: { details: { causes: [{ field: 'kind', message: 'Invalid value: "Gadget": must be Widget' }] } },
      });
    });

    it('is an object', async () => {
      const { patch } = subject();
      expect(await patch('merge', await aDeployment('m-array'), [1])).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
    });

    it('of a custom resource replaces its lists whole and removes by null', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('widgets', widgetGroup), widget('m-custom', { spec: { size: 1, color: 'red' } }));
      const at = path('widgets/m-custom', widgetGroup);
      expect((await patch('merge', at, { spec: { color: null } })).body).toMatchObject({ spec: { size: 1, color: 'grey' } });
      expect((await patch('merge', at, { spec: null })).body).not.toHaveProperty('spec');
    });
  });

  describe('a JSON patch', () => {
    it.each<[sentence: string, operations: JsonValue]>([
      ['a test that fails', [{ op: 'test', path: '/data/a', value: '2' }]],
      ['a test of what is absent', [{ op: 'test', path: '/data/z', value: '1' }]],
      ['a test for null below what is absent', [{ op: 'test', path: '/binaryData/z', value: null }]],
      ['removing what is absent', [{ op: 'remove', path: '/data/z' }]],
      ['adding below what is absent', [{ op: 'add', path: '/metadata/annotations/z', value: '1' }]],
      ['moving what is absent', [{ op: 'move', from: '/data/z', path: '/data/y' }]],
      ['an operation that nobody knows', [{ op: 'increment', path: '/data/a' }]],
      ['an operation without a place', [{ op: 'remove' }]],
    ])('is refused as a whole for %s, and the server says no more', async (sentence, operations) => {
      const { send, patch, path } = subject();
      const name = `j-${sentence.replaceAll(' ', '-').toLowerCase()}`;
      await send('POST', path('configmaps'), configMap(name, { a: '1' }));
      const first = { op: 'add', path: '/data/first', value: 'written' };
      const answer = await patch('json', path(`configmaps/${name}`), [first, ...(operations as readonly JsonValue[])]);
      expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid', message: rejected } });
      expect((await send('GET', path(`configmaps/${name}`))).body).toMatchObject({ data: { a: '1' } });
      expect((await send('GET', path(`configmaps/${name}`))).body).not.toHaveProperty('data.first');
    });

    it('replaces a member that is absent all the same, unless it is tested', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('configmaps'), configMap('j-replaced', { a: '1' }));
      const replace = { op: 'replace', path: '/data/b', value: '2' };
      expect(await patch('json', path('configmaps/j-replaced'), [{ op: 'test', path: '/data/b', value: '1' }, replace])).toMatchObject({ status: 422 });
      expect(await patch('json', path('configmaps/j-replaced'), [replace])).toMatchObject({ status: 200, body: { data: { a: '1', b: '2' } } });
    });

    it('tests an absent member by null, so that a value is added where none was', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('configmaps'), configMap('j-absent', { a: '1' }));
      const addOnce = [
        { op: 'test', path: '/data/LEVEL', value: null },
        { op: 'add', path: '/data/LEVEL', value: 'debug' },
      ];
      expect(await patch('json', path('configmaps/j-absent'), addOnce)).toMatchObject({ status: 200, body: { data: { a: '1', LEVEL: 'debug' } } });
      expect(await patch('json', path('configmaps/j-absent'), addOnce)).toMatchObject({ status: 422 });
    });

    it('tests that there is no data at all, and begins it', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('configmaps'), configMap('j-empty'));
      const operations = [
        { op: 'test', path: '/data', value: null },
        { op: 'add', path: '/data', value: {} },
        { op: 'add', path: '/data/a', value: '1' },
      ];
      expect(await patch('json', path('configmaps/j-empty'), operations)).toMatchObject({ status: 200, body: { data: { a: '1' } } });
    });

    it('reads ~1 as a slash, and a dot as itself', async () => {
      const { send, patch, path } = subject();
      await send('POST', path('configmaps'), configMap('j-escaped', { 'app.yaml': 'old' }, { annotations: { 'example.com/a': 'old' } }));
      const operations = [
        { op: 'replace', path: '/metadata/annotations/example.com~1a', value: 'new' },
        { op: 'replace', path: '/data/app.yaml', value: 'new' },
      ];
      expect(await patch('json', path('configmaps/j-escaped'), operations)).toMatchObject({
        status: 200,
        body: { data: { 'app.yaml': 'new' }, metadata: { annotations: { 'example.com/a': 'new' } } },
      });
    });

    it('appends to a list by a dash, and to no place past its end', async () => {
      const { patch } = subject();
      const at = await aDeployment('j-append');
      const add = (position: string) => [
        { op: 'add', path: `/spec/template/spec/containers/${position}`, value: { name: 'more', image: 'registry.example/more:1' } },
      ];
      expect((await patch('json', at, add('9'))).status).toBe(422);
      expect(podSpecOf((await patch('json', at, add('-'))).body)).toMatchObject({ containers: [{}, {}, { name: 'more' }] });
    });

    it('that takes the whole object away is refused for the name that it lacks', async () => {
      const { patch } = subject();
      const at = await aDeployment('j-whole');
      expect((await patch('json', at, [{ op: 'replace', path: '', value: {} }])).status).toBeGreaterThanOrEqual(400);
      expect(await patch('json', at, [{ op: 'remove', path: '/metadata' }])).toMatchObject({ status: 400 });
    });
  });

  describe('a strategic merge', () => {
    it('replaces a list by directive', async () => {
      const { patch } = subject();
      const containers = [{ $patch: 'replace' }, { name: 'only', image: 'registry.example/only:1' }];
      const { body } = await patch('strategic', await aDeployment('s-replace'), template({ containers }));
      expect(podSpecOf(body)).toMatchObject({ containers: [{ name: 'only' }] });
      expect(podSpecOf(body)).not.toHaveProperty('containers.1');
    });

    it('needs the name of the container, and says so as a fault', async () => {
      const { patch } = subject();
      const answer = await patch('strategic', await aDeployment('s-key'), template({ containers: [{ image: 'registry.example/nameless:1' }] }));
      expect(answer).toMatchObject({ status: 500, body: { message: expect.stringContaining('does not contain declared merge key: name') as string } });
    });

    it('sets the limit of one container and keeps its requests', async () => {
      const { patch } = subject();
      const at = await aDeployment('s-limit');
      const limited = (resources: JsonObject) => template({ containers: [{ name: 'app', resources }] });
      await patch('strategic', at, limited({ limits: { memory: '256Mi', cpu: '1' }, requests: { memory: '128Mi' } }));
      const { body } = await patch('strategic', at, limited({ limits: { memory: '512Mi' } }));
      const resources = { limits: { memory: '512Mi', cpu: '1' }, requests: { memory: '128Mi' } };
      expect(podSpecOf(body)).toMatchObject({ containers: [{ name: 'app', resources }, { name: 'sidecar' }] });
    });

    it('merges finalizers as a set, and takes out what it names', async () => {
      const { patch } = subject();
      const at = await aDeployment('s-set');
      for (const finalizer of ['example.com/a', 'example.com/b']) await patch('strategic', at, { metadata: { finalizers: [finalizer] } });
      const both = await patch('strategic', at, { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'] } });
      expect(metadataOf(both)).toMatchObject({ finalizers: ['example.com/b'] });
      expect(metadataOf(await patch('strategic', at, { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/b'] } }))).not.toHaveProperty(
        'finalizers',
      );
    });

    it('replaces tolerations whole: they have no name to be merged by', async () => {
      const { patch } = subject();
      const at = await aDeployment('s-atomic');
      for (const key of ['a', 'b']) await patch('strategic', at, template({ tolerations: [{ key, operator: 'Exists' }] }));
      const { body } = await patch('strategic', at, template({}));
      expect(podSpecOf(body)['tolerations']).toEqual([{ key: 'b', operator: 'Exists' }]);
    });

    it('finds ports by their number', async () => {
      const { patch } = subject();
      const at = await aDeployment('s-ports');
      const ports = (port: JsonObject) => template({ containers: [{ name: 'app', ports: [port] }] });
      await patch('strategic', at, ports({ containerPort: 80 }));
      const { body } = await patch('strategic', at, ports({ containerPort: 80, name: 'http' }));
      expect(podSpecOf(body)).toMatchObject({ containers: [{ ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }] }, {}] });
    });

    it('keeps of a strategy what it is told to keep', async () => {
      const { patch } = subject();
      const at = await aDeployment('s-retain');
      const { body } = await patch('strategic', at, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } });
      expect(objectAt(body, 'spec')['strategy']).toEqual({ type: 'Recreate' });
    });

    it('changes one env variable by its name, and drops one by directive', async () => {
      const { patch } = subject();
      const at = await aDeployment('s-env');
      const env = (variables: readonly JsonObject[]) => template({ containers: [{ name: 'app', env: variables }] });
      await patch(
        'strategic',
        at,
        env([
          { name: 'MODE', value: 'slow' },
          { name: 'DEBUG', value: 'on' },
        ]),
      );
      const { body } = await patch('strategic', at, env([{ name: 'DEBUG', $patch: 'delete' }]));
      expect(podSpecOf(body)).toMatchObject({ containers: [{ env: [{ name: 'MODE', value: 'slow' }] }, {}] });
    });
  });
}
