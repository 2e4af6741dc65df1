import type { Hono } from 'hono';
import { behindFunctionUrl } from '../../shared/function-url.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import { systemClock } from '../../shared/system-clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { connectQueues } from '../../shared/queue/sqs.ts';
import { parseRotatingSecret } from '../../shared/rotating-secret.ts';
import { readSecret } from '../../shared/secrets.ts';
import { createLogger, type Logger } from '../../shared/telemetry/logger.ts';
import { createApp } from './app.ts';

export interface Ports {
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The app itself, for any server that speaks fetch. */
export function composeApp(environment: Readonly<Record<string, string | undefined>>, ports: Partial<Ports> = {}): Hono {
  const settings = parseEnvironment(environment, ['tokens']);
  return createApp({
    queues: ports.queues ?? connectQueues(settings),
    clock: ports.clock ?? systemClock,
    logger: ports.logger ?? createLogger('alert-webhook', settings.KUBERNAUT_LOG_LEVEL),
    bodyBytesMax: settings.KUBERNAUT_BODY_BYTES_MAX,
    tokens: async () => parseRotatingSecret('KUBERNAUT_WEBHOOK_TOKENS', await readSecret('KUBERNAUT_WEBHOOK_TOKENS', settings)),
  });
}

export const handler = lazily(async () => behindFunctionUrl(composeApp(process.env)));
