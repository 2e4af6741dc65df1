import { cacheDirectoryOf } from '../../infra/local/cache-directory.ts';
import { findKubectl, type Kubectl } from '../../infra/local/node/find-kubectl.ts';
import { StartFailed } from '../../infra/local/stack/start-failed.ts';

/** Throws StartFailed in one sentence when there is none. */
export async function theKubectl(): Promise<Kubectl> {
  const found = await findKubectl({ environment: process.env, cacheDirectory: cacheDirectoryOf(process.env) });
  if (found === null) throw new StartFailed('there is no kubectl on PATH or in the cache: install kubectl 1.30 or later, or set KUBECTL to one');
  return found;
}
