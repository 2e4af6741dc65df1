import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { kinds, type KindName } from '../../shared/api/kinds.ts';
import { secondsBetween } from '../../shared/api/time.ts';
import { valueAt } from '../../shared/kubernetes/unstructured.ts';
import { totalsOf, type CountTotals, type FunctionCounts } from '../local/stack/counts.ts';
import type { LocalStack } from '../local/stack/local-stack.ts';
import { jobKind, listAll } from '../local/story/observe.ts';
import type { PlayedInRealTime } from '../local/story/play-in-real-time.ts';
import type { Step } from '../local/story/trail.ts';

/** What a demo leaves behind, whole objects as the API has them: what `--json` prints. */
export interface DemoReport {
  /** Of a story about several alerts the first. */
  readonly remediationRequest: KubernetesObject | null;
  readonly remediationRequests: readonly KubernetesObject[];
  readonly remediationProcessing: KubernetesObject | null;
  readonly aiAnalysis: KubernetesObject | null;
  readonly workflowExecution: KubernetesObject | null;
  readonly kubernetesExecutions: readonly KubernetesObject[];
  readonly jobs: readonly KubernetesObject[];
  /** Of ours, in the order in which they happened. */
  readonly events: readonly KubernetesObject[];
  readonly audit: readonly AuditRow[];
  readonly timeline: readonly TimelineEntry[];
  readonly counts: CountTotals & { readonly jobs: number; readonly byFunction: Readonly<Record<string, FunctionCounts>> };
  /** Which way executor pods were run. */
  readonly executor: string;
}

export type AuditRow = Awaited<ReturnType<typeof readAudit>>[number];
export interface TimelineEntry extends Step {
  readonly elapsedSeconds: number;
}

/** Reads everything once, as an administrator. */
export async function collectReport(stack: LocalStack, { begun, steps }: PlayedInRealTime): Promise<DemoReport> {
  const { admin, counts } = stack;
  const all = async (kind: KindName) => inOrder(await listAll(admin, { apiVersion: kinds[kind].apiVersion, kind }));
  const first = async (kind: KindName) => (await all(kind))[0] ?? null;
  const events = await listAll(admin, { apiVersion: 'v1', kind: 'Event' });
  const jobs = inOrder(await listAll(admin, jobKind));
  const remediationRequests = await all('RemediationRequest');
  return {
    remediationRequest: remediationRequests[0] ?? null,
    remediationRequests,
    remediationProcessing: await first('RemediationProcessing'),
    aiAnalysis: await first('AIAnalysis'),
    workflowExecution: await first('WorkflowExecution'),
    kubernetesExecutions: await all('KubernetesExecution'),
    jobs,
    events: inOrder(events.filter((event) => String(event['reportingComponent']).startsWith('kubernaut.io/'))),
    audit: await readAudit(stack),
    timeline: steps.map((step) => ({ elapsedSeconds: secondsBetween(begun, step.at), ...step })),
    counts: { ...totalsOf(counts), jobs: jobs.length, byFunction: Object.fromEntries(counts.all()) },
    executor: stack.executor,
  };
}

async function readAudit({ database }: LocalStack) {
  const rows = await database.selectFrom('audit_event').selectAll().execute();
  const sorted = rows.toSorted((a, b) => a.time.getTime() - b.time.getTime()); // within a second as they were stored
  return sorted.map(({ time, actor_kind, actor_name, ...row }) => ({
    id: row.id,
    time: time.toISOString(),
    cluster: row.cluster,
    correlationId: row.correlation_id,
    requestName: row.request_name,
    kind: row.kind,
    namespace: row.namespace,
    name: row.name,
    uid: row.uid,
    type: row.type,
    actor: { kind: actor_kind, name: actor_name },
    phaseFrom: row.phase_from,
    phaseTo: row.phase_to,
    reason: row.reason,
    message: row.message,
    payload: row.payload,
    resourceVersion: row.resource_version,
    traceparent: row.traceparent,
  }));
}

/** As they were created: the sandbox counts its versions up. */
function inOrder(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const createdAt = (object: KubernetesObject) => String(valueAt(object, 'metadata', 'creationTimestamp'));
  const version = (object: KubernetesObject) => Number(object.metadata.resourceVersion);
  return objects.toSorted((a, b) => createdAt(a).localeCompare(createdAt(b)) || version(a) - version(b));
}
