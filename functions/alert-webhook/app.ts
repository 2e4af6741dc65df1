import { Hono } from 'hono';
import type * as z from 'zod';
import { compiled } from '../../shared/api/compiled.ts';
import { instantFromMilliseconds } from '../../shared/api/time.ts';
import type { JsonValue } from '../../shared/api/json.ts';
import type { Clock } from '../../shared/clock.ts';
import { notificationSchema } from '../../shared/queue/alert-message.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { remembered } from '../../shared/remembered.ts';
import { errorFields, type Logger } from '../../shared/telemetry/logger.ts';
import { isAuthorized } from './authenticate.ts';
import { alertMessages } from './fit.ts';
import { readBody } from './read-body.ts';

export interface WebhookPorts {
  readonly queues: Pick<Queues, 'send'>;
  readonly clock: Pick<Clock, 'milliseconds'>;
  readonly logger: Logger;
  readonly bodyBytesMax: number;
  readonly tokens: () => Promise<readonly string[]>;
}

const schema = compiled(notificationSchema);
const tokensAgeMilliseconds = 10_000; // a rotated token works without a new deployment, and no alert waits for a disk
const fieldsNamedMax = 10;
const fieldCharactersMax = 253; // a label's name may be as long as the body

/**
 * The receiver that Alertmanager posts to. Alertmanager drops a notification for good at any 4xx, 429 too, and tries again at a 5xx:
 * so 200 comes only after the queue confirmed every alert, 503 is our own trouble, and 400 only for bytes that can never be read.
 */
export function createApp({ queues, clock, logger, bodyBytesMax, tokens }: WebhookPorts): Hono {
  const app = new Hono();
  const knownTokens = remembered(tokensAgeMilliseconds, clock, tokens);
  app.get('/healthz', (context) => context.text('ok\n'));
  app.use('/alerts', async (context, next) => {
    if (isAuthorized(context.req.header('authorization'), await knownTokens())) return next();
    return context.json({ error: 'the bearer token is missing or unknown: set http_config.authorization in the receiver' }, 401, {
      'www-authenticate': 'Bearer',
    });
  });
  app.post('/alerts', async (context) => {
    const body = await readBody(context.req.raw, bodyBytesMax);
    if (body.kind === 'refused') return context.json({ error: body.error }, body.status);
    const notification = schema().safeParse(body.value);
    if (!notification.success)
      return context.json({ error: 'the body is no Alertmanager notification of version "4"', fields: fieldsOf(notification.error) }, 400);
    const messages = alertMessages(notification.data, instantFromMilliseconds(clock.milliseconds()), body.bytesMax);
    await queues.send(
      'alerts',
      messages.map((message) => ({ body: message as JsonValue })),
    );
    logger.info('alerts accepted', { alerts: messages.length, truncatedAlerts: notification.data.truncatedAlerts });
    return context.json({ accepted: messages.length });
  });
  app.all('/alerts', (context) => context.json({ error: `method: ${context.req.method} is not taken here: send alerts by POST` }, 405, { allow: 'POST' }));
  app.notFound((context) => context.json({ error: 'path: there is nothing here: post alerts to /alerts' }, 404));
  app.onError((error, context) => {
    logger.error('alerts not accepted', errorFields(error));
    return context.json({ error: 'the alerts could not be queued: send them again' }, 503);
  });
  return app;
}

/** `alerts[0].labels: expected record`, at most ten: a template that replaced the body misses everything at once. */
function fieldsOf(error: z.ZodError): readonly string[] {
  return error.issues.slice(0, fieldsNamedMax).map(({ path, message }) => {
    const field = path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`), '');
    return `${field === '' ? 'body' : field.slice(0, fieldCharactersMax)}: ${message}`;
  });
}
