import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { createSandbox } from '../../infra/local/sandbox/create-sandbox.ts';
import { kubeconfigYaml } from '../../infra/local/sandbox/https-kubeconfig.ts';
import { serveHttps, type HttpsFront } from '../../infra/local/sandbox/https.ts';
import { administrator, type Sandbox } from '../../infra/local/sandbox/sandbox.ts';
import { standardExtensions } from '../../infra/local/sandbox/standard-extensions.ts';
import { tokenIssuer } from '../../infra/local/sandbox/token.ts';
import type { ApiRequest, ApiResponse } from '../../shared/kubernetes/request.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  readonly outcome: Promise<Outcome>;
  /** What it has printed so far. */
  printed(): string;
  stop(): void;
}

/** A sandbox behind HTTPS, and a kubectl that knows it; both in directories of their own. */
export interface KubectlWorld {
  readonly sandbox: Sandbox;
  readonly front: HttpsFront;
  readonly directory: string;
  start(...argv: readonly string[]): Command;
  run(...argv: readonly string[]): Promise<Outcome>;
  /** Writes objects as one manifest; returns its path. */
  manifest(name: string, ...objects: readonly object[]): Promise<string>;
  /** As the administrator, past HTTPS. */
  api(method: ApiRequest['method'], path: string, body?: ApiRequest['body'], patchType?: ApiRequest['patchType']): Promise<ApiResponse>;
  close(): Promise<void>;
}

export const adminToken = 'token-of-the-tests-administrator';

export async function aKubectlWorld(kubectl: string): Promise<KubectlWorld> {
  const clock = createRealClock();
  const tokens = tokenIssuer(clock);
  const sandbox = createSandbox({ clock, randomUuid: randomUUID, extensions: standardExtensions(tokens) });
  const front = await serveHttps(sandbox, { port: 0, clock, credentials: { tokens, adminToken } });
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-kubectl-'));
  const [home, kubeconfig] = [join(directory, 'home'), join(directory, 'kubeconfig')];
  await mkdir(home);
  await writeFile(kubeconfig, kubeconfigYaml({ ...front, token: adminToken, namespace: 'kubernaut-system' }), { mode: 0o600 });
  const environment = { HOME: home, KUBECONFIG: kubeconfig, PATH: process.env['PATH'] ?? '' };
  const start = (...argv: readonly string[]): Command => startKubectl(kubectl, ['--cache-dir', join(home, 'cache'), ...argv], environment);
  return {
    sandbox,
    front,
    directory,
    start,
    run: (...argv) => start(...argv).outcome,
    async manifest(name, ...objects) {
      const path = join(directory, `${name}.yaml`);
      await writeFile(path, objects.map((object) => stringify(object)).join('---\n'));
      return path;
    },
    api: (method, path, body, patchType) =>
      sandbox.serve({ method, path, user: administrator, ...(body !== undefined && { body }), ...(patchType !== undefined && { patchType }) }),
    async close() {
      await front.close();
      sandbox.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** With nothing of this process's environment but what is given. */
export function startKubectl(path: string, argv: readonly string[], environment: Readonly<Record<string, string>>): Command {
  const child = spawn(path, argv, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (chunks.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (chunks.stderr += chunk.toString()));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, ...chunks });
    });
  });
  return { outcome, printed: () => chunks.stdout, stop: () => void child.kill() };
}
