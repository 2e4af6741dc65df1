import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const runs = 5; // in turns with an empty handler, so that a busy machine is busy for both; the fastest of each says what the code costs
const runMillisecondsMax = 30_000;

/** What of a cold start is ours. More than this is told, not refused: how long something takes depends on the machine. */
const aboveEmptyMilliseconds = { 'alert-webhook': 60, others: 120 } as const;

export interface ImportTime {
  readonly milliseconds: number;
  /** Above what a handler that holds nothing takes, in the same run. */
  readonly aboveEmpty: number;
  readonly aim: number;
}

/** Of the thread's own time on a processor: what others do on the machine meanwhile does not count. */
const script = `
  const spent = () => { const { user, system } = process.threadCpuUsage(); return (user + system) / 1_000; };
  const began = spent();
  await import(process.argv[1]);
  process.stdout.write(String(spent() - began));
  process.exit(0);`;
const execute = promisify(execFile);

/** What it costs a process that does nothing else to load the function's module. */
export async function importTime(name: string, path: string): Promise<ImportTime> {
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-import-'));
  try {
    const empty = join(directory, 'handler.mjs');
    await writeFile(empty, 'export const handler = async () => ({});\n');
    const found: { empty: number; milliseconds: number }[] = [];
    for (let run = 0; run < runs; run += 1) found.push({ empty: await once(empty), milliseconds: await once(path) });
    const milliseconds = Math.min(...found.map((run) => run.milliseconds));
    const aboveEmpty = milliseconds - Math.min(...found.map((run) => run.empty));
    return { milliseconds, aboveEmpty, aim: name === 'alert-webhook' ? aboveEmptyMilliseconds['alert-webhook'] : aboveEmptyMilliseconds.others };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function once(path: string): Promise<number> {
  const argv = ['--input-type=module', '--eval', script, pathToFileURL(path).href];
  const { stdout } = await execute(process.execPath, argv, { timeout: runMillisecondsMax });
  return Number(stdout);
}
