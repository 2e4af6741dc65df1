import { afterAll, beforeAll } from 'vitest';
import { cacheDirectoryOf } from '../../infra/local/cache-directory.ts';
import { findPrograms } from '../../infra/local/control-plane/find-programs.ts';
import { startControlPlane } from '../../infra/local/control-plane/start-control-plane.ts';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { opening } from '../../infra/local/stack/closers.ts';
import { createWorkspace } from '../../infra/local/stack/workspace.ts';
import { connectControlPlane, type ControlPlane } from './control-plane.ts';

export interface OwnControlPlane extends ControlPlane {
  readonly url: string;
  readonly caPem: string;
  /** Of an administrator. */
  readonly kubeconfigFile: string;
  /** Private, and gone with the control plane. */
  readonly directory: string;
}

/**
 * kube-apiserver, etcd and every controller, started before the tests of the suite that asks and stopped after them; no scheduler, so no
 * pod is ever placed. The suite fails in one sentence when a program is nowhere to be had.
 */
export function ownControlPlane(): () => OwnControlPlane {
  let running: Running | null = null;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(async () => {
    await running?.stop();
  });
  return () => {
    if (running === null) throw new Error('the control plane is asked for before the tests begin');
    return running;
  };
}

interface Running extends OwnControlPlane {
  stop(): Promise<void>;
}

function start(): Promise<Running> {
  return opening(async (closers) => {
    const workspace = await createWorkspace();
    closers.add(() => workspace.remove());
    const { signal } = new AbortController();
    const { directory } = workspace;
    const programs = await findPrograms({ environment: process.env, cacheDirectory: cacheDirectoryOf(process.env), signal, tell: () => undefined });
    const settings = { programs, directory, signal, apiPort: 0, namespace: 'default', clock: createRealClock(), failed: () => undefined, schedules: false };
    const { url, caPem, kubeconfigs, stop } = await startControlPlane(settings);
    closers.add(stop);
    return { ...connectControlPlane(kubeconfigs.admin), url, caPem, kubeconfigFile: kubeconfigs.admin, directory, stop: () => closers.close() };
  });
}
