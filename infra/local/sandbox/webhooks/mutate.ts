import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import { jsonPatch } from '../json-patch.ts';
import type { ServerContext } from '../server-context.ts';
import { internalError, StatusError } from '../status-object.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { verdictOf } from './call.ts';
import { isCalled } from './matching.ts';
import type { Webhook } from './registered.ts';

/** What a write is shown with, and what becomes of it. */
export interface Mutation {
  readonly webhooks: readonly Webhook[];
  readonly request: AdmissionRequest;
  /** Fills in and prunes what a patch left. */
  readonly shape: (object: JsonObject) => JsonObject;
  readonly warn: (warning: string) => void;
}

interface Round {
  readonly object: JsonObject | null;
  /** Those that changed nothing after whom the object was changed, and who wish to see that. */
  readonly toAskAgain: ReadonlySet<Webhook>;
}

/**
 * Each webhook in its turn sees what the ones before it made of the object. Then those are asked again, once, who wish it and after
 * whom something changed. Null for a delete.
 */
export async function mutate(server: ServerContext, mutation: Mutation): Promise<JsonObject | null> {
  const first = await round(server, mutation, mutation.webhooks);
  if (first.toAskAgain.size === 0) return first.object;
  const again = mutation.webhooks.filter((webhook) => first.toAskAgain.has(webhook));
  const second = await round(server, { ...mutation, request: { ...mutation.request, object: first.object } }, again);
  return second.object;
}

async function round(server: ServerContext, mutation: Mutation, webhooks: readonly Webhook[]): Promise<Round> {
  let { object } = mutation.request;
  const toAskAgain = new Set<Webhook>();
  let reinvocable: readonly Webhook[] = [];
  for (const webhook of webhooks) {
    const request = { ...mutation.request, object };
    if (!isCalled(server.store, webhook, request)) continue;
    const next = await afterWebhook(server, mutation, webhook, request);
    if (!isDeepStrictEqual(next, object)) {
      for (const earlier of reinvocable) toAskAgain.add(earlier);
      reinvocable = [];
    }
    if (webhook.isAskedAgain) reinvocable = [...reinvocable, webhook];
    object = next;
  }
  return { object, toAskAgain };
}

async function afterWebhook(server: ServerContext, { shape, warn }: Mutation, webhook: Webhook, request: AdmissionRequest): Promise<JsonObject | null> {
  const verdict = await verdictOf(server, 'mutating', webhook, request);
  if (verdict === null) return request.object;
  for (const warning of verdict.warnings) warn(warning);
  if (verdict.kind === 'denied') throw verdict.refusal;
  if (verdict.patch.length === 0) return request.object;
  if (request.object === null) {
    throw internalError(`admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`);
  }
  return shape(patched(request.object, verdict.patch));
}

/** A patch that cannot be applied is a fault, whatever the failure policy says. */
function patched(object: JsonObject, patch: readonly JsonValue[]): JsonObject {
  try {
    const result = jsonPatch(object, patch);
    if (isJsonObject(result)) return result;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
  throw internalError('the patch of an admission webhook does not apply to the object');
}
