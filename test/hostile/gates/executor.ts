import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { executionLabelKey } from '../../../shared/api/labels.ts';
import { argvOf, type Executor } from '../../../infra/local/node/executor.ts';

export interface Started {
  /** Whose Job it was. */
  readonly execution: string;
  /** As the process itself saw them. */
  readonly argv: readonly string[];
  /** What the pod's annotations project into files. */
  readonly files: readonly string[];
}

export interface SpyExecutor extends Executor {
  /** The processes of this machine that were started. */
  readonly started: readonly Started[];
}

const standIn = `#!${process.execPath}\nprocess.stdout.write(JSON.stringify(process.argv.slice(2)));\n`;

/** Runs a stand-in for kubectl, a real process that only says what arguments it was given. */
export async function aSpyExecutor(directory: string): Promise<SpyExecutor> {
  const path = join(directory, 'kubectl');
  await writeFile(path, standIn);
  await chmod(path, 0o700);
  const started: Started[] = [];
  return {
    description: 'a stand-in for kubectl',
    started,
    async run(pod) {
      const { stdout } = await promisify(execFile)(path, [...argvOf(pod)], { shell: false, maxBuffer: 4 * 1_048_576 });
      const { labels, annotations } = pod.metadata;
      started.push({ execution: labels[executionLabelKey] ?? '', argv: JSON.parse(stdout) as readonly string[], files: Object.values(annotations) });
      return { exitCode: 0 };
    },
    close: () => Promise.resolve(),
  };
}
