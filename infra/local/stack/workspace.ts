import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Workspace {
  readonly directory: string;
  /** Writes a file for its owner alone, and answers its path. */
  write(name: string, content: string): Promise<string>;
  remove(): Promise<void>;
}

/** A private directory (0700) for what a stack must hand over in files: tokens, kubeconfigs. */
export async function createWorkspace(): Promise<Workspace> {
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-'));
  return {
    directory,
    async write(name, content) {
      const path = join(directory, name);
      await writeFile(path, content, { mode: 0o600 });
      return path;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

export function randomToken(): string {
  return randomBytes(24).toString('hex');
}
