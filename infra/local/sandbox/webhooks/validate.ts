import type { ServerContext } from '../server-context.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { verdictOf } from './call.ts';
import { isCalled } from './matching.ts';
import type { Webhook } from './registered.ts';

export interface Validation {
  readonly webhooks: readonly Webhook[];
  readonly request: AdmissionRequest;
  readonly warn: (warning: string) => void;
}

/** All at once; the first refusal, in the order of the webhooks, is thrown when every one has answered. */
export async function validate(server: ServerContext, { webhooks, request, warn }: Validation): Promise<void> {
  const called = webhooks.filter((webhook) => isCalled(server.store, webhook, request));
  const verdicts = await Promise.allSettled(called.map((webhook) => verdictOf(server, 'validating', webhook, request)));
  for (const verdict of verdicts) if (verdict.status === 'fulfilled') for (const warning of verdict.value?.warnings ?? []) warn(warning);
  for (const verdict of verdicts) {
    if (verdict.status === 'rejected') throw verdict.reason;
    if (verdict.value?.kind === 'denied') throw verdict.value.refusal;
  }
}
