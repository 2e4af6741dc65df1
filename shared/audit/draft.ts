import * as z from 'zod';
import { bytesOf, jsonBytesOf, type JsonObject } from '../api/json.ts';
import { boundedText, cutText, maskJson } from '../api/text.ts';
import { auditId } from './audit-id.ts';
import type { AuditEvent } from './event.ts';

export const payloadBytesMax = 32_768;

/** A row as its sender knows it: nothing masked or cut yet. */
export type AuditDraft = Omit<AuditEvent, 'id' | 'payload'> & { readonly payload?: JsonObject | undefined };

/** The row that travels: id derived from `idParts`, message and payload masked, everything within the bounds of the schema. */
export function draftAuditEvent({ payload, ...draft }: AuditDraft, idParts: readonly string[]): AuditEvent {
  return {
    ...draft,
    id: auditId(idParts),
    requestName: draft.requestName.slice(0, 253),
    actor: { ...draft.actor, name: draft.actor.name.slice(0, 253) },
    reason: draft.reason.slice(0, 63),
    message: boundedText(draft.message),
    ...(payload !== undefined && { payload: plain(cutPayload(maskJson(payload), payloadBytesMax)) }),
  };
}

const roundsMax = 64; // each halves the largest member: 64 rounds bring any payload of some dozen members under the bound

/** What is too large becomes text and loses its end, the largest member first, so that the small ones (digest, verdict) stay whole. */
export function cutPayload(payload: JsonObject, bytesMax: number): JsonObject {
  let current = payload;
  for (let round = 0; round < roundsMax && jsonBytesOf(current) > bytesMax; round += 1) current = halveLargest(current);
  return jsonBytesOf(current) > bytesMax ? { cut: `${Object.keys(payload).length} members did not fit` } : current;
}

function halveLargest(payload: JsonObject): JsonObject {
  const [largest] = Object.entries(payload).toSorted(([, a], [, b]) => jsonBytesOf(b) - jsonBytesOf(a));
  if (largest === undefined) return payload;
  const [key, member] = largest;
  const text = typeof member === 'string' ? member : JSON.stringify(member);
  return { ...payload, [key]: cutText(text, Math.max(16, Math.floor(bytesOf(text) / 2))) };
}

const plainSchema = z.record(z.string(), z.json());

/** Without members that are absent: what JSON would leave out anyway. */
function plain(payload: JsonObject): z.infer<typeof plainSchema> {
  return plainSchema.parse(JSON.parse(JSON.stringify(payload)));
}
