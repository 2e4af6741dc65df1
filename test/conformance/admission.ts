import { afterAll, beforeAll, describe } from 'vitest';
import type { Subject } from './subject.ts';
import type { World } from './webhooks/installation.ts';
import { matching } from './webhooks/matching.ts';
import { mutations } from './webhooks/mutations.ts';
import { registrations } from './webhooks/registrations.ts';
import { reviews } from './webhooks/reviews.ts';
import { verdicts } from './webhooks/verdicts.ts';
import { startWebhookServer, type WebhookServer } from './webhooks/webhook-server.ts';

const parts: Readonly<Record<string, (world: () => World) => void>> = {
  'what a webhook is told': reviews,
  'which webhook is asked': matching,
  'what a webhook changes': mutations,
  'what a webhook refuses': verdicts,
  'how a webhook is registered': registrations,
};

/** The webhooks are this process's own, over HTTPS on loopback. */
export function admission(subject: () => Subject): void {
  let server: WebhookServer | undefined;
  beforeAll(async () => {
    server = await startWebhookServer();
  });
  afterAll(() => server?.close());
  const world = (): World => {
    if (server === undefined) throw new Error('the webhooks are not up yet');
    return { subject: subject(), server };
  };

  describe.each(Object.entries(parts))('%s', (_part, cases) => {
    cases(world);
  });
}
