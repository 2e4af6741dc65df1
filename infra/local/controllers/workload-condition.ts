import type { Instant } from '../../../shared/api/time.ts';

/** A condition of a built-in kind: looser than our own, and some kinds add lastUpdateTime or lastProbeTime. */
export interface WorkloadCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
  readonly [field: string]: unknown;
}

export type WantedCondition = Pick<WorkloadCondition, 'type' | 'status' | 'reason' | 'message'>;

/** Which time a kind keeps beside lastTransitionTime, and whether it moves. */
export type ExtraTime = 'lastUpdateTime' | 'lastProbeTime' | 'lastHeartbeatTime' | 'none';

/** The conditions with one of them set. The very same list when it says so already; lastTransitionTime moves only when the status flips. */
export function withCondition(conditions: readonly WorkloadCondition[], wanted: WantedCondition, now: Instant, extra: ExtraTime): readonly WorkloadCondition[] {
  const before = conditions.find(({ type }) => type === wanted.type);
  if (before !== undefined && saysTheSame(before, wanted)) return conditions;
  const after: WorkloadCondition = {
    type: wanted.type,
    status: wanted.status,
    ...(extra !== 'none' && { [extra]: now }),
    lastTransitionTime: before?.status === wanted.status ? (before.lastTransitionTime ?? now) : now,
    ...(wanted.reason !== undefined && { reason: wanted.reason }),
    ...(wanted.message !== undefined && { message: wanted.message }),
  };
  return before === undefined ? [...conditions, after] : conditions.map((condition) => (condition === before ? after : condition));
}

export function conditionOf(conditions: readonly WorkloadCondition[], type: string): WorkloadCondition | undefined {
  return conditions.find((condition) => condition.type === type);
}

export function holds(conditions: readonly WorkloadCondition[], type: string): boolean {
  return conditionOf(conditions, type)?.status === 'True';
}

function saysTheSame(before: WorkloadCondition, wanted: WantedCondition): boolean {
  return before.status === wanted.status && (before.reason ?? '') === (wanted.reason ?? '') && (before.message ?? '') === (wanted.message ?? '');
}
