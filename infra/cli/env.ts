import { join } from 'node:path';
import { localCredentials } from '../local/queue/received.ts';
import { readRunningStack, runningStackPath, type RunningStack } from '../local/stack/running-stack.ts';
import { StartFailed } from '../local/stack/start-failed.ts';

/** Prints what a second terminal needs, for `eval "$(npx kubernaut env)"`. Throws StartFailed when nothing runs. */
export async function printEnvironment(): Promise<void> {
  const stack = await readRunningStack(runningStackPath(process.env));
  if (stack === null) throw new StartFailed('no stack of yours is running: start one with npm start');
  for (const [name, value] of Object.entries(variablesOf(stack))) console.log(`export ${name}=${shellQuoted(value)}`);
}

function variablesOf(stack: RunningStack): Readonly<Record<string, string>> {
  return {
    KUBECONFIG: stack.kubeconfig,
    KUBECACHEDIR: join(stack.directory, 'kubectl-cache'), // what kubectl remembers of this API goes with it
    KUBERNAUT_WEBHOOK_URL: stack.webhookUrl,
    KUBERNAUT_WEBHOOK_TOKEN: stack.webhookToken,
    KUBERNAUT_QUEUE_URL_PREFIX: stack.queueUrlPrefix,
    AWS_ENDPOINT_URL_SQS: stack.queueEndpoint,
    AWS_REGION: stack.region,
    ...(stack.queueIsEmbedded && { AWS_ACCESS_KEY_ID: localCredentials.accessKeyId, AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey }),
  };
}

/** As one word for any POSIX shell, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
