import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** What a deployment reads: the template, what it includes, and the sources of the functions. */
const parts = ['serverless.yml', 'package.json', 'tsconfig.json', 'functions', 'shared', 'infra'];

/**
 * A copy of the project, to be deployed with a stage of its own: bundles, artifacts and the stage's parameters stay out of the working tree, and a
 * test may change a function in it. Dependencies are the project's own.
 */
export async function copyProject(root: string, directory: string): Promise<string> {
  const copy = join(directory, 'project');
  await mkdir(copy, { mode: 0o700 });
  const isSource = (path: string) => !/\.test\.ts$|\/infra\/(local|cluster\/chart)(\/|$)/.test(path);
  await Promise.all(parts.map((part) => cp(join(root, part), join(copy, part), { recursive: true, filter: isSource })));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Gives the stage its parameters, in the place of those that it had. */
export async function writeStage(project: string, stage: string, parameters: object): Promise<void> {
  const folder = join(project, 'infra/cloud/stages');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${stage}.yml`), stringify(parameters), { mode: 0o600 });
}
