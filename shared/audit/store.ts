import { sql, type Kysely, type Transaction } from 'kysely';
import type { AuditEvent } from './event.ts';
import { storableJson, storableText } from './storable.ts';
import type { Database } from './tables.ts';

/** Stores rows in one transaction: those whose id is there already are ignored, and the outcomes that they speak of are derived anew. */
export async function storeAuditEvents(database: Kysely<Database>, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('audit_event')
      .values(events.map(rowOf))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    await deriveOutcomes(transaction, touchedRequests(events));
  });
}

function rowOf({ actor, payload, traceparent, ...event }: AuditEvent) {
  return {
    id: event.id,
    time: event.time,
    cluster: storableText(event.cluster),
    correlation_id: storableText(event.correlationId),
    request_name: storableText(event.requestName),
    kind: storableText(event.kind),
    namespace: storableText(event.namespace),
    name: storableText(event.name),
    uid: storableText(event.uid),
    type: event.type,
    actor_kind: actor.kind,
    actor_name: storableText(actor.name),
    phase_from: storableText(event.phaseFrom),
    phase_to: storableText(event.phaseTo),
    reason: storableText(event.reason),
    message: storableText(event.message),
    payload: payload === undefined ? null : JSON.stringify(storableJson(payload)),
    resource_version: storableText(event.resourceVersion),
    traceparent: traceparent === undefined ? null : storableText(traceparent),
  };
}

const outcomeTypes = ['workflow.step_finished', 'workflow.rollback', 'request.outcome'];

function touchedRequests(events: readonly AuditEvent[]): readonly string[] {
  const touched = events.filter(({ type, correlationId }) => outcomeTypes.includes(type) && correlationId !== '');
  return [...new Set(touched.map(({ correlationId }) => storableText(correlationId)))];
}

/**
 * action_outcome follows from the audit rows of a request in one statement, so that the rows may arrive in any order and any number of
 * times. A step that failed before its Job ran says nothing about the action and makes no row.
 */
async function deriveOutcomes(transaction: Transaction<Database>, requests: readonly string[]): Promise<void> {
  if (requests.length === 0) return;
  await sql`
    insert into action_outcome (
      execution_uid, request_uid, action, category, cluster, namespace, target_kind, target_name, environment,
      success, outcome, reason, duration_ms, finished_at, rolled_back
    )
    select distinct on (finished.payload->>'executionUid')
      finished.payload->>'executionUid', finished.correlation_id, finished.payload->>'action', finished.payload->>'category',
      finished.cluster, finished.payload->>'namespace', finished.payload->>'targetKind', finished.payload->>'targetName',
      finished.payload->>'environment', (finished.payload->>'success')::boolean,
      (select decided.payload->>'outcome' from audit_event decided
        where decided.correlation_id = finished.correlation_id and decided.type = 'request.outcome' order by decided.time desc limit 1),
      finished.reason, round((finished.payload->>'durationMilliseconds')::numeric)::integer,
      coalesce((finished.payload->>'finishedAt')::timestamptz, finished.time),
      exists (select 1 from audit_event undone
        where undone.correlation_id = finished.correlation_id and undone.type = 'workflow.rollback'
          and undone.payload->>'undoneExecutionUid' = finished.payload->>'executionUid')
    from audit_event finished
    where finished.type = 'workflow.step_finished' and finished.correlation_id in (${sql.join(requests)})
      and finished.payload->>'executionUid' is not null and (finished.payload->>'jobRan')::boolean
    order by finished.payload->>'executionUid', finished.time desc
    on conflict (execution_uid) do update set
      success = excluded.success, outcome = excluded.outcome, reason = excluded.reason, duration_ms = excluded.duration_ms,
      finished_at = excluded.finished_at, rolled_back = excluded.rolled_back
  `.execute(transaction);
}

/** The database will never take these rows as they are: a value out of its range (class 22) or against a constraint (23). Anything else is trouble. */
export function isRefusedForGood(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^2[23][0-9A-Z]{3}$/.test(code);
}
