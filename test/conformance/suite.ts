import { afterAll, beforeAll, describe } from 'vitest';
import { builtInKinds } from './built-in-kinds.ts';
import { concurrency } from './concurrency.ts';
import { crud } from './crud.ts';
import { customResources } from './custom-resources.ts';
import { deletion, garbageCollection } from './deletion.ts';
import { dryRuns } from './dry-run.ts';
import { generations } from './generation.ts';
import { lists } from './lists.ts';
import { widgetDefinition, widgetGroup } from './objects.ts';
import { patchTraps } from './patch-traps.ts';
import { patches } from './patches.ts';
import { subjectOf, type Subject, type Target, type TargetFactory } from './subject.ts';
import { subresources } from './subresources.ts';
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
  watch: watches,
  'custom resources': customResources,
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
      await subject.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition);
      const { eventually, send, path } = subject;
      await eventually(
        () => send('GET', path('widgets', widgetGroup)),
        ({ status }) => status === 200,
      );
      await eventually(
        () => send('GET', path('serviceaccounts')),
        ({ status }) => status === 200,
      );
    });
    afterAll(() => target.close());

    describe.each(Object.entries(suites))('%s', (_title, suite) => {
      suite(current);
    });
  });
}
