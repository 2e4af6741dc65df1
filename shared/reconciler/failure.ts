import type { Instant } from '../api/time.ts';
import { kindFacts } from './kind-facts.ts';
import type { Decision } from './phase.ts';
import type { Resource, Room } from './room.ts';
import { transition } from './transition.ts';

/** Failures that only the kernel can see: what a phase looks at stays unreadable, or the API will not store what it decided. */
export interface KernelFailure {
  readonly reason: 'deadline_exceeded' | 'status_refused';
  readonly message: string;
}

/** The shortest way to the end: the fields that every kind has, and what the kind must say besides. */
export function failedByKernel<R extends Resource, Ports>(room: Room<R, Ports>, resource: R, { reason, message }: KernelFailure, now: Instant): Decision {
  const { failedAudit, failedEvent } = kindFacts[resource.kind];
  return {
    effects: transition(
      resource,
      {
        to: 'failed',
        reason,
        message,
        ...(room.whenFailed !== undefined && { status: room.whenFailed(resource, now) }),
        audit: { type: failedAudit },
        event: { type: 'Warning', reason: failedEvent, message },
      },
      now,
    ),
  };
}
