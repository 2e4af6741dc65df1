import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDeployed, type Deployed } from '../../infra/local/cloud/start-deployed.ts';
import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly deployed: Deployed;
  }
}

/** Short, since a test waits for them; but a function that starts anew on a busy machine must not use up all tries of a message. */
const variables = {
  KUBERNAUT_MONITORING_SECONDS: '2',
  KUBERNAUT_RETRY_BASE_SECONDS: '1',
  KUBERNAUT_RETRY_MAX_SECONDS: '8',
  KUBERNAUT_COOLDOWN_SECONDS: '0',
} as const;

/** KUBERNAUT_TEST_CLUSTER=real: beside a real control plane instead of the sandbox. */
function chosenCluster(): ClusterChoice {
  const choice = process.env['KUBERNAUT_TEST_CLUSTER'] ?? 'sandbox';
  if (choice !== 'sandbox' && choice !== 'real') throw new Error(`KUBERNAUT_TEST_CLUSTER is ${choice}: set it to sandbox or real`);
  return choice;
}

/** KUBERNAUT_TEST_LOGS=<directory>: what the functions, the emulator and the watcher have logged is kept there. */
async function keepLogs(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const logs = (await readdir(from)).filter((name) => name.endsWith('.log'));
  await Promise.all(logs.map((name) => copyFile(join(from, name), join(to, name))));
}

/** Before the first test: serverless.yml is deployed to an emulator. Answers what ends it after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const interrupted = () => stopping.abort(new Error('interrupted'));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const began = Date.now();
  const running = await startDeployed({
    root: join(import.meta.dirname, '../..'),
    cluster: chosenCluster(),
    stage: 'test',
    variables,
    tell: (line) => process.stdout.write(`${line}\n`),
    signal: stopping.signal,
  });
  process.stdout.write(`deployed on ${running.parts.join(' and ')} in ${Math.round((Date.now() - began) / 1_000)} s\n`);
  project.provide('deployed', running.deployed);
  return async () => {
    const kept = process.env['KUBERNAUT_TEST_LOGS'] ?? '';
    if (kept !== '') await keepLogs(running.deployed.directory, kept);
    await running.stop();
  };
}
