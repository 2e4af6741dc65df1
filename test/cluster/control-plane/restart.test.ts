import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPrograms } from '../../../infra/local/control-plane/find-programs.ts';
import { startControlPlane, type ControlPlane } from '../../../infra/local/control-plane/start-control-plane.ts';
import { createRealClock } from '../../../infra/local/real-clock.ts';
import { accountTransport } from '../../../infra/local/stack/account-transport.ts';
import { createClosers } from '../../../infra/local/stack/closers.ts';
import { installProduct } from '../../../infra/local/stack/install.ts';
import { createWorkspace, type Workspace } from '../../../infra/local/stack/workspace.ts';
import { createCluster } from '../../../shared/kubernetes/cluster.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { Cluster, PolicyRule } from '../../../shared/kubernetes/ports.ts';
import { lastProcessesAbout } from '../../support/left-processes.ts';
import { root } from '../../support/real-stack.ts';

const closers = createClosers();
const failures: string[] = [];
let controlPlane: ControlPlane;
let place = '';
let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
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

const scaling: readonly PolicyRule[] = [{ apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] }];
const missing = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'none', namespace: 'kubernaut-system' };

type Question = (cluster: Cluster) => Promise<unknown>;

/** What the functions ask before they act, and what the answer is while nothing is amiss: permitted, and no such object. */
const questions: readonly Question[] = [
  (cluster) => cluster.reviewAccess('scale-deployment-sa', scaling, 'default'),
  (cluster) => cluster.get(missing),
  (cluster) => cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'none', namespace: 'default' }),
];

async function answerTo(ask: Question, cluster: Cluster): Promise<string> {
  try {
    const answer = await ask(cluster);
    if (answer === null) return 'nothing';
    const { allowed, reason } = answer as { readonly allowed: boolean; readonly reason: string };
    return allowed ? 'permitted' : `denied: ${reason}`;
  } catch (error) {
    return error instanceof ApiError && error.status === 403 ? `denied: ${error.message}` : 'trouble';
  }
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

  it('is believed in no denial while it starts, and in true ones when it has', async () => {
    await installProduct(controlPlane.admin, root, { clock: createRealClock() });
    const { admin } = controlPlane;
    const transport = await accountTransport('kubernaut-functions', { admin, server: controlPlane, workspace });
    const cluster = createCluster({ transport, namespace: 'kubernaut-system', timeoutMilliseconds: () => 5_000 });
    const answers = new Set<string>();
    for (let round = 1; round <= 3; round += 1) {
      await controlPlane.kill('kube-apiserver');
      await controlPlane.startAgain('kube-apiserver');
      let isReady = false;
      const ready = controlPlane.ready().then(() => (isReady = true));
      while (!isReady) for (const answer of await Promise.all(questions.map((ask) => answerTo(ask, cluster)))) answers.add(answer);
      await ready;
    }
    expect([...answers].filter((answer) => !['permitted', 'nothing', 'trouble'].includes(answer))).toEqual([]);
    expect(answers).toContain('trouble');
    expect(await answerTo((asked) => asked.reviewAccess('restart-pod-sa', scaling, 'default'), cluster)).toMatch(
      /^denied: .* may not patch deployments\/scale\.apps in namespace default$/,
    );
    expect(await answerTo((asked) => asked.get({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'admin' }), cluster)).toMatch(
      /^denied: .*forbidden/,
    );
  });

  it('tells of the death of one that was started again, and leaves nothing behind', async () => {
    process.kill(controlPlane.processIds()['kube-apiserver'] ?? 0, 'SIGKILL');
    while (failures.length === 0) await wait(20);
    expect(failures[0]).toMatch(/^kube-apiserver ended with SIGKILL/);
    await controlPlane.stop();
    expect(await lastProcessesAbout(place)).toEqual([]);
  });
});
