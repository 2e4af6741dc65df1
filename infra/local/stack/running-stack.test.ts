import { createServer } from 'node:http';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetRunningStack, readRunningStack, recordRunningStack, runningStackPath, type RunningStack } from './running-stack.ts';

let folder = '';
let webhookUrl = '';
const server = createServer((_request, response) => {
  response.end('ok\n');
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'running-stack-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function aStack(overrides: Partial<RunningStack> = {}): RunningStack {
  return {
    pid: process.pid,
    startedAt: '2026-01-15T10:34:00Z',
    kubeconfig: join(folder, 'kubeconfig'),
    apiUrl: 'https://127.0.0.1:16443',
    webhookUrl,
    webhookToken: 'token',
    queueEndpoint: 'http://127.0.0.1:14566',
    queueUrlPrefix: 'http://127.0.0.1:14566/000000000000/kubernaut-local-',
    region: 'eu-central-1',
    queueIsEmbedded: true,
    directory: folder,
    ...overrides,
  };
}

let count = 0;
const aPath = () => join(folder, `state-${(count += 1)}.json`);
const noSuchProcess = 2 ** 22 + 1; // above the largest pid that Linux gives

describe('the state of the running stack', () => {
  it('lies in XDG_RUNTIME_DIR where there is one, and names its user', () => {
    expect(runningStackPath({ XDG_RUNTIME_DIR: '/run/user/7' })).toMatch(/^\/run\/user\/7\/kubernaut-stack-\d+\.json$/);
    expect(runningStackPath({ XDG_RUNTIME_DIR: '' })).toContain(tmpdir());
  });

  it('is read by others of its user, and by nobody else', async () => {
    const path = aPath();
    await recordRunningStack(path, aStack());
    expect(await readRunningStack(path)).toEqual(aStack());
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('keeps a second start away', async () => {
    const path = aPath();
    await recordRunningStack(path, aStack());
    await expect(recordRunningStack(path, aStack())).rejects.toThrow(/^a stack runs already, since 2026-01-15T10:34:00Z with https:\/\/127\.0\.0\.1:16443/);
  });

  it.each([
    ['whose process is gone', { pid: noSuchProcess }],
    ['whose pid belongs to another process by now', { webhookUrl: 'http://127.0.0.1:1/alerts' }],
  ])('of a stack %s counts as nothing, and makes room with all that it left', async (_sentence, overrides) => {
    const [path, directory] = [aPath(), await mkdtemp(join(tmpdir(), 'kubernaut-'))];
    await writeFile(path, JSON.stringify(aStack({ ...overrides, directory })), { mode: 0o600 });
    expect(await readRunningStack(path)).toBeNull();
    await recordRunningStack(path, aStack());
    expect(await readRunningStack(path)).toEqual(aStack());
    expect(existsSync(directory)).toBe(false);
  });

  it('of a dead stack removes no directory but a workspace', async () => {
    const [path, directory] = [aPath(), join(folder, 'kubernaut-precious')];
    await mkdir(directory);
    await writeFile(path, JSON.stringify(aStack({ pid: noSuchProcess, directory })), { mode: 0o600 });
    await recordRunningStack(path, aStack());
    expect(existsSync(directory)).toBe(true);
  });

  it('is forgotten by its own process only', async () => {
    const path = aPath();
    await recordRunningStack(path, aStack());
    await forgetRunningStack(path);
    expect(await readRunningStack(path)).toBeNull();
    await writeFile(path, JSON.stringify(aStack({ pid: process.ppid })), { mode: 0o600 });
    await forgetRunningStack(path);
    expect(existsSync(path)).toBe(true);
  });

  it('is not trusted when others may have written or read it', async () => {
    const path = aPath();
    await recordRunningStack(path, aStack());
    await chmod(path, 0o644);
    await expect(readRunningStack(path)).rejects.toThrow(/belongs to somebody else or is open to others: remove it/);
  });

  it('that is no state is told', async () => {
    const path = aPath();
    await writeFile(path, '{"pid": "one"}', { mode: 0o600 });
    await expect(readRunningStack(path)).rejects.toThrow(`${path} is not the state of a stack: remove it`);
  });
});
