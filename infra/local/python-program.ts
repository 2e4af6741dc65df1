import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { FoundProgram, ProgramPlaces } from './control-plane/find-programs.ts';
import { runCommand } from './control-plane/run-command.ts';
import { StartFailed } from './stack/start-failed.ts';

/** A program that comes as a package of PyPI. */
export interface PythonProgram {
  readonly program: string;
  /** Of PyPI, with its version: what everybody gets who has no other. */
  readonly package: string;
  /** Names another, as CFN_LINT=/opt/cfn-lint. */
  readonly variable: string;
}

/** Checks CloudFormation templates. */
export const cfnLint: PythonProgram = { program: 'cfn-lint', package: 'cfn-lint==1.58.0', variable: 'CFN_LINT' };

const run = promisify(execFile);
const answerMilliseconds = 60_000; // Python compiles a package when it is first imported
const installMinutesMax = 10;

/** The program that the variable names, else the one on PATH, else the one in the cache, else one that pip installs there. Throws StartFailed in one sentence. */
export async function findPythonProgram(wanted: PythonProgram, places: ProgramPlaces): Promise<FoundProgram> {
  const { program, variable } = wanted;
  const named = places.environment[variable] ?? '';
  if (named !== '') {
    const version = await versionOf(named);
    if (version === null) throw new StartFailed(`${variable}=${named} does not answer --version: name a ${program} that does, or unset ${variable}`);
    return { path: named, version, source: variable };
  }
  for (const directory of (places.environment['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const version = await versionOf(join(directory, program));
    if (version !== null) return { path: join(directory, program), version, source: 'PATH' };
  }
  const directory = join(places.cacheDirectory, 'python', wanted.package);
  const path = join(directory, 'bin', program);
  const kept = await versionOf(path);
  if (kept !== null) return { path, version: kept, source: 'the cache' };
  await install(wanted, directory, places);
  return { path, version: (await versionOf(path)) ?? wanted.package, source: 'PyPI, kept in the cache' };
}

/** An environment of its own, so that it disturbs nothing on the machine; what an interrupted installation left is made anew. */
async function install({ program, package: name, variable }: PythonProgram, directory: string, { environment, signal, tell }: ProgramPlaces): Promise<void> {
  tell(`installing ${name} from PyPI into ${directory}`);
  const command = { environment, workingDirectory: '/', signal, minutesMax: installMinutesMax };
  try {
    await rm(directory, { recursive: true, force: true });
    await runCommand({ ...command, argv: ['python3', '-m', 'venv', directory] });
    await runCommand({ ...command, argv: [join(directory, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', name] });
  } catch (cause) {
    await rm(directory, { recursive: true, force: true });
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartFailed(`there is no ${program}, and pip did not install ${name} (${why}): install it and python3's venv, or name one by ${variable}`, {
      cause,
    });
  }
}

async function versionOf(path: string): Promise<string | null> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: answerMilliseconds });
    return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? null;
  } catch {
    return null;
  }
}
