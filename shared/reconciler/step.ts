import type { Cluster } from '../kubernetes/ports.ts';
import type { ReconcileMessage } from '../queue/messages.ts';
import type { Delivery } from './delivery.ts';
import type { InterpreterPorts } from './interpret.ts';
import type { SealedPhase } from './phase.ts';
import type { Resource, Room } from './room.ts';

/** What every pass of a room has at hand. */
export interface PassOptions<R extends Resource, Ports> extends InterpreterPorts {
  readonly room: Room<R, Ports>;
  /** What the room's phases look through. */
  readonly ports: Ports;
  readonly cluster: Cluster;
  /** The cluster's name. */
  readonly clusterName: string;
}

/** One resource in one phase, and the message that asked for it. */
export interface Step<R extends Resource, Ports> {
  readonly phase: SealedPhase<R, Ports>;
  readonly resource: R;
  readonly delivery: Delivery<ReconcileMessage>;
}
