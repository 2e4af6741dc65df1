import { beforeAll, describe, expect, it } from 'vitest';
import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';
import { TookTooLong } from '../../infra/local/story/wait-until.ts';
import { approveAnnotation, rejectAnnotation } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { valueAt } from '../../shared/kubernetes/unstructured.ts';
import { attacksOn, type Annotations, type Attack } from './approval-attacks.ts';
import { changePlan, pathOf, setScenes, type ApprovalWorld, type Scene } from './approval-world.ts';
import type { Answered, Means } from './attempts.ts';

/** What became of one attack. */
interface Fought {
  readonly before: KubernetesObject;
  readonly after: KubernetesObject;
  readonly rehearsed: Answered;
  readonly answered: Answered;
}

const sceneMilliseconds = 420_000; // four remediations as far as their question and a process for every attempt, on a machine that may have other things to do

/** The same attacks by the same people, wherever the world is and whatever they write with. */
export function describeAttacks(cluster: ClusterChoice, world: () => ApprovalWorld, means: () => Means): void {
  describe(`an approval, ${cluster === 'real' ? 'on a real control plane' : 'on the sandbox'}, withstands`, () => {
    const attacks = attacksOn(cluster);
    const audited = attacks.filter((attack) => attack.audited !== null);
    let scenes: Readonly<Record<Scene, string>>;
    const fought = new Map<string, Fought>();

    async function fight(attack: Attack): Promise<Fought> {
      const { by, on, write, as, extra } = attack;
      const claim = { ...(as !== undefined && { as }), ...(extra !== undefined && { extra }) };
      const attempt = (isRehearsal: boolean) => means()({ kubeconfig: world().kubeconfigs[by], workflow: scenes[on], write, isRehearsal, ...claim });
      const before = await world().workflow(scenes[on]);
      return { before, rehearsed: await attempt(true), answered: await attempt(false), after: await world().workflow(scenes[on]) };
    }

    beforeAll(async () => {
      scenes = await setScenes(world());
      for (const attack of attacks) fought.set(attack.sentence, await fight(attack));
      await allTold(world(), audited.length);
    }, sceneMilliseconds);

    it.each(attacks)('$sentence', async ({ sentence, on, words, audited: row }) => {
      const refused = { isTaken: false, words: expect.stringMatching(words) as string };
      const { before, after, rehearsed, answered } = fought.get(sentence) ?? {};
      expect({ rehearsed, answered }).toEqual({ rehearsed: refused, answered: refused });
      expect(after).toEqual(before);
      if (row === null) return;
      const ofThis = (await deniedRows(world())).filter(({ name, message }) => name === scenes[on] && answered?.words.includes(message) === true);
      const told = { reason: row.reason, actor_kind: row.actor.kind, actor_name: row.actor.name, request_name: scenes[on].replace(/-workflow$/, '') };
      expect(ofThis).toContainEqual(expect.objectContaining(told));
    });

    it('all of them with one row each, and none for a rehearsal', async () => {
      expect(await deniedRows(world())).toHaveLength(audited.length);
    });

    it('a plan that is changed behind it by who holds the functions’ credentials: the decision is none for that plan', async () => {
      const { stack, askIn, functions, kubeconfigs, workflow, workflowIs } = world();
      const { name } = (await askIn('changed')).metadata;
      const write = (annotations: Annotations) => means()({ kubeconfig: kubeconfigs.ada, workflow: name, write: { annotations }, isRehearsal: false });
      functions.hold(pathOf(name));
      expect(await write({ [approveAnnotation]: await digestOf(world(), name) })).toMatchObject({ isTaken: true });
      const invocations = () => stack.counts.of('workflow-execution').invocations;
      const before = invocations();
      await changePlan(world(), name);
      functions.release(pathOf(name));
      await stack.eventually('the workflow is looked at again', async () => invocations() > before + 1);
      expect(await write({ [approveAnnotation]: null, [rejectAnnotation]: 'this is not what I approved' })).toMatchObject({ isTaken: true });
      await workflowIs(name, 'failed');
      expect(await workflow(name)).toMatchObject({ status: { reason: 'approval_rejected', approval: { decision: 'rejected' } } });
      expect(valueAt(await workflow(name), 'status', 'stepStatuses') ?? []).toEqual([]);
    });

    it('and is given by whoever may, who is then named everywhere', async () => {
      const { stack, workflow, workflowIs, kubeconfigs } = world();
      const names = [scenes.asked, scenes.byHand];
      for (const name of names) {
        const write = { annotations: { [approveAnnotation]: await digestOf(world(), name) } };
        expect(await means()({ kubeconfig: kubeconfigs.ada, workflow: name, write, isRehearsal: false })).toMatchObject({ isTaken: true });
      }
      for (const name of names) {
        await workflowIs(name, 'completed');
        const planDigest = await digestOf(world(), name);
        expect(await workflow(name)).toMatchObject({ status: { approval: { decision: 'approved', user: 'ada', planDigest } } });
        const find = () => stack.database.selectFrom('audit_event').selectAll().where('type', '=', 'workflow.approved').where('name', '=', name).execute();
        await stack.eventually('the approval is in the audit', async () => (await find()).length > 0);
        expect(await find()).toMatchObject([{ actor_kind: 'user', actor_name: 'ada' }]);
      }
      expect(await deniedRows(world())).toHaveLength(audited.length);
    });
  });
}

async function digestOf({ workflow }: ApprovalWorld, name: string): Promise<string> {
  return String(valueAt(await workflow(name), 'status', 'executionPlan', 'digest') as string);
}

async function deniedRows({ stack }: ApprovalWorld) {
  return stack.database.selectFrom('audit_event').selectAll().where('type', '=', 'admission.denied').execute();
}

/** Rows are on their way for a moment. Which of them never comes the tests say. */
async function allTold(world: ApprovalWorld, count: number): Promise<void> {
  const areThere = async () => (await deniedRows(world)).length >= count;
  await world.stack.eventually('every refusal is in the audit', areThere).catch((error: unknown) => {
    if (!(error instanceof TookTooLong)) throw error;
  });
}
