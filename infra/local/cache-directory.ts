import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where programs are kept that were fetched or built once: XDG_CACHE_HOME/kubernaut, else ~/.cache/kubernaut. */
export function cacheDirectoryOf({ XDG_CACHE_HOME: cache }: Readonly<Record<string, string | undefined>>): string {
  return join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'kubernaut');
}
