import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { cacheDirectoryOf } from '../../infra/local/cache-directory.ts';
import type { FoundProgram } from '../../infra/local/control-plane/find-programs.ts';
import { findHelm } from '../../infra/local/programs/helm.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';

const run = promisify(execFile);
const outputBytesMax = 16 * 1024 * 1024;
export const chartDirectory = join(import.meta.dirname, '../../infra/cluster/chart');

/** Throws StartFailed in one sentence when there is none and none can be built. */
export function theHelm(): Promise<FoundProgram> {
  return findHelm({ environment: process.env, cacheDirectory: cacheDirectoryOf(process.env), signal: new AbortController().signal, tell: () => undefined });
}

/** What one must say; the rest has defaults. */
export const requiredValues = {
  queueUrlPrefix: 'https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-',
  watcher: { image: { repository: 'registry.example.com/kubernaut-watcher' } },
};

export interface Rendering {
  readonly code: number;
  readonly objects: readonly KubernetesObject[];
  readonly stdout: string;
  readonly stderr: string;
}

export interface RenderOptions {
  readonly namespace?: string;
  /** Beside `helm template`'s own, as --show-only. */
  readonly argv?: readonly string[];
}

/** `helm template` with these values, as a cluster of today would get it. */
export async function render(helm: FoundProgram, values: object, { namespace = 'kubernaut-system', argv = [] }: RenderOptions = {}): Promise<Rendering> {
  // A helm that was built without its release's flags takes the cluster for a 1.20.
  const answer = await runHelm(helm, ['template', 'kubernaut', chartDirectory, '--namespace', namespace, '--kube-version', '1.36.3', ...argv], values);
  const documents = answer.code === 0 ? parseAllDocuments(answer.stdout).map((document) => document.toJS() as KubernetesObject | null) : [];
  return { ...answer, objects: documents.filter((object) => object !== null) };
}

export async function runHelm(helm: FoundProgram, argv: readonly string[], values?: object): Promise<Omit<Rendering, 'objects'>> {
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-helm-'));
  try {
    const file = join(directory, 'values.yaml');
    await writeFile(file, stringify(values ?? {}));
    const withValues = values === undefined ? argv : [...argv, '--values', file];
    const environment = { HOME: directory, PATH: process.env['PATH'] ?? '' };
    const { stdout, stderr } = await run(helm.path, withValues, { env: environment, maxBuffer: outputBytesMax });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { readonly code?: unknown; readonly stdout?: string; readonly stderr?: string; readonly message: string };
    if (typeof failed.code !== 'number') throw error;
    return { code: failed.code, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
