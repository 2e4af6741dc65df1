import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDeployed, type Deployed } from '../../infra/local/cloud/start-deployed.ts';
import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly deployed: Deployed;
  }
}

/** As short as they may be: what a test waits for is a retry, a window or a cooldown. */
const variables = {
  KUBERNAUT_MONITORING_SECONDS: '2',
  KUBERNAUT_RETRY_BASE_SECONDS: '1',
  KUBERNAUT_RETRY_MAX_SECONDS: '3',
  KUBERNAUT_COOLDOWN_SECONDS: '0',
} as const;

/** KUBERNAUT_TEST_CLUSTER=real: beside a real control plane instead of the sandbox. */
function chosenCluster(): ClusterChoice {
  const choice = process.env['KUBERNAUT_TEST_CLUSTER'] ?? 'sandbox';
  if (choice !== 'sandbox' && choice !== 'real') throw new Error(`KUBERNAUT_TEST_CLUSTER is ${choice}: set it to sandbox or real`);
  return choice;
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
  return () => running.stop();
}
