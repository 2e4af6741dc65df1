import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { zipSync } from 'fflate';

export interface Bundle {
  readonly name: string;
  /** The deployment artifact. */
  readonly path: string;
  readonly scriptBytes: number;
}

/** Zip entries carry one fixed time, so that the same sources give the same artifact and a deploy skips what did not change. */
const entryTime = new Date('2020-01-01T00:00:00Z');

/** Some dependencies are CommonJS and call require() for Node's own modules, which an ES module lacks. */
const requireBanner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * Bundles one function by itself: `functions/<name>/handler.ts` becomes a zip with `functions/<name>/handler.mjs`, so that the
 * handler's path in serverless.yml is the same before and after.
 */
export async function bundleFunction(root: string, name: string): Promise<Bundle> {
  const entry = join(root, 'functions', name, 'handler.ts');
  const outfile = join(root, 'dist', name, 'handler.mjs');
  await rm(join(root, 'dist', name), { recursive: true, force: true });
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: requireBanner },
    legalComments: 'none',
    logLevel: 'warning',
  });
  const script = await readFile(outfile);
  const path = join(root, 'dist', `${name}.zip`);
  const zipped = zipSync({ [`functions/${name}/handler.mjs`]: [script, { mtime: entryTime, level: 9 }] });
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(path, zipped);
  return { name, path, scriptBytes: script.length };
}
