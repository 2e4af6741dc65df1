import { join } from 'node:path';
import { freePorts } from '../control-plane/free-ports.ts';
import { startEmulator } from './emulator-process.ts';
import { providePython, type PythonModule } from './python-module.ts';
import { emulatorRegion, type Emulator, type MiniStackOptions } from './start-ministack.ts';

/** The last line of LocalStack that wants no account, with what it was seen to work with: newer ones of these break it. */
export const localStack: PythonModule = {
  name: 'localstack',
  version: '4.12.0',
  requirements: ['localstack-core[runtime]==4.12.0', 'cryptography==45.0.7', 'pyopenssl==25.1.0', 'service_identity==24.2.0', 'cbor2==5.7.1'],
};

const host = '127.0.0.1';
const secondsMax = 120; // it loads half of AWS, on a machine that is busy

/** LocalStack on a free port of loopback, without docker: its queues and templates are real, functions it cannot run. Throws StartFailed. */
export async function startLocalStackEmulator(options: MiniStackOptions): Promise<Emulator> {
  const { directory, signal, tell } = options;
  const python = await providePython(localStack, options);
  const [port = 0] = await freePorts(1);
  const endpoint = `http://${host}:${port}`;
  const description = `LocalStack ${localStack.version}`;
  const running = await startEmulator({
    name: description,
    argv: [python, '-m', 'localstack.runtime.main'],
    environment: {
      PATH: '/usr/bin:/bin',
      HOME: directory,
      GATEWAY_LISTEN: `${host}:${port}`,
      LOCALSTACK_HOST: `${host}:${port}`,
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      DNS_ADDRESS: '0', // no name server
      SERVICES: 'sqs,cloudformation,s3,sts,iam',
    },
    directory,
    logFile: join(directory, 'localstack.log'),
    healthUrl: `${endpoint}/_localstack/health`,
    secondsMax,
    signal,
    tell,
  });
  return { description, endpoint, region: emulatorRegion, stop: () => running.stop() };
}
