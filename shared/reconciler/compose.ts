import type { Clock } from '../clock.ts';
import { parseEnvironment, type Environment } from '../environment.ts';
import { openPorts, type FunctionPorts, type Variables } from '../function-ports.ts';
import { connectCluster } from '../kubernetes/connect.ts';
import type { Cluster } from '../kubernetes/ports.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createReconcileHandler, reconcileSettings } from './handler.ts';
import type { QueueHandler } from './queue-handler.ts';
import type { Resource, Room } from './room.ts';

export interface Opened {
  readonly environment: Environment;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Composition {
  readonly variables: Variables;
  readonly ports: Partial<FunctionPorts>;
  /** Secrets that the function needs beside the cluster's. */
  readonly needs?: readonly 'database'[];
}

/** Environment → ports → handler, for the function of a kind: `open` says which room it is and what its phases look through. */
export async function composeReconciler<R extends Resource, Ports>(
  name: string,
  { variables, ports, needs = [] }: Composition,
  open: (opened: Opened) => Promise<{ readonly room: Room<R, Ports>; readonly ports: Ports }> | { readonly room: Room<R, Ports>; readonly ports: Ports },
): Promise<QueueHandler> {
  const environment = parseEnvironment(variables, [...(ports.cluster === undefined ? ['cluster' as const] : []), ...needs]);
  const cluster = ports.cluster ?? (await connectCluster(environment));
  const opened = openPorts(name, environment, ports);
  const room = await open({ environment, cluster, clock: opened.clock, logger: opened.logger });
  return createReconcileHandler({ ...opened, ...room, cluster, settings: reconcileSettings(environment) });
}
