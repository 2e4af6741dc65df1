import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { fieldPath } from '../../shared/api/resource.ts';
import { instantFromMilliseconds, type Instant } from '../../shared/api/time.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { isOneOf } from '../../shared/rotating-secret.ts';
import { errorFields, type Logger } from '../../shared/telemetry/logger.ts';
import { answerOf } from './answer.ts';
import { within } from './deadline.ts';
import { deniedRow } from './rows.ts';
import { allowed, sentenceOf, type Decision, type Denied } from './rules/decision.ts';
import { mutate } from './rules/mutate.ts';
import { admissionReviewSchema, reviewOf, type AdmissionRequest, type Review } from './rules/review.ts';
import { validate } from './rules/validate.ts';
import type { Settings } from './settings.ts';

export interface AdmissionPorts {
  readonly queues: Pick<Queues, 'send'>;
  readonly clock: Pick<Clock, 'milliseconds' | 'sleep'>;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly bodyBytesMax: number;
  /** The secret segments of the path. */
  readonly segments: () => Promise<readonly string[]>;
}

type Rules = (review: Review, settings: Settings, now: Instant) => Decision;

const answerMilliseconds = 4_000; // the API server waits for 5 s, and an answer says more than its timeout
const auditMilliseconds = 2_000; // a refusal stands whether or not it could be told

/**
 * Asked by the API server before it stores one of our kinds. The API server sends no credentials, so the path holds a secret; a wrong one is
 * a path that does not exist. Any review that can be read is answered with 200; what cannot is 400, and the API server then refuses the write.
 */
export function createApp(ports: AdmissionPorts): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok\n'));
  app.use('/:segment/*', (_context, next) => within(answerMilliseconds, ports.clock, next()));
  app.use('/:segment/*', async (context, next) => (isOneOf(await ports.segments(), context.req.param('segment')) ? next() : context.notFound()));
  app.use('/:segment/*', bodyLimit({ maxSize: ports.bodyBytesMax, onError: (context) => context.json(tooLarge(ports.bodyBytesMax), 413) }));
  for (const [door, rules] of Object.entries<Rules>({ mutate, validate })) {
    app.post(`/:segment/${door}`, async (context) => {
      const parsed = parseReview(await context.req.text());
      if ('error' in parsed) return context.json(parsed, 400);
      return context.json(await answer(parsed, rules, ports));
    });
  }
  app.onError((error, context) => {
    ports.logger.error('review not answered', errorFields(error));
    return context.json({ error: 'the review could not be answered: try again' }, 503);
  });
  return app;
}

async function answer(request: AdmissionRequest, rules: Rules, ports: AdmissionPorts) {
  const { settings, clock } = ports;
  const review = reviewOf(request);
  if (review === null) return answerOf(request.uid, null, allowed);
  const now = instantFromMilliseconds(clock.milliseconds());
  const decision = rules(review, settings, now);
  if (decision.kind === 'denied') await tell(review, decision, { ports, now });
  return answerOf(request.uid, review, decision);
}

async function tell(review: Review, denied: Denied, { ports, now }: { readonly ports: AdmissionPorts; readonly now: Instant }): Promise<void> {
  const { queues, clock, logger, settings } = ports;
  logger.info('write refused', { kind: review.kind, name: review.name, user: review.user.name, dryRun: review.dryRun, reason: sentenceOf(denied) });
  const row = deniedRow(review, denied, settings, now);
  if (row === null) return;
  try {
    await within(auditMilliseconds, clock, queues.send('audit', [{ body: row }]));
  } catch (error) {
    logger.error('refused approval not audited', { kind: review.kind, name: review.name, user: review.user.name, ...errorFields(error) });
  }
}

interface Unreadable {
  readonly error: string;
  readonly field: string;
  readonly reason: string;
}

function parseReview(text: string): AdmissionRequest | Unreadable {
  const parsed = admissionReviewSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data.request;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  return unreadable(path.length === 0 ? 'body' : fieldPath(path), issue?.message ?? 'is no AdmissionReview');
}

function tooLarge(bytesMax: number): Unreadable {
  return unreadable('body', `is larger than ${bytesMax} bytes: raise KUBERNAUT_BODY_BYTES_MAX`);
}

function unreadable(field: string, reason: string): Unreadable {
  return { error: `${field}: ${reason}`, field, reason };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
