import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hireCrew } from './crew.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-crew-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function aWorker(text: string): Promise<string> {
  const file = join(directory, `${text.length}.mjs`);
  await writeFile(file, text);
  return file;
}

describe('a crew', () => {
  it.each<[sentence: string, text: string, says: string]>([
    ['that gives up', 'process.exit(3);', 'ended with exit code 3 before it was ready'],
    ['that is killed', "process.kill(process.pid, 'SIGKILL');", 'ended by SIGKILL before it was ready'],
  ])('is not hired with a worker %s while it boots', async (_sentence, text, says) => {
    await expect(hireCrew(2, await aWorker(text))).rejects.toThrow(says);
  });

  it('is hired once each worker is ready, and dismissed', async () => {
    const hired = hireCrew(2, await aWorker("process.on('message', () => {}); process.send('ready');"));
    await expect(hired.then((crew) => crew.dismiss())).resolves.toBeUndefined();
  });
});
