import { connectQueues } from '../../shared/queue/sqs.ts';
import { systemClock } from '../../shared/system-clock.ts';
import { createLogger } from '../../shared/telemetry/logger.ts';
import { connectTransport } from './connect.ts';
import { Misconfigured, parseWatcherEnvironment } from './environment.ts';
import { serveStatus } from './status-server.ts';
import { startWatcher } from './watcher.ts';

/** The watcher as a process: runs until the signal aborts, then sends what is pending. Throws Misconfigured. */
export async function runWatcher(variables: Readonly<Record<string, string | undefined>>, stopping: AbortSignal): Promise<void> {
  const environment = parseWatcherEnvironment(variables);
  const { KUBERNAUT_CLUSTER: cluster, KUBERNAUT_NAMESPACE: namespace } = environment;
  const logger = createLogger('watcher', environment.KUBERNAUT_LOG_LEVEL);
  const watcher = startWatcher({
    transport: connectTransport(environment, variables),
    queues: connectQueues(environment),
    clock: systemClock,
    cluster,
    namespace,
    random: Math.random,
    warn: (message, fields) => {
      logger.warn(message, fields);
    },
  });
  const status = await serveStatus({
    port: environment.KUBERNAUT_WATCHER_PORT,
    illness: () => (stopping.aborted ? 'stopping' : watcher.metrics.illness()),
    unreadiness: () => watcher.metrics.unreadiness(),
    metrics: () => watcher.metrics.render({ pendingCount: watcher.pendingCount(), ...residentMemory() }),
  }).catch(async (cause: unknown) => {
    await watcher.stop();
    throw new Misconfigured(`KUBERNAUT_WATCHER_PORT: ${environment.KUBERNAUT_WATCHER_PORT} cannot be listened on: give a port that is free`, { cause });
  });
  logger.info('watching', { cluster, namespace, port: status.port });
  if (!stopping.aborted) await new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve(), { once: true }));
  await watcher.stop();
  await status.close();
  logger.info('stopped', { unsent: watcher.pendingCount() });
}

/** Nothing where the system does not say it, as without /proc: a scrape is no reason to end. */
function residentMemory(): { readonly memoryBytes?: number } {
  try {
    return { memoryBytes: process.memoryUsage.rss() };
  } catch {
    return {};
  }
}

if (import.meta.main) {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  try {
    await runWatcher(process.env, stopping.signal);
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    process.stderr.write(`watcher: ${error.message}\n`);
    process.exitCode = 1;
  }
}
