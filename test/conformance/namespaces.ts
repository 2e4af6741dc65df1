import { expect, it } from 'vitest';
import { configMap, job } from './objects.ts';
import { metadataOf, type Subject } from './subject.ts';

export function namespaces(subject: () => Subject): void {
  const made = async (): Promise<string> =>
    String(metadataOf(await subject().send('POST', '/api/v1/namespaces', { metadata: { generateName: 'conformance-' } }))['name'] as string);

  it('say their own name in a label, and begin as active', async () => {
    const { send } = subject();
    const name = await made();
    expect((await send('GET', `/api/v1/namespaces/${name}`)).body).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    await send('DELETE', `/api/v1/namespaces/${name}`);
  });

  it('that every cluster has are not deleted', async () => {
    const { send } = subject();
    const answer = await send('DELETE', '/api/v1/namespaces/default', undefined, { dryRun: 'All' });
    expect(answer).toMatchObject({ status: 403, body: { message: 'namespaces "default" is forbidden: this namespace may not be deleted' } });
  });

  it('have names of 63 characters and no dots', async () => {
    const { send } = subject();
    for (const name of ['a.b', 'n'.repeat(64)]) {
      expect(await send('POST', '/api/v1/namespaces', { metadata: { name } })).toMatchObject({
        status: 422,
        body: { details: { causes: expect.arrayContaining([expect.objectContaining({ field: 'metadata.name' })]) as unknown } },
      });
    }
  });

  it('that end take nothing new, empty themselves, and wait for what is held', async () => {
    const { send, patch, eventually } = subject();
    const name = await made();
    const at = `/api/v1/namespaces/${name}`;
    await send('POST', `${at}/configmaps`, configMap('held', {}, { finalizers: ['example.com/held'] }));
    await send('POST', `/apis/batch/v1/namespaces/${name}/jobs`, job('swept'));
    expect(await send('DELETE', at)).toMatchObject({ status: 200, body: { kind: 'Namespace', status: { phase: 'Terminating' } } });
    expect(await send('POST', `${at}/configmaps`, configMap('late'))).toMatchObject({
      status: 403,
      body: {
        message: `configmaps "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
        details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
      },
    });
    await eventually(
      () => send('GET', `${at}/configmaps/held`),
      (answer) => metadataOf(answer)['deletionTimestamp'] !== undefined,
    );
    expect((await send('GET', at)).status).toBe(200);
    await patch('merge', `${at}/configmaps/held`, { metadata: { finalizers: null } });
    const gone = await eventually(
      () => send('GET', at),
      ({ status }) => status === 404,
    );
    expect(gone.body).toMatchObject({ message: `namespaces "${name}" not found` });
  });
}
