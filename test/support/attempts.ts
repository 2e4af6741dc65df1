import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../shared/api/json.ts';
import { defaultNamespace } from '../../shared/api/labels.ts';
import { wordsOf } from '../../shared/kubernetes/cluster.ts';
import { objectPath } from '../../shared/kubernetes/resource-path.ts';
import { workflowKind } from '../../infra/local/story/observe.ts';
import type { Annotations, Write } from './approval-attacks.ts';
import { startKubectl } from './kubectl.ts';
import { transportBy } from './people.ts';

/** One write to a workflow, as whoever a kubeconfig is of. */
export interface Attempt {
  readonly kubeconfig: string;
  readonly workflow: string;
  readonly write: Write;
  readonly as?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly isRehearsal: boolean;
}

export interface Answered {
  readonly isTaken: boolean;
  /** What whoever tried reads. */
  readonly words: string;
}

export type Means = (attempt: Attempt) => Promise<Answered>;

/** A merge patch over HTTPS, as programs send it. */
export const byRequest: Means = async ({ kubeconfig, workflow, write, as, isRehearsal }) => {
  const [body, subresource] = patchOf(write);
  const path = objectPath({ ...workflowKind, name: workflow, namespace: defaultNamespace }, subresource);
  const query = isRehearsal ? { dryRun: 'All' } : {};
  const patch = { method: 'PATCH', path, query, patchType: 'application/merge-patch+json', body, ...(as !== undefined && { impersonate: as }) } as const;
  const answer = await transportBy(kubeconfig).send(patch, 10_000);
  return { isTaken: answer.status === 200, words: answer.status === 200 ? '' : wordsOf(answer.body, answer.status) };
};

/** `kubectl annotate`, as people write it; a status by `kubectl patch`. */
export function byKubectl(path: string, directory: string): Means {
  return async ({ kubeconfig, workflow, write, as, extra, isRehearsal }) => {
    const flags = [
      '--cache-dir',
      `${directory}/cache`,
      ...(isRehearsal ? ['--dry-run=server'] : []),
      ...(as === undefined || extra !== undefined ? [] : ['--as', as]),
    ];
    const claiming = as === undefined || extra === undefined ? kubeconfig : await kubeconfigClaiming(kubeconfig, directory, { as, extra });
    const environment = { HOME: directory, KUBECONFIG: claiming, PATH: process.env['PATH'] ?? '' };
    const { code, stderr } = await startKubectl(path, [...argvOf(workflow, write), ...flags], environment).outcome;
    return { isTaken: code === 0, words: stderr };
  };
}

/** Extras are a matter of the kubeconfig: not every kubectl has a flag for them. */
async function kubeconfigClaiming(kubeconfig: string, directory: string, { as, extra }: Required<Pick<Attempt, 'as' | 'extra'>>): Promise<string> {
  const document = parse(await readFile(kubeconfig, 'utf8')) as { readonly users: readonly { readonly user: JsonObject }[] };
  const users = document.users.map(({ user, ...named }) => ({ ...named, user: { ...user, as, 'as-user-extra': extra } }));
  const file = join(directory, 'claiming.kubeconfig');
  await writeFile(file, stringify({ ...document, users }), { mode: 0o600 });
  return file;
}

function argvOf(workflow: string, write: Write): readonly string[] {
  if ('annotations' in write) return ['annotate', 'workflowexecution', workflow, '--overwrite', ...Object.entries(write.annotations).map(annotationArgument)];
  return ['patch', 'workflowexecution', workflow, '--subresource=status', '--type=merge', '--patch', JSON.stringify({ status: write.status })];
}

function annotationArgument([key, value]: readonly [string, string | null]): string {
  return value === null ? `${key}-` : `${key}=${value}`;
}

function patchOf(write: Write): readonly [body: JsonObject, subresource?: string] {
  if ('annotations' in write) return [{ metadata: { annotations: write.annotations satisfies Annotations } }];
  return [{ status: write.status }, 'status'];
}
