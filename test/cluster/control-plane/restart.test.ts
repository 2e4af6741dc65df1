import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPrograms } from '../../../infra/local/control-plane/find-programs.ts';
import { startControlPlane, type ControlPlane } from '../../../infra/local/control-plane/start-control-plane.ts';
import { createRealClock } from '../../../infra/local/real-clock.ts';
import { createClosers } from '../../../infra/local/stack/closers.ts';
import { createWorkspace } from '../../../infra/local/stack/workspace.ts';
import { lastProcessesAbout } from '../../support/left-processes.ts';

const closers = createClosers();
const failures: string[] = [];
let controlPlane: ControlPlane;
let place = '';

beforeAll(async () => {
  const workspace = await createWorkspace();
  closers.add(() => workspace.remove());
  place = workspace.directory;
  const cacheDirectory = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kubernaut');
  const { signal } = new AbortController();
  controlPlane = await startControlPlane({
    programs: await findPrograms({ environment: process.env, cacheDirectory, signal, tell: () => undefined }),
    apiPort: 0,
    directory: place,
    namespace: 'default',
    clock: createRealClock(),
    signal,
    failed: (how) => void failures.push(how),
    controllers: ['serviceaccount-controller'],
    schedules: false,
  });
  closers.add(() => controlPlane.stop());
});
afterAll(() => closers.close());

const path = '/api/v1/namespaces/default/configmaps';

async function statusOf(name: string): Promise<number> {
  return (await controlPlane.admin.send({ method: 'GET', path: `${path}/${name}` }, 10_000)).status;
}

describe('a control plane whose processes are killed', () => {
  it.each([['kube-apiserver'], ['etcd']] as const)('has what it had when %s was started again', async (program) => {
    const body = { metadata: { name: `before-${program}` } };
    expect((await controlPlane.admin.send({ method: 'POST', path, body }, 10_000)).status).toBe(201);
    const before = controlPlane.processIds()[program];
    await controlPlane.kill(program);
    expect(controlPlane.processIds()[program]).toBeUndefined();
    await controlPlane.startAgain(program);
    await controlPlane.ready();
    expect(controlPlane.processIds()[program]).not.toBe(before);
    expect(await statusOf(`before-${program}`)).toBe(200);
    expect(failures).toEqual([]);
  });

  it('tells of the death of one that was started again, and leaves nothing behind', async () => {
    process.kill(controlPlane.processIds()['kube-apiserver'] ?? 0, 'SIGKILL');
    while (failures.length === 0) await wait(20);
    expect(failures[0]).toMatch(/^kube-apiserver ended with SIGKILL/);
    await controlPlane.stop();
    expect(await lastProcessesAbout(place)).toEqual([]);
  });
});
