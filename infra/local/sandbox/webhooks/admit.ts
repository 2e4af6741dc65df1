import type { JsonObject } from '../../../../shared/api/json.ts';
import { shaped } from '../admission.ts';
import { jsonOf, kubernetesObject } from '../object.ts';
import { isStrict, type ResourceCall } from '../resource-call.ts';
import type { ServerContext } from '../server-context.ts';
import { admissionRequest, type Change, type Operation } from './admission-request.ts';
import { webhooksAbout } from './matching.ts';
import { mutate } from './mutate.ts';
import { policiesAbout, refuseByPolicies } from './policies.ts';
import type { Side } from './registered.ts';
import { validate } from './validate.ts';

/**
 * Has any webhook or policy a rule about this write? Where none has, nothing is awaited between the reading of an object and its writing, and
 * the write is one step, as it would be without them.
 */
export function hasAdmission({ store }: ServerContext, side: Side, { type, subresource }: ResourceCall, operation: Operation): boolean {
  const write = { type, subresource, operation };
  return webhooksAbout(store, side, write).length > 0 || (side === 'validating' && policiesAbout(store, write).length > 0);
}

/** The object as the mutating webhooks make it, shaped by its schema. A delete has none, and none comes of it. */
export async function mutated<Sent extends JsonObject | null>(
  server: ServerContext,
  call: ResourceCall,
  change: Change & { readonly object: Sent },
): Promise<Sent | JsonObject> {
  const shape = (object: JsonObject, strict = false): JsonObject => shownTo(server, call, object, strict);
  const object = change.object === null ? null : shape(change.object, isStrict(call));
  const request = admissionRequest(call, { ...change, object });
  const webhooks = webhooksAbout(server.store, 'mutating', request);
  return (await mutate(server, { webhooks, request, shape: (patched) => shape(patched), warn: call.warn })) ?? change.object;
}

function shownTo(server: ServerContext, { type, subresource }: ResourceCall, object: JsonObject, strict: boolean): JsonObject {
  if (subresource === 'scale') return object;
  return jsonOf(shaped(server, { type, object: kubernetesObject(object), subresource: subresource === 'status' ? 'status' : '', strict }));
}

/** Throws what the first policy that refuses says, or else the first validating webhook. */
export async function validated(server: ServerContext, call: ResourceCall, change: Change): Promise<void> {
  const request = admissionRequest(call, change);
  refuseByPolicies(server.store, request);
  await validate(server, { webhooks: webhooksAbout(server.store, 'validating', request), request, warn: call.warn });
}
