import { Hono, type Context } from 'hono';
import { compiled } from '../../shared/api/compiled.ts';
import { isNestedTooDeep, jsonDepthMax } from '../../shared/api/json-depth.ts';
import { fieldPath } from '../../shared/api/resource.ts';
import { instantFromMilliseconds, type Instant } from '../../shared/api/time.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { isOneOf } from '../../shared/rotating-secret.ts';
import { errorFields, type Logger } from '../../shared/telemetry/logger.ts';
import { answerOf } from './answer.ts';
import { boundedText } from './bounded-text.ts';
import { within } from './deadline.ts';
import { remembered } from '../../shared/remembered.ts';
import { deniedRow } from './rows.ts';
import { allowed, invalid, sentenceOf, type Decision, type Denied } from './rules/decision.ts';
import { mutate } from './rules/mutate.ts';
import { admissionReviewSchema, readReview, type AdmissionRequest, type Review } from './rules/review.ts';
import { validate } from './rules/validate.ts';
import type { Settings } from './settings.ts';

export interface AdmissionPorts {
  readonly queues: Pick<Queues, 'send'>;
  readonly clock: Pick<Clock, 'milliseconds' | 'sleep'>;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly bodyBytesMax: number;
  /** The secret segments of the path. */
  readonly readSegments: () => Promise<readonly string[]>;
}

type Rules = (review: Review, settings: Settings, now: Instant) => Decision;

// The API server waits for 5 s. A decision itself waits for nothing: what may take long is where the secret is kept, and the queue.
const secretMilliseconds = 2_000;
const auditMilliseconds = 2_000; // a refusal stands whether or not it could be told
const secretAgeMilliseconds = 10_000; // a rotated segment works without a new deployment, and no write waits for a disk

/**
 * Asked by the API server before it stores one of our kinds. The API server sends no credentials, so the path holds a secret; a wrong one is
 * a path that does not exist. Any review that can be read is answered with 200; what cannot is 400, and the API server then refuses the write.
 */
export function createApp(ports: AdmissionPorts): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok\n'));
  const segments = remembered(secretAgeMilliseconds, ports.clock, () => within(secretMilliseconds, ports.clock, ports.readSegments()));
  app.post('/:segment/:door{mutate|validate}', async (context) => {
    const { segment, door } = context.req.param();
    return isOneOf(await segments(), segment) ? respond(context, door === 'mutate' ? mutate : validate, ports) : context.notFound();
  });
  app.onError((error, context) => {
    ports.logger.error('review not answered', errorFields(error));
    return context.json({ error: 'the review could not be answered: try again' }, 503);
  });
  return app;
}

async function respond(context: Context, rules: Rules, ports: AdmissionPorts): Promise<Response> {
  const text = await boundedText(context.req, ports.bodyBytesMax).catch(() => undefined);
  if (text === undefined) return context.json(unreadable('body', 'ended before its length: send it whole'), 400);
  if (text === null) return context.json(unreadable('body', `is larger than ${ports.bodyBytesMax} bytes: raise KUBERNAUT_BODY_BYTES_MAX`), 413);
  const parsed = parseReview(text);
  if ('error' in parsed) return context.json(parsed, 400);
  if (isNestedTooDeep(text)) return context.json(answerOf(parsed.uid, null, nestedTooDeep));
  return context.json(await answer(parsed, rules, ports));
}

/** An API server takes ten thousand levels, and whoever goes down them has no stack left. */
const nestedTooDeep = invalid('request.object', `is nested deeper than ${jsonDepthMax} levels`, 'write it flatter');

async function answer(request: AdmissionRequest, rules: Rules, ports: AdmissionPorts) {
  const { settings, clock } = ports;
  const read = readReview(request);
  switch (read.kind) {
    case 'not ours':
      return answerOf(request.uid, null, allowed);
    case 'unreadable':
      return answerOf(request.uid, null, invalid(read.field, read.message, read.remedy));
    case 'review': {
      const { review } = read;
      const now = instantFromMilliseconds(clock.milliseconds());
      const decision = rules(review, settings, now);
      if (decision.kind === 'denied') await tell(review, decision, { ports, now });
      return answerOf(request.uid, review, decision);
    }
  }
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

const reviewSchema = compiled(admissionReviewSchema);

interface Unreadable {
  readonly error: string;
  readonly field: string;
  readonly reason: string;
}

function parseReview(text: string): AdmissionRequest | Unreadable {
  const parsed = reviewSchema().safeParse(parseJson(text));
  if (parsed.success) return parsed.data.request;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  return unreadable(path.length === 0 ? 'body' : fieldPath(path), issue?.message ?? 'is no AdmissionReview');
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
