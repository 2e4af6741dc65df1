import type { JsonObject } from '../../shared/api/json.ts';
import { customResourceDefinition } from '../../shared/api/crd.ts';
import { definitions } from '../../shared/api/kinds.ts';
import { afterAll, beforeAll, describe } from 'vitest';
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
import { rbacRules } from './rbac.ts';
import { subjectOf, type Subject, type Target, type TargetFactory } from './subject.ts';
import { ownKinds } from './own-kinds.ts';
import { subresources } from './subresources.ts';
import { tokenRequests } from './token-requests.ts';
import { watchStarts } from './watch-starts.ts';
import { watches } from './watches.ts';

const suites: Readonly<Record<string, (subject: () => Subject) => void>> = {
  'create, get, list, replace': crud,
  'lists and selectors': lists,
  'built-in kinds': builtInKinds,
  'versions and conflicts': concurrency,
  generation: generations,
  patches,
  'traps of patches': patchTraps,
  'status, scale, binding': subresources,
  'dry run': dryRuns,
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

/**
 * What the product asks of a Kubernetes API, held against whatever answers. It runs on the sandbox and on a real kube-apiserver
 * (with its controller-manager); where they differ, the sandbox is wrong.
 */
export function conformance(name: string, createTarget: TargetFactory, { when = true }: { readonly when?: boolean } = {}): void {
  describe.runIf(when)(`${name} as a Kubernetes API`, () => {
    let target: Target;
    let subject: Subject | undefined;
    const current = (): Subject => {
      if (subject === undefined) throw new Error('the target is not up yet');
      return subject;
    };

    beforeAll(async () => {
      target = await createTarget();
      subject = await subjectOf(target);
      await prepare(subject);
    });
    afterAll(() => target.close());

    describe.each(Object.entries(suites))('%s', (_title, suite) => {
      suite(current);
    });
  });
}

/** Our kinds are served, and a pod of no account of its own may be made: on a real cluster both come a moment later. */
async function prepare({ send, path, eventually }: Subject): Promise<void> {
  const manifests = [widgetDefinition, ...definitions.map((definition) => ({ ...customResourceDefinition(definition) }) as unknown as JsonObject)];
  for (const manifest of manifests) await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', manifest);
  const served = [path('widgets', widgetGroup), ...definitions.map(({ group, version, plural }) => path(plural, `${group}/${version}`))];
  for (const collection of served) {
    await eventually(
      () => send('GET', collection),
      ({ status }) => status === 200,
    );
  }
  await eventually(
    () => send('POST', path('pods'), pod('first'), { dryRun: 'All' }),
    ({ status }) => status === 201,
  );
}
