import { dirname, join } from 'node:path';
import type { ProgramPlaces } from '../control-plane/find-programs.ts';
import { freePorts } from '../control-plane/free-ports.ts';
import { startEmulator } from './emulator-process.ts';
import { providePython, type PythonModule } from './python-module.ts';

/** An AWS on loopback: with an endpoint of its own, a region, and credentials that nobody checks. */
export interface Emulator {
  /** For people. */
  readonly description: string;
  readonly endpoint: string;
  readonly region: string;
  stop(): Promise<void>;
}

export interface MiniStackOptions extends ProgramPlaces {
  /** Private; its log and the functions' files lie there, and go with it. */
  readonly directory: string;
}

export const miniStack: PythonModule = { name: 'ministack', version: '1.5.33', requirements: ['ministack==1.5.33'] };

export const emulatorRegion = 'eu-central-1';
const host = '127.0.0.1';
const secondsMax = 60; // Python on a machine that is busy

/** MiniStack on a free port of loopback. It runs functions as processes of the node that runs us. Throws StartFailed. */
export async function startMiniStack(options: MiniStackOptions): Promise<Emulator> {
  const { directory, signal, tell } = options;
  const python = await providePython(miniStack, options);
  const [port = 0] = await freePorts(1);
  const endpoint = `http://${host}:${port}`;
  const description = `MiniStack ${miniStack.version}`;
  const running = await startEmulator({
    name: description,
    argv: [python, '-m', 'ministack'],
    environment: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: directory,
      TMPDIR: directory,
      BIND_HOST: host,
      MINISTACK_HOST: host,
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: emulatorRegion,
    },
    directory,
    logFile: join(directory, 'ministack.log'),
    healthUrl: `${endpoint}/_ministack/health`,
    secondsMax,
    signal,
    tell,
  });
  return { description, endpoint, region: emulatorRegion, stop: () => running.stop() };
}
