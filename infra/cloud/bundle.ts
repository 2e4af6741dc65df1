import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { zipSync } from 'fflate';

export interface Bundle {
  readonly name: string;
  /** The deployment artifact. */
  readonly path: string;
  readonly scriptBytes: number;
  /** The module itself. */
  readonly script: string;
}

/** Zip entries carry one fixed time, so that the same sources give the same artifact and a deploy skips what did not change. */
const entryTime = new Date('2020-01-01T00:00:00Z');

/** Some dependencies are CommonJS and call require() for Node's own modules, which an ES module lacks. */
const requireBanner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** The generated clients of every API group are 4 MB of source, of which we use the kubeconfig; the package does not say that its files have no side effects. */
const clientNodeWithoutSideEffects: Plugin = {
  name: 'client-node-without-side-effects',
  setup(building) {
    // Its files name each other in full, so that a path is joined here and esbuild need not be asked once more: a few thousand times a bundle.
    building.onResolve({ filter: /^\.{1,2}\/.*\.js$/, namespace: 'file' }, ({ path, importer, resolveDir }) =>
      importer.includes('@kubernetes/client-node') ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    );
    const mark = {};
    building.onResolve({ filter: /^@kubernetes\/client-node$/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === mark) return undefined; // this very question comes back to us once
      return { ...(await building.resolve(path, { importer, kind, resolveDir, pluginData: mark })), sideEffects: false };
    });
  },
};

/**
 * The HTTP client that client-node's generated clients and its `applyToFetchOptions` are made of: 720 KiB. We take its kubeconfig over node:https
 * (`applyToHTTPSOptions`), which touches none of it; whoever comes to need it is told so by name.
 */
const clientNodeWithoutUndici: Plugin = {
  name: 'client-node-without-undici',
  setup(building) {
    building.onResolve({ filter: /^undici$/ }, ({ importer }) =>
      importer.includes('@kubernetes/client-node') ? { path: 'undici', namespace: 'left-out' } : undefined,
    );
    building.onLoad({ filter: /^undici$/, namespace: 'left-out' }, () => ({
      contents: `class LeftOut { constructor() { throw new Error('undici is left out of bundles: use KubeConfig.applyToHTTPSOptions') } }
        export { LeftOut as Agent, LeftOut as ProxyAgent, LeftOut as fetch }`,
    }));
  },
};

/**
 * An ES import of node:http reads every member of it, and one of them, WebSocket, loads Node's own undici: a fifth of what a function costs to import
 * (measured 2026-11). A require() reads what is used.
 */
const httpByRequire: Plugin = {
  name: 'http-by-require',
  setup(building) {
    building.onResolve({ filter: /^(?:node:)?http$/ }, ({ kind }) => (kind === 'require-call' ? undefined : { path: 'node:http', namespace: 'required' }));
    building.onLoad({ filter: /^node:http$/, namespace: 'required' }, () => ({ contents: "module.exports = require('node:http')" }));
  },
};

/** One file for Node that needs nothing else: a function, or the watcher. */
export const oneModule = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: { js: requireBanner },
  plugins: [clientNodeWithoutSideEffects, clientNodeWithoutUndici, httpByRequire],
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** Without the sources' text, which would be three times as much: file and line are what a stack needs. It costs a cold start about 10 ms (measured 2026-11). */
const mapped = { sourcemap: 'linked', sourcesContent: false } as const satisfies BuildOptions;

/** What a cold start may load, in KiB: measured 2026-11 and rounded up. More is a decision, not an accident. */
const budgetKibibytes = { withCluster: 1_300, withoutCluster: 900 } as const;
const withoutCluster = ['alert-webhook', 'admission-webhook', 'audit-writer'];

/**
 * Bundles each function by itself: `functions/<name>/handler.ts` becomes a zip with `functions/<name>/handler.mjs`, so that the
 * handler's path in serverless.yml is the same before and after. They are built together, since what they share is read once then.
 */
export async function bundleFunctions(root: string, names: readonly string[]): Promise<readonly Bundle[]> {
  const outdir = join(root, 'dist');
  await Promise.all(names.map((name) => rm(join(outdir, name), { recursive: true, force: true })));
  const entryPoints = Object.fromEntries(names.map((name) => [`${name}/handler`, join(root, 'functions', name, 'handler.ts')]));
  await build({ ...oneModule, entryPoints, outdir, outExtension: { '.js': '.mjs' }, ...mapped });
  return Promise.all(names.map((name) => pack(outdir, name)));
}

async function pack(outdir: string, name: string): Promise<Bundle> {
  const outfile = join(outdir, name, 'handler.mjs');
  const script = await readFile(outfile);
  const budget = withoutCluster.includes(name) ? budgetKibibytes.withoutCluster : budgetKibibytes.withCluster;
  if (script.length > budget * 1_024)
    throw new Error(`${name}: the bundle has ${Math.ceil(script.length / 1_024)} KiB, its budget is ${budget}: see what was imported with esbuild --analyze`);
  const path = join(outdir, `${name}.zip`);
  const map = await readFile(`${outfile}.map`);
  const zipped = zipSync({
    [`functions/${name}/handler.mjs`]: [script, { mtime: entryTime, level: 9 }],
    [`functions/${name}/handler.mjs.map`]: [map, { mtime: entryTime, level: 9 }],
  });
  await writeFile(path, zipped);
  return { name, path, scriptBytes: script.length, script: outfile };
}

/** An artifact without code, for whoever looks at the template. It is never deployed: nothing in it answers. */
export async function placeholder(root: string): Promise<Pick<Bundle, 'path'>> {
  const path = join(root, 'dist', 'nothing.zip');
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(path, zipSync({ 'nothing.txt': [new Uint8Array(), { mtime: entryTime }] }));
  return { path };
}
