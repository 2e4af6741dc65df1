import type { Executor } from './executor.ts';
import { findKubectl, type KubectlPlaces } from './find-kubectl.ts';
import { createKubectlExecutor, type ApiServer, type KubectlExecutorOptions } from './kubectl-executor.ts';
import { createSimulatedKubectl, type SimulatedKubectlOptions } from './simulated-kubectl.ts';

export interface ExecutorOptions extends SimulatedKubectlOptions, KubectlPlaces, Pick<KubectlExecutorOptions, 'transport' | 'temporaryDirectory'> {
  /** Null: the API is in this process only, where no kubectl can reach it. */
  readonly server: ApiServer | null;
}

/** A real kubectl where there is one and it can reach the server, else the simulated one; `description` says which. */
export async function chooseExecutor(options: ExecutorOptions): Promise<Executor> {
  const { server } = options;
  const kubectl = server === null ? null : await findKubectl(options);
  return server === null || kubectl === null ? createSimulatedKubectl(options) : createKubectlExecutor({ ...options, server, kubectl });
}
