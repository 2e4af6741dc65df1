import { describe, expect, it } from 'vitest';
import { pod } from '../../../test/conformance/objects.ts';
import { client } from '../../../test/support/api-client.ts';
import { aWorld } from '../../../test/support/sandbox.ts';

const pods = '/api/v1/namespaces/default/pods';

async function withPod(containers: readonly string[] = ['app']) {
  const world = aWorld();
  const api = client(world.transport);
  const { body } = await api.send('POST', pods, pod('p', {}, { nodeName: 'n1', containers: containers.map((name) => ({ name, image: 'i:1' })) }));
  const { uid } = (body as { readonly metadata: { readonly uid: string } }).metadata;
  const phase = (name: string) => api.patch('merge', `${pods}/p/status`, { status: { phase: name } });
  const log = (query: Readonly<Record<string, string>> = {}) => api.send('GET', `${pods}/p/log`, undefined, query);
  return { ...world, ...api, uid, phase, log };
}

describe('the log of a pod', () => {
  it('is what its container wrote, in order', async () => {
    const { sandbox, uid, phase, log } = await withPod();
    await phase('Running');
    sandbox.appendLog(uid, 'app', 'one\n');
    sandbox.appendLog(uid, 'app', 'two\n');
    expect(await log()).toEqual({ status: 200, body: 'one\ntwo\n' });
  });

  it.each<[query: Readonly<Record<string, string>>, text: string]>([
    [{ tailLines: '2' }, 'two\nthree'],
    [{ tailLines: '0' }, ''],
    [{ tailLines: '9' }, 'one\ntwo\nthree'],
    [{ limitBytes: '5' }, 'one\nt'],
    [{ tailLines: '1', limitBytes: '2' }, 'th'],
  ])('is cut by %j', async (query, text) => {
    const { sandbox, uid, log } = await withPod();
    sandbox.appendLog(uid, 'app', 'one\ntwo\nthree');
    expect((await log(query)).body).toBe(text);
  });

  it('needs the name of the container when there are two', async () => {
    const { sandbox, uid, log } = await withPod(['app', 'sidecar']);
    sandbox.appendLog(uid, 'sidecar', 'aside\n');
    expect(await log()).toMatchObject({ status: 400, body: { message: 'a container name must be specified for pod p, choose one of: [app sidecar]' } });
    expect(await log({ container: 'other' })).toMatchObject({ status: 400, body: { message: 'container other is not valid for pod p' } });
    expect((await log({ container: 'sidecar' })).body).toBe('aside\n');
  });

  it('is empty of a container that has written nothing, and not there before it starts', async () => {
    const { phase, log } = await withPod();
    expect(await log()).toMatchObject({ status: 400, body: { message: expect.stringContaining('is waiting to start') as string } });
    await phase('Running');
    expect(await log()).toEqual({ status: 200, body: '' });
    expect((await log({ previous: 'true' })).status).toBe(400);
  });

  it.each([
    [{ tailLines: 'all' }, 400, 'parsing "all": invalid syntax'],
    [{ tailLines: '-1' }, 422, 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
    [{ limitBytes: '0' }, 422, 'limitBytes: Invalid value: 0: must be greater than 0'],
  ])('is not to be had by %j', async (query, status, words) => {
    const { log } = await withPod();
    expect(await log(query)).toMatchObject({ status, body: { message: expect.stringContaining(words) as string } });
  });

  it('is answered at the end of the pod when it is followed', async () => {
    const { sandbox, uid, phase, log } = await withPod();
    await phase('Running');
    sandbox.appendLog(uid, 'app', 'begun\n');
    const following = log({ follow: 'true' });
    sandbox.appendLog(uid, 'app', 'done\n');
    await phase('Succeeded');
    expect((await following).body).toBe('begun\ndone\n');
    expect((await log({ follow: 'true' })).body).toBe('begun\ndone\n');
  });

  it('goes with the pod', async () => {
    const { sandbox, send, uid, phase, log } = await withPod();
    await phase('Running');
    sandbox.appendLog(uid, 'app', 'secret\n');
    await send('DELETE', `${pods}/p`, { gracePeriodSeconds: 0 });
    await send('POST', pods, pod('p'));
    expect(await log()).toEqual({ status: 204, body: '' });
  });
});
