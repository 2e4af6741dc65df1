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

const answerMilliseconds = 10_000;

/** A figure of one emulator is none of the other, so it is said which one it was. MiniStack answers at LocalStack's address too, and is asked first by its own. */
async function whoAnswers(endpoint: string): Promise<string> {
  for (const [name, path] of [
    ['MiniStack', '_ministack/health'],
    ['LocalStack', '_localstack/health'],
  ] as const) {
    const answer = await fetch(`${endpoint}/${path}`, { signal: AbortSignal.timeout(answerMilliseconds) }).catch((cause: unknown) => {
      throw new Error(`KUBERNAUT_LOCALSTACK: nothing answers at ${endpoint}: start a LocalStack there, or unset it`, { cause });
    });
    if (!answer.ok) continue;
    const { version } = (await answer.json().catch(() => ({}))) as { readonly version?: unknown };
    return typeof version === 'string' ? `${name} ${version}` : name;
  }
  return 'neither LocalStack nor MiniStack';
}

/** One that runs already, else one of our own; that one runs no functions. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['KUBERNAUT_LOCALSTACK'] ?? '';
  if (given !== '') {
    if (URL.parse(given) === null) throw new Error(`KUBERNAUT_LOCALSTACK is ${given}: set it to the address of a LocalStack, as http://127.0.0.1:4566`);
    const endpoint = given.replace(/\/$/, '');
    process.stdout.write(`${endpoint} says that it is ${await whoAnswers(endpoint)}\n`);
    project.provide('localstack', { endpoint, region: process.env['AWS_REGION'] ?? emulatorRegion, runsFunctions: true });
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
