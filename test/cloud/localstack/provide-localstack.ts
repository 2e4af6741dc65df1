import type { TestProject } from 'vitest/node';
import { cacheDirectoryOf } from '../../../infra/local/cache-directory.ts';
import { startLocalStackEmulator } from '../../../infra/local/cloud/start-localstack.ts';
import { emulatorRegion } from '../../../infra/local/cloud/start-ministack.ts';
import { createWorkspace } from '../../../infra/local/stack/workspace.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly localstack: { readonly endpoint: string; readonly region: string; readonly runsFunctions: boolean };
  }
}

/** One that runs already, else one of our own; that one runs no functions. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['KUBERNAUT_LOCALSTACK'] ?? '';
  if (given !== '') {
    if (URL.parse(given) === null) throw new Error(`KUBERNAUT_LOCALSTACK is ${given}: set it to the address of a LocalStack, as http://127.0.0.1:4566`);
    project.provide('localstack', { endpoint: given.replace(/\/$/, ''), region: process.env['AWS_REGION'] ?? emulatorRegion, runsFunctions: true });
    return () => Promise.resolve();
  }
  const stopping = new AbortController();
  const interrupted = () => stopping.abort(new Error('interrupted'));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const tell = (line: string) => void process.stdout.write(`${line}\n`);
  const workspace = await createWorkspace();
  const places = { environment: process.env, cacheDirectory: cacheDirectoryOf(process.env), signal: stopping.signal, tell };
  try {
    const { description, endpoint, region, stop } = await startLocalStackEmulator({ ...places, directory: workspace.directory });
    tell(description);
    project.provide('localstack', { endpoint, region, runsFunctions: false });
    return async () => {
      await stop();
      await workspace.remove();
    };
  } catch (error) {
    await workspace.remove();
    throw error;
  }
}
