import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { dirname, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import type { JsonObject } from '../../../shared/api/json.ts';
import { subjectOf, type Subject, type Target } from '../subject.ts';

/** A target that is reached over HTTPS, as kubectl does it. */
export interface ServedTarget extends Target {
  readonly url: string;
  readonly caPem: string;
  /** Path of an administrator's; its directory is ours to write to. */
  readonly kubeconfig: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a suite about the front works with. */
export interface ServedSubject extends Subject {
  /** One request with these headers. `token`: a bearer's; null: nobody's; absent: the administrator's. */
  call(path: string, options?: { readonly headers?: Readonly<Record<string, string>>; readonly token?: string | null }): Promise<Answer>;
  /** Runs kubectl in our namespace to its end. */
  kubectl(...argv: readonly string[]): Promise<Outcome>;
  /** Writes objects as one manifest; its path. */
  manifest(name: string, ...objects: readonly JsonObject[]): Promise<string>;
}

export async function servedSubjectOf(target: ServedTarget, kubectlPath: string): Promise<ServedSubject> {
  const subject = await subjectOf(target);
  const directory = join(dirname(target.kubeconfig), subject.namespace);
  await mkdir(directory);
  const home = { HOME: directory, KUBECONFIG: target.kubeconfig, PATH: process.env['PATH'] ?? '' };
  return {
    ...subject,
    call: (path, options) => call(target, path, options),
    kubectl: (...argv) => run(kubectlPath, ['--cache-dir', join(directory, 'cache'), '--namespace', subject.namespace, ...argv], home),
    async manifest(name, ...objects) {
      const path = join(directory, `${name}.yaml`);
      await writeFile(path, objects.map((object) => stringify(object)).join('---\n'));
      return path;
    },
  };
}

async function call(
  { url, caPem, kubeconfig }: ServedTarget,
  path: string,
  { headers = {}, token }: Parameters<ServedSubject['call']>[1] = {},
): Promise<Answer> {
  const credentials = token === undefined ? await administratorOf(kubeconfig) : {};
  const authorization = typeof token === 'string' ? { authorization: `Bearer ${token}` } : {};
  const sent = { ...credentials, ca: caPem, agent: false, headers: { ...credentials.headers, ...authorization, ...headers } };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(new URL(path, url), sent, (message) => {
      message
        .setEncoding('utf8')
        .toArray()
        .then((chunks) => {
          resolve({ status: message.statusCode ?? 0, headers: message.headers, text: chunks.join('') });
        }, reject);
    });
    request.on('error', reject);
    request.end();
  });
}

interface Credentials {
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** By certificate or by token, as the kubeconfig says. */
async function administratorOf(path: string): Promise<Credentials> {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromString(readFileSync(path, 'utf8'));
  const options: { cert?: Buffer | string; key?: Buffer | string; headers?: Record<string, string> } = {};
  await kubeconfig.applyToHTTPSOptions(options);
  const { cert, key, headers } = options;
  return { ...(cert !== undefined && { cert }), ...(key !== undefined && { key }), ...(headers !== undefined && { headers }) };
}

function run(path: string, argv: readonly string[], environment: Readonly<Record<string, string>>): Promise<Outcome> {
  const child = spawn(path, argv, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const told = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (told.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (told.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, ...told });
    });
  });
}
