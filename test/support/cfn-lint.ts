import { execFile } from 'node:child_process';
import { cacheDirectoryOf } from '../../infra/local/cache-directory.ts';
import type { FoundProgram } from '../../infra/local/control-plane/find-programs.ts';
import { cfnLint, findPythonProgram } from '../../infra/local/python-program.ts';

const outputBytesMax = 16 * 1024 * 1024;

/** The deployer names every role twice, as a dependency and by its ARN: harmless, and not ours. */
const ofTheDeployer = 'W3005';

/** Throws StartFailed in one sentence when there is none and none can be installed. */
export function theCfnLint(): Promise<FoundProgram> {
  return findPythonProgram(cfnLint, {
    environment: process.env,
    cacheDirectory: cacheDirectoryOf(process.env),
    signal: new AbortController().signal,
    tell: () => undefined,
  });
}

/** What it has to say of a template, a line each; nothing when it is content. */
export function lint(path: string, template: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    execFile(path, ['--format', 'parseable', '--ignore-checks', ofTheDeployer, '--', template], { maxBuffer: outputBytesMax }, (_error, stdout, stderr) => {
      resolve(`${stdout}${stderr}`.split('\n').filter((line) => line !== ''));
    });
  });
}
