import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { startStoryStack, type StoryStack, type StoryStackOptions } from '../../infra/local/stack/story-stack.ts';
import { jobKind, listAll, readOne, requestKind, workflowKind, type Followed } from '../../infra/local/story/observe.ts';
import { bringFaults, faultsShow, hasSettled, postNotifications, setScene } from '../../infra/local/story/play.ts';
import { readStory, type Story } from '../../infra/local/story/story.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { defaultNamespace } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { successOf } from '../../shared/kubernetes/cluster.ts';
import { objectPath } from '../../shared/kubernetes/resource-path.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';

const root = join(import.meta.dirname, '../..');
const untilSeconds = 4_000; // longer than the deadline of a remediation

/** The whole product on a virtual clock, before a workload that is sick: people and Alertmanager act, and the test looks at what becomes of it. */
export interface InterventionWorld {
  readonly stack: StoryStack;
  /** Posts the story's alert; what is given replaces its fields. */
  fire(alert?: JsonObject): Promise<void>;
  /** A merge patch as an administrator. */
  change(object: Followed & { readonly name: string; readonly namespace?: string }, patch: JsonObject): Promise<void>;
  /** Lets the world run until the condition holds. */
  until(condition: () => Promise<boolean>): Promise<void>;
  /** Lets the world run for so many seconds. */
  pass(seconds: number): Promise<void>;
  request(name?: string): Promise<KubernetesObject>;
  requests(): Promise<readonly KubernetesObject[]>;
  workflow(): Promise<KubernetesObject | null>;
  executions(): Promise<readonly KubernetesObject[]>;
  jobs(): Promise<readonly KubernetesObject[]>;
  replicas(): Promise<unknown>;
}

/** payment-api in production is killed for memory, and no alert has fired yet. The database is the caller's: it is read for success rates only. */
export async function anInterventionWorld(
  database: Kysely<Database>,
  variables: Readonly<Record<string, string>> = {},
  options: Pick<StoryStackOptions, 'disturb'> = {},
): Promise<InterventionWorld> {
  const story = readStory(root, 'payment-api-memory');
  const stack = await startStoryStack({ root, logger: silentLogger, variables, database, ...options });
  await bringScene(stack, story);
  const { admin, clock } = stack;
  const until: InterventionWorld['until'] = (condition) => clock.run(condition, { virtualSeconds: untilSeconds });
  const requests = async () =>
    (await listAll(admin, requestKind)).toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
  return {
    stack,
    until,
    requests,
    fire: (alert) =>
      postNotifications(stack.webhook, withAlert(story.notifications, alert), { url: 'http://webhook.invalid/alerts', token: stack.webhookToken }),
    async change({ apiVersion, kind, name: called, namespace }, body) {
      const path = objectPath({ apiVersion, kind, name: called, ...(namespace !== undefined && { namespace }) });
      const request = { method: 'PATCH', path, patchType: 'application/merge-patch+json', body } as const;
      successOf(request, await admin.send(request, 10_000));
    },
    pass(seconds) {
      const end = clock.milliseconds() + seconds * 1_000;
      return clock.run(() => clock.milliseconds() >= end, { virtualSeconds: seconds * 2 });
    },
    async request(called) {
      const all = await requests();
      const found = called === undefined ? all[0] : all.find(({ metadata }) => metadata.name === called);
      if (found === undefined) throw new Error(`there is no request ${called ?? ''}`);
      return found;
    },
    workflow: async () => (await listAll(admin, workflowKind))[0] ?? null,
    executions: () => listAll(admin, { apiVersion: kinds.KubernetesExecution.apiVersion, kind: 'KubernetesExecution' }),
    jobs: () => listAll(admin, jobKind),
    async replicas() {
      const deployment = await readOne(admin, { apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace: 'production', name: 'payment-api' });
      return (deployment?.['spec'] as { readonly replicas?: number } | undefined)?.replicas;
    },
  };
}

async function bringScene({ admin, clock }: StoryStack, story: Story): Promise<void> {
  const limit = { virtualSeconds: 300 };
  await setScene(admin, story);
  await clock.run(() => hasSettled(admin, story), limit);
  await bringFaults(admin, story);
  await clock.run(() => faultsShow(admin, story), limit);
  await clock.run(() => hasSettled(admin, story), limit);
}

function withAlert(notifications: readonly JsonObject[], given: JsonObject = {}): readonly JsonObject[] {
  return notifications.map((notification) => ({
    ...notification,
    alerts: (notification['alerts'] as readonly JsonObject[]).map((alert) => ({ ...alert, ...given })),
  }));
}

export const system = defaultNamespace;
export const phaseOf = (object: KubernetesObject | null) => stringAt(object, 'status', 'phase') ?? '';
