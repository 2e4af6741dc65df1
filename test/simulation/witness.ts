import type { SandboxRequest } from '../../infra/local/sandbox/sandbox.ts';
import { functionsUser } from '../../infra/local/stack/identities.ts';
import { listAll } from '../../infra/local/story/observe.ts';
import { isKindName, KindName, kinds } from '../../shared/api/kinds.ts';
import { parseKubernetesExecution, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { defaultNamespace, executionLabelKey, voidAnnotation } from '../../shared/api/labels.ts';
import { targetHash } from '../../shared/api/digest.ts';
import { executionLabel, leaseName } from '../../shared/api/names.ts';
import { controllerOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import type { ObjectKey } from '../../shared/kubernetes/ports.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { objectPath } from '../../shared/kubernetes/resource-path.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import type { OutgoingMessage } from '../../shared/queue/ports.ts';
import { isLegal } from './legal-phases.ts';
import type { Violation } from './violation.ts';

/** Stands beside the cluster and writes down what must never happen, at the moment at which it happens. */
export interface Witness {
  /** Sees every request before it is served. */
  readonly beforeServe: (request: SandboxRequest) => Promise<null>;
  heard(queue: string, message: OutgoingMessage): void;
  /** Sees every change of our own kinds and Jobs. */
  changed(object: KubernetesObject): void;
  readonly violations: readonly Violation[];
  /** Writes to workloads, by the execution that they serve. */
  readonly acts: ReadonlyMap<string, number>;
  /** uids of the Jobs that were made, by their execution's uid; a void one counts too. */
  readonly jobs: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ids of the audit rows that reached the queue. */
  readonly auditIds: ReadonlySet<string>;
}

const podNameKey = 'authentication.kubernetes.io/pod-name';
const timeoutMilliseconds = 10_000;

/** `admin` is asked for only once the cluster is up. */
export function createWitness(admin: () => Transport): Witness {
  const violations: Violation[] = [];
  const violated = (check: string, sentence: string) => void violations.push({ check, sentence });
  const acts = new Map<string, number>();
  const jobs = new Map<string, Set<string>>();
  const phases = new Map<string, string>();
  const auditIds = new Set<string>();
  const intents = new Set<string>();

  async function read(key: ObjectKey): Promise<KubernetesObject | null> {
    const { status, body } = await admin().send({ method: 'GET', path: objectPath(key) }, timeoutMilliseconds);
    return status === 200 ? (body as unknown as KubernetesObject) : null;
  }

  async function controllerObject(object: KubernetesObject | null): Promise<KubernetesObject | null> {
    const owner = object === null ? null : controllerOf(object);
    if (owner === null) return null;
    const found = await read({ apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, namespace: defaultNamespace });
    return found?.metadata.uid === owner.uid ? found : null;
  }

  /** By the pod's label: a Job that somebody deleted carelessly leaves its pod behind. */
  async function executionOf(podName: string): Promise<KubernetesObject | null> {
    const pod = await read({ apiVersion: 'v1', kind: 'Pod', name: podName, namespace: defaultNamespace });
    const label = pod?.metadata.labels?.[executionLabelKey];
    const executions = await listAll(admin(), { apiVersion: kinds.KubernetesExecution.apiVersion, kind: 'KubernetesExecution' });
    return executions.find(({ metadata: { name, uid = '' } }) => executionLabel(name, uid) === label) ?? null;
  }

  /** A pod of ours changes a workload: its execution, the workflow and the request must all still want it, and the request must hold the lock. */
  async function judgeAct(podName: string): Promise<void> {
    const object = await executionOf(podName);
    if (object === null) {
      violated('permission to act', `pod ${podName} acts for no execution`);
      return;
    }
    const execution = parseKubernetesExecution(object);
    const { name, uid } = execution.metadata;
    acts.set(uid, (acts.get(uid) ?? 0) + 1);
    if (execution.status?.phase !== 'executing') violated('nothing acts after its verdict', `${name} acts in phase ${execution.status?.phase ?? '""'}`);
    const workflow = await controllerObject(object);
    const request = await controllerObject(workflow);
    for (const parent of [workflow, request]) {
      const phase = stringAt(parent, 'status', 'phase') ?? '';
      if (parent === null || isTerminal(phase))
        violated('permission to act', `${name} acts though its ${parent?.kind ?? 'parent'} is ${phase === '' ? 'gone' : phase}`);
    }
    if (request !== null) await judgeLock(execution, request);
  }

  async function judgeLock({ metadata, spec }: KubernetesExecution, request: KubernetesObject): Promise<void> {
    const { kind = '', name = '', namespace } = spec.target ?? {};
    const lease = leaseName(targetHash({ cluster: spec.targetCluster.name, namespace, kind, name }));
    const held = await read({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: lease, namespace: defaultNamespace });
    const holder = stringAt(held, 'spec', 'holderIdentity');
    if (holder !== request.metadata.uid)
      violated('locked while it acts', `${metadata.name} acts on ${kind} ${name} whose lock is held by ${holder ?? 'nobody'}`);
  }

  /** The intent is on the audit queue before the Job exists, and whoever it is made for is executing. */
  async function judgeJob(job: KubernetesObject): Promise<void> {
    if (job.metadata.annotations?.[voidAnnotation] !== undefined) return;
    const uid = controllerOf(job)?.uid ?? '';
    if (!intents.has(uid)) violated('intent before act', `Job ${job.metadata.name} is made before its intent is on the queue`);
    // A create that comes late meets its name: only then the phase may be over.
    const isTaken = (await read({ apiVersion: 'batch/v1', kind: 'Job', name: job.metadata.name, namespace: defaultNamespace })) !== null;
    const execution = await controllerObject({ ...job, apiVersion: 'batch/v1', kind: 'Job' });
    const phase = stringAt(execution, 'status', 'phase') ?? '';
    if (!isTaken && phase !== 'executing') violated('a Job is made while executing', `Job ${job.metadata.name} is made in phase ${phase}`);
  }

  function judgePhase(object: KubernetesObject, kind: KindName): void {
    const { uid = '', name } = object.metadata;
    const from = phases.get(uid) ?? '';
    const to = stringAt(object, 'status', 'phase') ?? '';
    phases.set(uid, to);
    if (!isLegal(kind, from, to)) violated('legal phases', `${kind} ${name} went from "${from}" to "${to}"`);
  }

  return {
    violations,
    acts,
    jobs,
    auditIds,
    async beforeServe({ method, path, query, user, body, impersonate }) {
      if (method === 'GET' || query?.['dryRun'] !== undefined || impersonate !== undefined) return null;
      const podName = user.extra?.[podNameKey]?.[0];
      if (podName !== undefined) await judgeAct(podName);
      if (user.username === functionsUser.username && method === 'POST' && path.endsWith('/jobs')) await judgeJob(body as unknown as KubernetesObject);
      return null;
    },
    heard(queue, { body }) {
      if (queue !== 'audit') return;
      const row = body as { readonly id: string; readonly type: string; readonly uid: string };
      auditIds.add(row.id);
      if (row.type === 'execution.intent') intents.add(row.uid);
    },
    changed(object) {
      if (isKindName(object.kind)) judgePhase(object, object.kind);
      if (object.kind !== 'Job') return;
      const owner = controllerOf(object)?.uid ?? '';
      jobs.set(owner, (jobs.get(owner) ?? new Set()).add(object.metadata.uid ?? ''));
    },
  };
}

/** Everything of ours as it stands. */
export async function readFamily(admin: Transport): Promise<Readonly<Record<KindName, readonly KubernetesObject[]>>> {
  const lists = await Promise.all(KindName.map(async (kind) => [kind, await listAll(admin, { apiVersion: kinds[kind].apiVersion, kind })] as const));
  return Object.fromEntries(lists) as Record<KindName, readonly KubernetesObject[]>;
}
