import type { FunctionPorts, Variables } from '../../shared/function-ports.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import { composeReconciler } from '../../shared/reconciler/compose.ts';
import type { QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { workflowRoom } from './room.ts';
import { settingsFrom } from './settings.ts';

export function compose(variables: Variables, ports: Partial<FunctionPorts> = {}): Promise<QueueHandler> {
  return composeReconciler('workflow-execution', { variables, ports }, ({ environment, cluster }) => ({
    room: workflowRoom(settingsFrom(environment)),
    ports: { cluster, ended: new Map() },
  }));
}

export const handler = lazily(() => compose(process.env));
