import { expect, it } from 'vitest';
import { composeApp } from '../../../functions/admission-webhook/handler.ts';
import { millisecondsOf } from '../../../shared/api/time.ts';
import { systemClock } from '../../../shared/system-clock.ts';
import { queuesTwin } from '../../support/queues-twin.ts';
import { recordedAt, recordedReviews } from './reviews.ts';

const segment = 'a-segment-of-enough-length';

it('the recorded reviews are judged as they were when an API server asked them', async () => {
  const queues = queuesTwin();
  const clock = { ...systemClock, milliseconds: () => millisecondsOf(recordedAt) };
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/', KUBERNAUT_ADMISSION_PATH_FILE: 'unread', KUBERNAUT_LOG_LEVEL: 'silent' };
  const app = composeApp(variables, { queues, clock, segments: async () => [segment] });
  const reviews = recordedReviews();
  const verdicts = await Promise.all(
    reviews.map(async ({ door, body }) => {
      const answer = await app.request(`/${segment}/${door}`, { method: 'POST', body: new Uint8Array(body) });
      return ((await answer.json()) as { readonly response: { readonly allowed: boolean } }).response.allowed;
    }),
  );
  expect(verdicts).toEqual(reviews.map(({ isAllowed }) => isAllowed));
  expect(queues.sent.map(({ queue }) => queue)).toEqual(['audit']);
});
