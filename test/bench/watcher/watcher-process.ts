import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { root } from '../bench-stack.ts';

export interface WatcherProcess {
  /** Of the whole process, its program included. */
  memory(): Memory;
  readonly processId: number;
  /** Asks it to stop. Resolves to what it said on stderr, and how it ended. */
  stop(): Promise<{ readonly code: number | null; readonly said: string }>;
}

export interface Memory {
  /** VmRSS: now. */
  readonly residentMebibytes: number;
  /** VmHWM: the most so far. */
  readonly peakMebibytes: number;
}

/** The bundle as the image starts it: node with the image's arguments and its bound on memory pools, one file, and these variables. */
export function startWatcherProcess(bundle: string, variables: Readonly<Record<string, string>>): WatcherProcess {
  const { argv, environment } = imageSettings();
  const child = spawn(process.execPath, [...argv, bundle], { env: { ...environment, ...variables }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = once(child, 'close');
  const { pid = 0 } = child;
  return {
    processId: pid,
    memory: () => memoryOf(pid),
    async stop() {
      child.kill('SIGTERM');
      await closed;
      return { code: child.exitCode, said };
    },
  };
}

/** What the image's last stage gives to node, as its Dockerfile says. */
export function imageSettings(): { readonly argv: readonly string[]; readonly environment: Readonly<Record<string, string>> } {
  const lines = readFileSync(join(root, 'infra/watcher/Dockerfile'), 'utf8').split('\n');
  const last = (instruction: string) => lines.findLast((line) => line.startsWith(`${instruction} `))?.slice(instruction.length + 1) ?? '';
  const command = z.array(z.string()).parse(JSON.parse(last('CMD')));
  const settings = last('ENV')
    .split(' ')
    .map((setting) => setting.split('='))
    .filter(([name]) => name !== 'HOME');
  return { argv: command.slice(0, -1), environment: Object.fromEntries(settings.map(([name = '', value = '']) => [name, value])) };
}

function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1_024;
  return { residentMebibytes: mebibytes('VmRSS'), peakMebibytes: mebibytes('VmHWM') };
}
