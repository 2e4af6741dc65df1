import type { ReconcileMessage } from '../queue/messages.ts';
import type { OutgoingMessage } from '../queue/ports.ts';
import type { Decision } from './phase.ts';
import type { Resource } from './room.ts';
import { clampWaitSeconds } from './wait.ts';

/**
 * What to do with a message. `early`: the patch that this timer was sent before may still land. `stale`: the resource has moved on, and whoever
 * moved it armed what it needs.
 */
export type Due = 'pass' | 'early' | 'stale';

/** Only timers are judged: they name the phase they belong to and the version they were decided on; a changed or swept key is always a pass. */
export function judgeDue({ cause, phase, resourceVersion }: ReconcileMessage, resource: Resource): Due {
  if (cause !== 'timer' || phase === (resource.status?.phase ?? '')) return 'pass';
  return resourceVersion === resource.metadata.resourceVersion ? 'early' : 'stale';
}

/**
 * A wait is armed by the pass that writes it into the status, whatever woke that pass, and after that only by its own timer: armed by every pass
 * that looks, one wait would soon have many timers.
 */
export function mayArm({ effects }: Decision, cause: ReconcileMessage['cause']): boolean {
  return cause === 'timer' || effects.some(({ kind }) => kind === 'PatchStatus');
}

/** The index that the timers are sent before: with the first status patch goes the metadata patch of the same resource that belongs to it. */
export function timerPosition({ effects }: Decision): number {
  const patch = effects.findIndex(({ kind }) => kind === 'PatchStatus');
  if (patch < 0) return effects.length;
  const own = effects.findIndex((effect) => effect.kind === 'PatchMetadata' && effect.ref === undefined);
  return own < 0 ? patch : Math.min(own, patch);
}

/** One message for each wait, named after the phase that holds once the decision is written, and after the version it was decided on. */
export function timerMessages({ effects, wakeAfterSeconds = [] }: Decision, resource: Resource, cluster: string): readonly OutgoingMessage[] {
  const { kind, metadata, status } = resource;
  const { namespace, name, resourceVersion } = metadata;
  const entered = effects.find((effect) => effect.kind === 'PatchStatus')?.status['phase'];
  const phase = typeof entered === 'string' ? entered : (status?.phase ?? '');
  const body = { cluster, kind, namespace, name, cause: 'timer', phase, resourceVersion };
  return wakeAfterSeconds.map((seconds) => ({ body, delaySeconds: clampWaitSeconds(seconds) }));
}
