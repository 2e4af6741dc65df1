import { listAll } from '../../infra/local/story/observe.ts';
import type { KindName } from '../../shared/api/kinds.ts';
import { isTerminal } from '../../shared/api/status.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { readFamily } from './witness.ts';

/** The Event with which an object of the kind ends, by its last phase; a Processing that completes tells nothing, and Events are few. */
const endings: Readonly<Record<KindName, Readonly<Record<string, string>>>> = {
  RemediationRequest: { completed: 'RemediationCompleted', failed: 'RemediationFailed', cancelled: 'RemediationCancelled' },
  RemediationProcessing: { failed: 'ProcessingFailed' },
  AIAnalysis: { completed: 'AIAnalysisCompleted', failed: 'AIAnalysisFailed' },
  WorkflowExecution: { completed: 'WorkflowCompleted', failed: 'WorkflowFailed' },
  KubernetesExecution: { completed: 'ExecutionCompleted', failed: 'ExecutionFailed' },
};

/** On a good day each end has its Event, no Event says again what another said, and each says something. */
export async function eventsAreTold(admin: Transport): Promise<readonly string[]> {
  const events = (await listAll(admin, { apiVersion: 'v1', kind: 'Event' })).filter((event) =>
    stringAt(event, 'reportingComponent')?.startsWith('kubernaut.io/'),
  );
  const told = events.map((event) => ({
    uid: stringAt(event, 'involvedObject', 'uid') ?? '',
    reason: stringAt(event, 'reason') ?? '',
    message: stringAt(event, 'message') ?? '',
  }));
  const family = await readFamily(admin);
  const untold = Object.entries(endings).flatMap(([kind, reasons]) =>
    family[kind as KindName].flatMap(({ metadata: { name, uid }, ...object }) => {
      const phase = stringAt(object, 'status', 'phase') ?? '';
      const reason = reasons[phase];
      if (!isTerminal(phase) || reason === undefined) return [];
      const count = told.filter((event) => event.uid === uid && event.reason === reason).length;
      return count === 1 ? [] : [`${kind} ${name} ended ${phase} with ${count} Events ${reason}`];
    }),
  );
  const seen = new Set<string>();
  const repeated = told.flatMap((event) => {
    const text = JSON.stringify(event);
    if (seen.has(text)) return [`Event ${event.reason} is told twice: ${event.message}`];
    seen.add(text);
    return [];
  });
  return [...untold, ...repeated, ...told.filter(({ message }) => message === '').map(({ reason }) => `Event ${reason} says nothing`)];
}
