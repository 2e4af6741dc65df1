import type { Hono } from 'hono';
import type { Clock } from '../../shared/clock.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import type { Variables } from '../../shared/function-ports.ts';
import { behindFunctionUrl } from '../../shared/function-url.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { connectQueues } from '../../shared/queue/sqs.ts';
import { parseRotatingSecret } from '../../shared/rotating-secret.ts';
import { readSecret } from '../../shared/secrets.ts';
import { systemClock } from '../../shared/system-clock.ts';
import { createLogger, type Logger } from '../../shared/telemetry/logger.ts';
import { createApp } from './app.ts';
import { settingsFrom } from './settings.ts';

export interface Ports {
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The secret segments of the path. */
  readonly segments: () => Promise<readonly string[]>;
}

/** The app itself, for any server that speaks fetch. */
export function composeApp(variables: Variables, ports: Partial<Ports> = {}): Hono {
  const environment = parseEnvironment(variables, ['admission path']);
  return createApp({
    queues: ports.queues ?? connectQueues(environment),
    clock: ports.clock ?? systemClock,
    logger: ports.logger ?? createLogger('admission-webhook', environment.KUBERNAUT_LOG_LEVEL),
    settings: settingsFrom(environment),
    bodyBytesMax: environment.KUBERNAUT_BODY_BYTES_MAX,
    readSegments: ports.segments ?? (async () => parseRotatingSecret('KUBERNAUT_ADMISSION_PATH', await readSecret('KUBERNAUT_ADMISSION_PATH', environment))),
  });
}

export async function compose(variables: Variables, ports: Partial<Ports> = {}): Promise<ReturnType<typeof behindFunctionUrl>> {
  return behindFunctionUrl(composeApp(variables, ports));
}

export const handler = lazily(() => compose(process.env));
