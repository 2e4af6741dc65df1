import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import type { Variables } from '../../../shared/function-ports.ts';
import { StartFailed } from './start-failed.ts';

const runningStackSchema = z.object({
  pid: z.int().positive(),
  startedAt: z.string(),
  kubeconfig: z.string(),
  apiUrl: z.string(),
  webhookUrl: z.string(),
  webhookToken: z.string(),
  queueEndpoint: z.string(),
  queueUrlPrefix: z.string(),
  region: z.string(),
  /** False: somebody else's SQS, with credentials of theirs. */
  queueIsEmbedded: z.boolean(),
  directory: z.string(),
});

/** What others on this machine, of this user, need to know about a stack that `npm start` keeps up. Holds its webhook token. */
export type RunningStack = Readonly<z.infer<typeof runningStackSchema>>;

const answerMilliseconds = 2_000;
const othersMayRead = 0o077;

/** One per user: in XDG_RUNTIME_DIR, which is private, else in the directory for temporary files. */
export function runningStackPath(environment: Variables): string {
  const runtimeDirectory = environment['XDG_RUNTIME_DIR'] ?? '';
  return join(runtimeDirectory === '' ? tmpdir() : runtimeDirectory, `kubernaut-stack-${userInfo().uid}.json`);
}

/** Null when nothing runs; what a stack that died left behind counts as nothing. Throws StartFailed for a file that is not ours to trust. */
export async function readRunningStack(path: string): Promise<RunningStack | null> {
  const stack = await readState(path);
  return stack !== null && (await isAlive(stack)) ? stack : null;
}

/** Throws StartFailed when a stack of this user runs already. What a dead one left behind is removed. */
export async function recordRunningStack(path: string, stack: RunningStack): Promise<void> {
  const left = await readState(path);
  if (left !== null) {
    if (await isAlive(left)) throw alreadyRunning(left);
    await rm(path, { force: true });
    await removeDirectory(left.directory);
  }
  try {
    await writeFile(path, JSON.stringify(stack), { mode: 0o600, flag: 'wx' }); // of two starts at the same moment one writes it
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartFailed(`the state of the stack cannot be written (${why}): set XDG_RUNTIME_DIR to a directory of your own`, { cause });
  }
}

export async function forgetRunningStack(path: string): Promise<void> {
  const stack = await readState(path).catch(() => null);
  if (stack?.pid === process.pid) await rm(path, { force: true });
}

export function alreadyRunning({ pid, startedAt, apiUrl }: RunningStack): StartFailed {
  return new StartFailed(`a stack runs already, since ${startedAt} with ${apiUrl} (process ${pid}): use it by eval "$(npx kubernaut env)", or stop it first`);
}

async function readState(path: string): Promise<RunningStack | null> {
  let text: string;
  try {
    const { uid, mode } = await lstat(path);
    if (uid !== userInfo().uid || (mode & othersMayRead) !== 0) {
      throw new StartFailed(`${path} belongs to somebody else or is open to others: remove it, or set XDG_RUNTIME_DIR to a directory of your own`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = runningStackSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new StartFailed(`${path} is not the state of a stack: remove it`);
  return parsed.data;
}

/** A pid may belong to another process by now, so the webhook must answer too. */
async function isAlive({ pid, webhookUrl }: RunningStack): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const answer = await fetch(new URL('/healthz', webhookUrl), { signal: AbortSignal.timeout(answerMilliseconds) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Of the directories for temporary files only a workspace of ours: the path comes from a file. */
async function removeDirectory(directory: string): Promise<void> {
  if (dirname(directory) === tmpdir() && basename(directory).startsWith('kubernaut-')) await rm(directory, { recursive: true, force: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
