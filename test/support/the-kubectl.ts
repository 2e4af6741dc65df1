import { cacheDirectoryOf } from '../../infra/local/cache-directory.ts';
import type { Kubectl } from '../../infra/local/node/find-kubectl.ts';
import { provideKubectl } from '../../infra/local/node/provide-kubectl.ts';

/** Throws StartFailed in one sentence when there is none and none can be built. */
export function theKubectl(): Promise<Kubectl> {
  return provideKubectl({
    environment: process.env,
    cacheDirectory: cacheDirectoryOf(process.env),
    signal: new AbortController().signal,
    tell: () => undefined,
  });
}
