import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { metadataOf, objectAt, type Subject } from '../subject.ts';
import { itemsOf, phaseOf, trueConditions } from './living-job.ts';

const apps = 'apps/v1';
const quick = { 'start-after-seconds': '0', 'ready-after-seconds': '0' };

interface Wanted {
  readonly replicas?: number;
  readonly image?: string;
  readonly scenario?: Readonly<Record<string, string>>;
  readonly spec?: JsonObject;
  readonly podSpec?: JsonObject;
}

function web(name: string, { replicas = 2, image = 'registry.example/web:1', scenario = {}, spec = {}, podSpec = {} }: Wanted = {}): JsonObject {
  const labels = { app: name };
  const annotations = Object.fromEntries(Object.entries({ ...quick, ...scenario }).map(([key, value]) => [`sandbox.kubernaut.io/${key}`, value]));
  const containers = [{ name: 'web', image }];
  const template = {
    metadata: { labels, annotations },
    spec: { terminationGracePeriodSeconds: 1, automountServiceAccountToken: false, containers, ...podSpec },
  };
  return { metadata: { name }, spec: { replicas, selector: { matchLabels: labels }, template, ...spec } };
}

/** A rollout that is over, as `kubectl rollout status` sees it. */
function isRolledOut({ body }: ApiResponse): boolean {
  const [{ generation }, status] = [objectAt(body, 'metadata'), objectAt(body, 'status')];
  const wanted = objectAt(body, 'spec')['replicas'] ?? 0;
  const counts = ['replicas', 'updatedReplicas', 'availableReplicas'].map((count) => status[count] ?? 0);
  return status['observedGeneration'] === generation && counts.every((count) => count === wanted);
}

