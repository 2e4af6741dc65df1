import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../control-plane/free-ports.ts';
import { StartFailed } from '../stack/start-failed.ts';
import { startEmulator } from './emulator-process.ts';
import { startGuarded } from './guarded-process.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-emulator-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Answers every request, and ends in words when it is asked for /end. */
const program = `
  const { createServer } = require('node:http');
  createServer((request, response) => {
    response.end();
    if (request.url === '/end') { console.error('out of cheese'); process.exit(7); }
  }).listen(Number(process.env.PORT), '127.0.0.1');`;

async function anEmulator(script = program) {
  const [port = 0] = await freePorts(1);
  const told = Promise.withResolvers<string>();
  const emulator = startEmulator({
    name: 'Emulator 1',
    argv: [process.execPath, '-e', script],
    environment: { PORT: String(port) },
    directory,
    logFile: join(directory, 'log'),
    healthUrl: `http://127.0.0.1:${port}/health`,
    secondsMax: 30,
    signal: new AbortController().signal,
    tell: told.resolve,
  });
  return { emulator, told: told.promise, url: `http://127.0.0.1:${port}` };
}

describe('an emulator', () => {
  it('that ends by itself says so with its last words', async () => {
    const { emulator, told, url } = await anEmulator();
    const running = await emulator;
    await fetch(`${url}/end`).catch(() => undefined);
    expect(await told).toBe('Emulator 1 ended by itself (code 7): out of cheese');
    await running.stop();
  });

  it('that is stopped has not ended by itself', async () => {
    const ends: string[] = [];
    const sleeper = await startGuarded({
      argv: [process.execPath, '-e', 'setInterval(() => undefined, 1_000)'],
      environment: {},
      directory,
      logFile: join(directory, 'log'),
      graceMilliseconds: 5_000,
      endedByItself: (how) => ends.push(how),
    });
    await sleeper.stop(); // resolves after the end was heard of
    expect(sleeper.isGone()).toBe(true);
    expect(ends).toEqual([]);
  });

  it('that ends before it answers is no start', async () => {
    const { emulator } = await anEmulator('console.error("no port"); process.exit(3)');
    const failure = await emulator.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartFailed);
    expect(failure).toMatchObject({ message: 'Emulator 1 ended: no port' });
  });
});
