import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A program in a root of its own, as a container is, but for network and process ids, which it shares with this machine. */
export interface Container {
  readonly pid: number;
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** The user that it really runs as. */
  user(): Promise<number>;
  /** The exit code. */
  stop(): Promise<number | null>;
}

export interface ContainerOptions {
  readonly directory: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: number;
}

const chroot = '/usr/sbin/chroot';
const nodePath = '/nodejs/bin/node'; // where distroless images have theirs, as their entrypoint
const run = promisify(execFile);

/** Another root and another user are for root alone, on a Linux that lets it. */
export function canHaveRootOfItsOwn(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && spawnSync(chroot, ['/', '/bin/true']).status === 0;
}

/** Puts Node into a directory, with the libraries that it is linked to, as the base image has it. */
export async function addNode(directory: string): Promise<void> {
  const { stdout } = await run('ldd', [process.execPath]);
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
  const put = async (from: string, to: string) => {
    await mkdir(dirname(join(directory, to)), { recursive: true });
    await copyFile(from, join(directory, to));
    await chmod(join(directory, to), 0o555);
  };
  await put(process.execPath, nodePath);
  for (const library of libraries) await put(library, library);
}

/** Takes every permission to write away, below it and on it. */
export async function makeReadOnly(directory: string): Promise<void> {
  const below = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const path of [directory, ...below.map((entry) => join(entry.parentPath, entry.name))]) await chmod(path, (await stat(path)).mode & 0o555);
}

/** Runs Node there as that user, with this environment and nothing else. */
export function runInRoot({ directory, argv, environment, user }: ContainerOptions): Container {
  return follow(spawn(chroot, [`--userspec=${user}:${user}`, directory, nodePath, ...argv], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Where there is no root to change: Node of this machine, as whoever runs this, in that directory. */
export function runInDirectory({ directory, argv, environment }: Omit<ContainerOptions, 'user'>): Container {
  const placed = argv.map((word) => (word.startsWith('/') ? join(directory, word) : word));
  return follow(spawn(process.execPath, placed, { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
}

function follow(child: ReturnType<typeof spawn>): Container {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([code]: readonly unknown[]) => code as number | null);
  const pid = child.pid ?? 0;
  return {
    pid,
    output,
    async user() {
      const [, real = ''] = /^Uid:\t(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Number(real);
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
