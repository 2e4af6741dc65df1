import { StartFailed } from './start-failed.ts';
import { chooseExecutor, type ExecutorOptions } from '../node/choose-executor.ts';
import type { Executor } from '../node/executor.ts';
import { KubectlUnusable } from '../node/find-kubectl.ts';

/** As `chooseExecutor`; a KUBECTL that cannot be used is told to the person who set it. Throws StartFailed. */
export async function findExecutor(options: ExecutorOptions): Promise<Executor> {
  try {
    return await chooseExecutor(options);
  } catch (cause) {
    if (cause instanceof KubectlUnusable) throw new StartFailed(cause.message, { cause });
    throw cause;
  }
}
