import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bin = join(import.meta.dirname, '../../infra/cli/kubernaut.mjs');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly ended: Promise<Ended>;
  /** Resolves when that was printed; rejects with everything printed when the command ends without. */
  printed(text: string): Promise<void>;
  interrupt(): void;
}

/** The command as a process of its own, and as a user who runs nothing else: the state of a running stack lies in a directory of the test. */
export interface CommandLine {
  readonly runtimeDirectory: string;
  start(argv: readonly string[], environment?: Readonly<Record<string, string>>): RunningCommand;
  run(argv: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  close(): Promise<void>;
}

export async function aCommandLine(): Promise<CommandLine> {
  const runtimeDirectory = await mkdtemp(join(tmpdir(), 'command-line-'));
  const started = new Set<ChildProcess>();
  const start: CommandLine['start'] = (argv, environment = {}) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: runtimeDirectory, TMPDIR: runtimeDirectory, XDG_RUNTIME_DIR: runtimeDirectory, ...environment };
    const child = spawn(process.execPath, [bin, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    started.add(child);
    child.on('close', () => started.delete(child));
    return follow(child);
  };
  return {
    runtimeDirectory,
    start,
    run: (argv, environment) => start(argv, environment).ended,
    async close() {
      for (const child of started) child.kill('SIGKILL');
      await rm(runtimeDirectory, { recursive: true, force: true });
    },
  };
}

function follow(child: ChildProcess): RunningCommand {
  const chunks = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (chunks.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (chunks.stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, ...chunks });
    });
  });
  return {
    ended,
    async printed(text) {
      const seen = new Promise<void>((resolve) => {
        const look = () => chunks.stdout.includes(text) && resolve();
        child.stdout?.on('data', look);
        look();
      });
      const early = ended.then(({ stdout, stderr }) => Promise.reject(new Error(`ended without printing "${text}": ${stdout}${stderr}`)));
      await Promise.race([seen, early]);
    },
    interrupt: () => void child.kill('SIGINT'),
  };
}
