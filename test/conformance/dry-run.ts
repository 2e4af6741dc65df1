import { expect, it } from 'vitest';
import { configMap, deployment, pod } from './objects.ts';
import { metadataOf, type Subject } from './subject.ts';

const dryRun = { dryRun: 'All' };

export function dryRuns(subject: () => Subject): void {
  it('a create answers what would be, and stores nothing', async () => {
    const { send, path } = subject();
    const answer = await send('POST', path('deployments', 'apps/v1'), deployment('imagined'), dryRun);
    expect(answer).toMatchObject({
      status: 201,
      body: { spec: { replicas: 2, revisionHistoryLimit: 10 }, metadata: { name: 'imagined', uid: expect.any(String) as string } },
    });
    expect((await send('GET', path('deployments/imagined', 'apps/v1'))).status).toBe(404);
  });

  it('is refused as the real write would be', async () => {
    const { send, patch, path } = subject();
    await send('POST', path('deployments', 'apps/v1'), deployment('rehearsed'));
    expect((await send('POST', path('deployments', 'apps/v1'), deployment('rehearsed'), dryRun)).status).toBe(409);
    expect((await send('POST', path('deployments', 'apps/v1'), deployment('other', -1), dryRun)).status).toBe(422);
    expect((await patch('merge', path('deployments/rehearsed', 'apps/v1'), { metadata: { resourceVersion: '1' } }, dryRun)).status).toBe(409);
    expect((await patch('merge', path('deployments/absent/scale', 'apps/v1'), { spec: { replicas: 1 } }, dryRun)).status).toBe(404);
  });

  it('every write rehearses: patch, scale, replace, delete', async () => {
    const { send, patch, path } = subject();
    const created = metadataOf(await send('POST', path('deployments', 'apps/v1'), deployment('steady')));
    const at = path('deployments/steady', 'apps/v1');
    expect((await patch('strategic', at, { spec: { replicas: 7 } }, dryRun)).body).toMatchObject({ spec: { replicas: 7 } });
    expect((await patch('merge', `${at}/scale`, { spec: { replicas: 8 } }, dryRun)).body).toMatchObject({ spec: { replicas: 8 } });
    expect((await send('PUT', at, deployment('steady', 9), dryRun)).body).toMatchObject({ spec: { replicas: 9 } });
    expect((await send('DELETE', at, undefined, dryRun)).status).toBe(200);
    expect((await send('DELETE', at, { dryRun: ['All'] })).status).toBe(200);
    expect(metadataOf(await send('GET', at))).toMatchObject({ resourceVersion: created['resourceVersion'], generation: 1 });
  });

  it('a delete with a body is told by its body alone, and really deletes when only its query rehearses', async () => {
    const { send, path } = subject();
    await send('POST', path('configmaps'), configMap('spared'));
    const options = { apiVersion: 'v1', kind: 'DeleteOptions' };
    expect((await send('DELETE', path('configmaps/spared'), { ...options, dryRun: ['All'] })).status).toBe(200);
    expect((await send('GET', path('configmaps/spared'))).status).toBe(200);
    expect((await send('DELETE', path('configmaps/spared'), options, dryRun)).status).toBe(200);
    expect((await send('GET', path('configmaps/spared'))).status).toBe(404);

    await send('POST', path('pods'), pod('lasting'));
    const gracefully = { ...options, gracePeriodSeconds: 30, dryRun: ['All'] };
    expect((await send('DELETE', path('pods/lasting'), gracefully, dryRun)).status).toBe(200);
    expect(metadataOf(await send('GET', path('pods/lasting')))).not.toHaveProperty('deletionTimestamp');
  });

  it('knows no other value than All', async () => {
    const { send, path } = subject();
    expect((await send('POST', path('configmaps'), configMap('never'), { dryRun: 'Some' })).status).toBe(422);
    expect((await send('GET', path('configmaps/never'))).status).toBe(404);
  });
}
