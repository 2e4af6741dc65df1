import { join } from 'node:path';
import { build } from 'esbuild';
import { oneModule } from '../cloud/bundle.ts';

/** The watcher as one file that needs nothing but Node: all that its image holds. */
export async function bundleWatcher(outfile: string): Promise<void> {
  await build({ ...oneModule, entryPoints: [join(import.meta.dirname, 'main.ts')], outfile });
}

if (import.meta.main) await bundleWatcher(process.argv[2] ?? join(import.meta.dirname, '../../dist/watcher/watcher.mjs'));
