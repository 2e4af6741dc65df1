import type { JsonObject } from '../../shared/api/json.ts';
import { customResourceDefinition } from '../../shared/api/crd.ts';
import { definitions } from '../../shared/api/kinds.ts';
import { afterAll, beforeAll, describe } from 'vitest';
import { admission } from './admission.ts';
import { accessReviews } from './access-reviews.ts';
import { builtInKinds } from './built-in-kinds.ts';
import { concurrency } from './concurrency.ts';
import { crud } from './crud.ts';
import { customResources } from './custom-resources.ts';
import { customResourceDefinitions } from './definitions.ts';
import { deletion } from './deletion.ts';
import { discovery } from './discovery.ts';
import { dryRuns } from './dry-run.ts';
import { garbageCollection } from './garbage-collection.ts';
import { generations } from './generation.ts';
import { lists } from './lists.ts';
import { namespaces } from './namespaces.ts';
import { pod, widgetDefinition, widgetGroup } from './objects.ts';
import { patchTraps } from './patch-traps.ts';
import { patches } from './patches.ts';
import { admissionPolicies } from './policies.ts';
import { rbacRules } from './rbac.ts';
import { subjectOf, type Subject, type Target, type TargetFactory } from './subject.ts';
import { ownKinds } from './own-kinds.ts';
import { subresources } from './subresources.ts';
import { tokenRequests } from './token-requests.ts';
import { watchStarts } from './watch-starts.ts';
import { watches } from './watches.ts';
import { kubectlCommands } from './served/kubectl-commands.ts';
import { kubectlWaits } from './served/kubectl-waits.ts';
import { logs } from './served/logs.ts';
import { servedSubjectOf, type ServedSubject, type ServedTarget } from './served/subject.ts';
import { tables } from './served/tables.ts';
import { bearerTokens } from './served/tokens.ts';
import { deployments } from './workloads/deployments.ts';
import { jobSemantics } from './workloads/jobs.ts';
import { limits } from './workloads/limits.ts';

const apiAreas: Readonly<Record<string, (subject: () => Subject) => void>> = {
  'create, get, list, replace': crud,
  'lists and selectors': lists,
  'built-in kinds': builtInKinds,
  'versions and conflicts': concurrency,
  generation: generations,
  patches,
  'traps of patches': patchTraps,
  'status, scale, binding': subresources,
  'dry run': dryRuns,
  admission,
  'admission policies': admissionPolicies,
  'finalizers and deletion': deletion,
  'garbage collection': garbageCollection,
  namespaces,
  watch: watches,
  'how watches begin and end': watchStarts,
  'custom resources': customResources,
  'definitions and rules': customResourceDefinitions,
  'our own kinds': ownKinds,
  'RBAC and impersonation': rbacRules,
  'access reviews': accessReviews,
  'token requests': tokenRequests,
  discovery,
};

const workloadAreas: Readonly<Record<string, (subject: () => Subject) => void>> = {
  'Job semantics': jobSemantics,
  Deployments: deployments,
  'quotas and budgets': limits,
};

type ServedAreas = Readonly<Record<string, (subject: () => ServedSubject) => void>>;
const frontAreas: ServedAreas = { tables, 'bearer tokens': bearerTokens, logs };
const kubectlAreas: ServedAreas = { 'kubectl wait and rollout': kubectlWaits, 'kubectl commands': kubectlCommands };

interface SuiteOptions {
  readonly when?: boolean;
}

/**
 * What the product asks of a Kubernetes API, held against whatever answers. It runs on the sandbox and on a real kube-apiserver
 * (with its controller-manager); where they differ, the sandbox is wrong.
 */
export function conformance(name: string, createTarget: TargetFactory, { when = true }: SuiteOptions = {}): void {
  suiteOf(`${name} as a Kubernetes API`, apiAreas, { when, createTarget, prepare: serveKinds });
}

/** What it asks of a cluster that lives: of its controllers, and of a node that is ours everywhere. */
export function livingConformance(name: string, createTarget: TargetFactory, { when = true }: SuiteOptions = {}): void {
  suiteOf(`${name} as a living cluster`, workloadAreas, { when, createTarget, prepare: takePods });
}

/** What it asks of a server over HTTPS, and what kubectl does: `kubectl` is the path of one, null where there is none. */
export function servedConformance(name: string, createTarget: () => Promise<ServedTarget>, { kubectl, when = true }: ServedOptions): void {
  describe.runIf(when)(`${name} over HTTPS`, () => {
    let target: ServedTarget | undefined;
    let subject: ServedSubject | undefined;
    const current = (): ServedSubject => subject ?? notUpYet();

    beforeAll(async () => {
      target = await createTarget();
      subject = await servedSubjectOf(target, kubectl ?? '');
      await serveKinds(subject);
    });
    afterAll(async () => {
      await subject?.send('DELETE', `/api/v1/namespaces/${subject.namespace}`);
      await target?.close();
    });

    describe.each(Object.entries(frontAreas))('%s', (_area, suite) => {
      suite(current);
    });
    describe.skipIf(kubectl === null).each(Object.entries(kubectlAreas))('%s', (_area, suite) => {
      suite(current);
    });
  });
}

interface ServedOptions extends SuiteOptions {
  readonly kubectl: string | null;
}

interface Suite {
  readonly when: boolean;
  readonly createTarget: TargetFactory;
  readonly prepare: (subject: Subject) => Promise<void>;
}

function suiteOf(title: string, areas: Readonly<Record<string, (subject: () => Subject) => void>>, { when, createTarget, prepare }: Suite): void {
  describe.runIf(when)(title, () => {
    let target: Target | undefined;
    let subject: Subject | undefined;
    const current = (): Subject => subject ?? notUpYet();

    beforeAll(async () => {
      target = await createTarget();
      subject = await subjectOf(target);
      await prepare(subject);
    });
    afterAll(async () => {
      await subject?.send('DELETE', `/api/v1/namespaces/${subject.namespace}`);
      await target?.close();
    });

    describe.each(Object.entries(areas))('%s', (_area, suite) => {
      suite(current);
    });
  });
}

function notUpYet(): never {
  throw new Error('the target is not up yet');
}

/** Our kinds are served: on a real cluster a definition is accepted a moment before. */
async function serveKinds(subject: Subject): Promise<void> {
  const { send, path, eventually } = subject;
  const manifests = [widgetDefinition, ...definitions.map((definition) => ({ ...customResourceDefinition(definition) }) as unknown as JsonObject)];
  for (const manifest of manifests) await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', manifest);
  const served = [path('widgets', widgetGroup), ...definitions.map(({ group, version, plural }) => path(plural, `${group}/${version}`))];
  for (const collection of served) {
    await eventually(
      () => send('GET', collection),
      ({ status }) => status === 200,
    );
  }
  await takePods(subject);
}

/** A pod of no account of its own may be made: a controller makes that account. */
async function takePods({ send, path, eventually }: Subject): Promise<void> {
  await eventually(
    () => send('POST', path('pods'), pod('first'), { dryRun: 'All' }),
    ({ status }) => status === 201,
  );
}
