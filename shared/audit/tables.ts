import type { ColumnType, Generated } from 'kysely';

/** Append only: a row is a decision that was made. Its id is derived, so a repeat is ignored. */
export interface AuditEventTable {
  readonly id: string;
  readonly time: ColumnType<Date, string, never>;
  readonly received_at: Generated<Date>;
  readonly cluster: string;
  readonly correlation_id: string;
  readonly request_name: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly type: string;
  readonly actor_kind: string;
  readonly actor_name: string;
  readonly phase_from: string;
  readonly phase_to: string;
  readonly reason: string;
  readonly message: string;
  readonly payload: ColumnType<Readonly<Record<string, unknown>> | null, string | null, never>;
  readonly resource_version: string;
  readonly traceparent: string | null;
}

/** One executed step. Derived from the audit rows of its request; never written by itself (outcomes.ts). */
export interface ActionOutcomeTable {
  readonly execution_uid: string;
  readonly request_uid: string;
  readonly action: string;
  readonly category: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly target_kind: string;
  readonly target_name: string;
  readonly environment: string;
  readonly success: boolean;
  /** remediated, inconclusive …; null until the request's outcome is known. */
  readonly outcome: string | null;
  readonly reason: string;
  readonly duration_ms: number | null;
  readonly finished_at: ColumnType<Date, string, never>;
  readonly rolled_back: boolean;
}

export interface Database {
  readonly audit_event: AuditEventTable;
  readonly action_outcome: ActionOutcomeTable;
}