export function deployments(subject: () => Subject): void {
  const at = (name: string): string => subject().path(`deployments/${name}`, apps);
  const get = (name: string) => subject().send('GET', at(name));
  const rolledOut = (name: string) => subject().eventually(() => get(name), isRolledOut);
  const made = async (name: string, wanted: Wanted = {}): Promise<ApiResponse> => {
    await subject().send('POST', subject().path('deployments', apps), web(name, wanted));
    return rolledOut(name);
  };
  const listed = async (plural: string, name: string, groupVersion?: string): Promise<readonly JsonObject[]> =>
    itemsOf((await subject().send('GET', subject().path(plural, groupVersion), undefined, { labelSelector: `app=${name}` })).body);
  const remove = (name: string) => subject().send('DELETE', at(name));
  const setImage = (name: string, image: string) =>
    subject().patch('strategic', at(name), { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } });

  describe('a rollout', () => {
    it('ends in as many ready pods as were asked for, and says so', async () => {
      const { body } = await made('rolled');
      expect(body).toMatchObject({
        metadata: { annotations: { 'deployment.kubernetes.io/revision': '1' } },
        status: { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
      });
      expect(objectAt(body, 'status')).not.toHaveProperty('unavailableReplicas');
      expect([...trueConditions(body)].toSorted()).toEqual(['Available=MinimumReplicasAvailable', 'Progressing=NewReplicaSetAvailable']);
      await remove('rolled');
    });

    it('makes one ReplicaSet, whose pods carry its hash and belong to it', async () => {
      await made('hashed');
      const [set, ...others] = await listed('replicasets', 'hashed', apps);
      expect(others).toEqual([]);
      const metadata = objectAt(set, 'metadata');
      const hash = String(objectAt(metadata, 'labels')['pod-template-hash'] as string);
      expect(metadata).toMatchObject({
        name: `hashed-${hash}`,
        annotations: { 'deployment.kubernetes.io/revision': '1', 'deployment.kubernetes.io/desired-replicas': '2' },
        ownerReferences: [{ kind: 'Deployment', name: 'hashed', controller: true, blockOwnerDeletion: true }],
      });
      expect(set).toMatchObject({ spec: { selector: { matchLabels: { 'pod-template-hash': hash } } }, status: { replicas: 2, readyReplicas: 2 } });
      for (const pod of await listed('pods', 'hashed')) {
        expect(pod).toMatchObject({
          metadata: {
            generateName: `hashed-${hash}-`,
            labels: { 'pod-template-hash': hash },
            ownerReferences: [{ kind: 'ReplicaSet', name: `hashed-${hash}`, uid: metadata['uid'] }],
          },
        });
      }
      await remove('hashed');
    });

    it('of another image makes a second revision, and empties the first', async () => {
      await made('imaged');
      await setImage('imaged', 'registry.example/web:2');
      expect(metadataOf(await rolledOut('imaged'))).toMatchObject({ annotations: { 'deployment.kubernetes.io/revision': '2' } });
      const sets = await listed('replicasets', 'imaged', apps);
      const byRevision = sets.map((set) => [
        objectAt(objectAt(set, 'metadata'), 'annotations')['deployment.kubernetes.io/revision'],
        objectAt(set, 'spec')['replicas'],
      ]);
      expect(byRevision.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual([
        ['1', 0],
        ['2', 2],
      ]);
      const images = (await listed('pods', 'imaged'))
        .filter((pod) => objectAt(pod, 'metadata')['deletionTimestamp'] === undefined)
        .map((pod) => JSON.stringify(objectAt(pod, 'spec')['containers']).includes('web:2'));
      expect(images).toEqual([true, true]);
      await remove('imaged');
    });

    it('back to an image that was there before takes its ReplicaSet again, under a new revision', async () => {
      await made('undone', { replicas: 1 });
      await setImage('undone', 'registry.example/web:2');
      await rolledOut('undone');
      await setImage('undone', 'registry.example/web:1');
      expect(metadataOf(await rolledOut('undone'))).toMatchObject({ annotations: { 'deployment.kubernetes.io/revision': '3' } });
      expect(await listed('replicasets', 'undone', apps)).toHaveLength(2);
      await remove('undone');
    });

    it('that never gets ready keeps the old pods, and fails when its time is over', async () => {
      await made('stuck', { spec: { progressDeadlineSeconds: 3 } });
      const { patch, eventually } = subject();
      const change = {
        metadata: { annotations: { 'sandbox.kubernaut.io/never-ready': 'true' } },
        spec: { containers: [{ name: 'web', image: 'registry.example/web:bad' }] },
      };
      await patch('strategic', at('stuck'), { spec: { template: change } });
      const failed = await eventually(
        () => get('stuck'),
        ({ body }) => JSON.stringify(objectAt(body, 'status')).includes('ProgressDeadlineExceeded'),
      );
      expect(failed.body).toMatchObject({ status: { readyReplicas: 2, updatedReplicas: 1, unavailableReplicas: 1 } });
      expect(trueConditions(failed.body)).toEqual(['Available=MinimumReplicasAvailable']);
      await remove('stuck');
    });

    it('that is paused waits, and goes on from there', async () => {
      await made('paused', { replicas: 1 });
      const { patch, elapse } = subject();
      await patch('merge', at('paused'), { spec: { paused: true } });
      await setImage('paused', 'registry.example/web:2');
      await elapse(2);
      expect(await listed('replicasets', 'paused', apps)).toHaveLength(1);
      await patch('merge', at('paused'), { spec: { paused: false } });
      await rolledOut('paused');
      expect(await listed('replicasets', 'paused', apps)).toHaveLength(2);
      await remove('paused');
    });

    it('by the same annotation again changes nothing', async () => {
      const { patch, elapse } = subject();
      await made('restarted', { replicas: 1 });
      const restart = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-15T10:30:00Z' } } } } };
      await patch('strategic', at('restarted'), restart);
      const before = metadataOf(await rolledOut('restarted'));
      await patch('strategic', at('restarted'), restart);
      await elapse(1);
      expect(metadataOf(await get('restarted'))).toMatchObject({ generation: before['generation'] });
      await remove('restarted');
    });
  });

  describe('a scale', () => {
    it('up and down is followed by the pods, and makes no revision', async () => {
      const { patch, send } = subject();
      await made('scaled');
      await patch('merge', `${at('scaled')}/scale`, { spec: { replicas: 4 } });
      expect(metadataOf(await rolledOut('scaled'))).toMatchObject({ annotations: { 'deployment.kubernetes.io/revision': '1' } });
      expect((await send('GET', `${at('scaled')}/scale`)).body).toMatchObject({ spec: { replicas: 4 }, status: { replicas: 4, selector: 'app=scaled' } });
      await patch('merge', `${at('scaled')}/scale`, { spec: { replicas: 1 } });
      await rolledOut('scaled');
      await subject().eventually(
        () => send('GET', subject().path('pods'), undefined, { labelSelector: 'app=scaled' }),
        ({ body }) => itemsOf(body).length === 1,
      );
      await remove('scaled');
    });

    it('to nothing leaves nothing, and that is available', async () => {
      const { patch } = subject();
      await made('zero', { replicas: 1 });
      await patch('merge', `${at('zero')}/scale`, { spec: { replicas: 0 } });
      const { body } = await rolledOut('zero');
      expect(trueConditions(body)).toContain('Available=MinimumReplicasAvailable');
      expect(objectAt(body, 'status')).not.toHaveProperty('replicas');
      await remove('zero');
    });
  });

  describe('a pod', () => {
    it('that is deleted is replaced by another', async () => {
      const { send, path, eventually } = subject();
      await made('healed', { replicas: 1 });
      const [pod] = await listed('pods', 'healed');
      const { name, uid } = objectAt(pod, 'metadata');
      await send('DELETE', path(`pods/${String(name as string)}`), { preconditions: { uid } });
      await eventually(
        () => send('GET', path('pods'), undefined, { labelSelector: 'app=healed' }),
        ({ body }) => itemsOf(body).some((each) => objectAt(each, 'metadata')['uid'] !== uid && phaseOf(each) === 'Running'),
      );
      await rolledOut('healed');
      await remove('healed');
    });

    it('that is not ready makes its Deployment unavailable', async () => {
      const { patch, path, eventually } = subject();
      await made('sick', { replicas: 1 });
      const [pod] = await listed('pods', 'sick');
      const name = String(objectAt(pod, 'metadata')['name'] as string);
      await patch('merge', path(`pods/${name}`), { metadata: { annotations: { 'sandbox.kubernaut.io/becomes-unready-after-seconds': '0' } } });
      const answer = await eventually(
        () => get('sick'),
        ({ body }) => objectAt(body, 'status')['unavailableReplicas'] === 1,
      );
      expect(trueConditions(answer.body)).toEqual(['Progressing=NewReplicaSetAvailable']);
      await remove('sick');
    });

    it('whose labels are taken away is left alone, and replaced', async () => {
      const { patch, path, send, eventually } = subject();
      await made('quarantined', { replicas: 1 });
      const [pod] = await listed('pods', 'quarantined');
      const name = String(objectAt(pod, 'metadata')['name'] as string);
      await patch('merge', path(`pods/${name}`), { metadata: { labels: { app: null, quarantine: 'true' } } });
      await eventually(
        () => send('GET', path('pods'), undefined, { labelSelector: 'app=quarantined' }),
        ({ body }) => itemsOf(body).length === 1,
      );
      const free = await eventually(
        () => send('GET', path(`pods/${name}`)),
        (answer) => metadataOf(answer)['ownerReferences'] === undefined,
      );
      expect(free.body).toMatchObject({ status: { phase: 'Running' } });
      await send('DELETE', path(`pods/${name}`), { gracePeriodSeconds: 0 });
      await remove('quarantined');
    });
  });

  it('a Deployment that recreates has no pod of the new image beside one of the old', async () => {
    await made('recreated', { replicas: 1, spec: { strategy: { type: 'Recreate' } } });
    await setImage('recreated', 'registry.example/web:2');
    await rolledOut('recreated');
    const ages = (await listed('replicasets', 'recreated', apps)).map((set) => objectAt(set, 'spec')['replicas']);
    expect(ages.toSorted((a, b) => Number(a) - Number(b))).toEqual([0, 1]);
    await remove('recreated');
  });

  it('a Deployment that is deleted takes its ReplicaSets and its pods along', async () => {
    const { send, path, eventually } = subject();
    await made('dropped');
    expect((await remove('dropped')).body).toMatchObject({ status: 'Success' });
    const gone = await eventually(
      () => send('GET', path('pods'), undefined, { labelSelector: 'app=dropped' }),
      ({ body }) => itemsOf(body).length === 0,
    );
    expect(gone.status).toBe(200);
    expect(await listed('replicasets', 'dropped', apps)).toEqual([]);
  });

  it('a Deployment that is deleted in the foreground goes after its pods', async () => {
    const { send, eventually } = subject();
    await made('followed', { replicas: 1 });
    await send('DELETE', at('followed'), { propagationPolicy: 'Foreground' });
    await eventually(
      () => get('followed'),
      ({ status }) => status === 404,
    );
    expect(await listed('pods', 'followed')).toEqual([]);
  });
}
