import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisProvider } from '../../../functions/ai-analysis/provider.ts';
import { jobKind, readOne, requestKind } from '../../../infra/local/story/observe.ts';
import { KindName, kinds } from '../../../shared/api/kinds.ts';
import { approveAnnotation, decidedByAnnotation, defaultNamespace, planDigestAnnotation, rejectAnnotation } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { secondsBetween } from '../../../shared/api/time.ts';
import { stringAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { aNewObject } from '../../support/admission.ts';
import { anApprovalWorld, expireAt, type ApprovalWorld } from '../../support/approval-world.ts';
import { describeAttacks } from '../../support/attacked.ts';
import { byKubectl, type Means } from '../../support/attempts.ts';
import { aCommandLine, type CommandLine } from '../../support/command-line.ts';
import { holdableExecutor } from '../../support/holdable-executor.ts';
import { startKubectl } from '../../support/kubectl.ts';
import { anotherKey, makeWorkload, refuseDeeds } from '../../support/tales.ts';
import { theKubectl } from '../../support/the-kubectl.ts';

const kubectl = await theKubectl();
const executor = holdableExecutor();

/** Half of what is to be done in `half` is to be done where every deed is refused. */
const adviser: AnalysisProvider = {
  name: 'scripted',
  async investigate(question) {
    const answer = anotherKey(question) as { readonly candidates: readonly [{ readonly parameters: { readonly data: object } }] };
    const [candidate] = answer.candidates;
    if (question.spec.target.namespace !== 'half') return answer;
    const step = (name: string, namespace: string, dependencies: readonly string[]) => {
      return { name, action: 'patch_configmap', parameters: { namespace, configmap: 'c', data: candidate.parameters.data }, dependencies };
    };
    return { ...answer, candidates: [{ ...candidate, mode: 'sequential', steps: [step('first', 'half', []), step('second', 'refused', ['first'])] }] };
  },
};

let world: ApprovalWorld;
let commandLine: CommandLine;
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-approvals-'));
  [world, commandLine] = await Promise.all([anApprovalWorld('real', { provider: adviser, nodes: { aroundExecutor: executor.around } }), aCommandLine()]);
});
afterAll(async () => {
  await Promise.all([world.stack.stop(), commandLine.close()]);
  await rm(directory, { recursive: true, force: true });
});

const annotate: Means = (attempt) => byKubectl(kubectl.path, directory)(attempt);

describeAttacks(
  'real',
  () => world,
  () => annotate,
);

const asAda = (...argv: readonly string[]) => commandLine.run(argv, { KUBECONFIG: world.kubeconfigs.ada });
const request = (name: string) => readOne(world.stack.admin, requestKind, { namespace: defaultNamespace, name });
const requestOf = ({ metadata }: KubernetesObject) => metadata.name.replace(/-workflow$/, '');
const requestIs = (name: string, phase: string) =>
  world.stack.eventually(`${name} is ${phase}`, async () => stringAt(await request(name), 'status', 'phase') === phase);
const keysOf = async (namespace: string) =>
  Object.keys((await readOne(world.stack.admin, { apiVersion: 'v1', kind: 'ConfigMap' }, { namespace, name: 'c' }))?.['data'] ?? {});
const jobsOf = async (namespace: string) => (await world.stack.all(jobKind)).filter((job) => JSON.stringify(job['spec']).includes(`--namespace=${namespace}`));
const executionKind = { apiVersion: kinds.KubernetesExecution.apiVersion, kind: 'KubernetesExecution' } as const;
const executionsOf = async (namespace: string) =>
  (await world.stack.all(executionKind)).filter((execution) => stringAt(execution, 'spec', 'actionParams', 'namespace') === namespace);

describe('on a real control plane, a plan that asks', () => {
  let expiring: { readonly workflow: KubernetesObject; readonly expiresAt: string };
  // Its timer is set for a quarter of an hour, so that the sweeper is the one to notice, within a minute or two; the others go on meanwhile.
  beforeAll(async () => {
    const workflow = await world.askIn('expiring');
    expiring = { workflow, expiresAt: await expireAt(world, workflow.metadata.name, 1) };
  });

  it('is approved by the command of an operator, and stamped by admission', async () => {
    const { metadata } = await world.askIn('by-command');
    const digest = stringAt(await world.workflow(metadata.name), 'status', 'executionPlan', 'digest') ?? '';
    expect(await asAda('approvals')).toMatchObject({ code: 0, stdout: expect.stringContaining(metadata.name.replace(/-workflow$/, '')) });
    const approved = await asAda('approve', metadata.name, '--digest', digest);
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    expect(approved.stdout).toMatch(new RegExp(`${metadata.name} was approved by ada at 20\\S+Z; it goes on with plan ${digest}\\n$`));
    await requestIs(requestOf({ metadata } as KubernetesObject), 'completed');
    const { annotations } = (await world.workflow(metadata.name)).metadata;
    expect(annotations).toMatchObject({ [approveAnnotation]: digest, [decidedByAnnotation]: 'ada', [planDigestAnnotation]: digest });
    expect(await keysOf('by-command')).toHaveLength(1);
  });

  it.each<[means: string, namespace: string, reject: (name: string, reason: string) => Promise<unknown>]>([
    [
      'the command of an operator',
      'rejected',
      async (name, reason) => expect(await asAda('reject', name, '--reason', reason)).toMatchObject({ code: 0, stderr: '' }),
    ],
    [
      'kubectl annotate',
      'annotated',
      async (workflow, reason) => {
        const write = { annotations: { [rejectAnnotation]: reason } };
        expect(await annotate({ kubeconfig: world.kubeconfigs.ada, workflow, write, isRehearsal: false })).toMatchObject({ isTaken: true });
      },
    ],
  ])('is rejected by %s, and nothing is done', async (_means, namespace, reject) => {
    const workflow = await world.askIn(namespace);
    await reject(workflow.metadata.name, 'not before the release');
    await requestIs(requestOf(workflow), 'failed');
    const end = { phase: 'failed', reason: 'approval_rejected', message: 'rejected by ada: not before the release' };
    expect(await world.workflow(workflow.metadata.name)).toMatchObject({ status: { ...end, approval: { decision: 'rejected', user: 'ada' } } });
    expect(await request(requestOf(workflow))).toMatchObject({ status: { phase: 'failed', reason: 'approval_rejected' } });
    expect([await keysOf(namespace), await jobsOf(namespace)]).toEqual([[], []]);
  });

  it('is cancelled while it asks, and nothing is done', async () => {
    const workflow = await world.askIn('cancelled');
    expect(await asAda('cancel', workflow.metadata.name)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('it ends without having acted'),
    });
    await requestIs(requestOf(workflow), 'cancelled');
    expect(await world.workflow(workflow.metadata.name)).toMatchObject({ status: { phase: 'failed', reason: 'cancelled' } });
    expect([await keysOf('cancelled'), await jobsOf('cancelled')]).toEqual([[], []]);
  });

  it('expires at its time when nobody decides, and nothing is done', async () => {
    const { workflow, expiresAt } = expiring;
    await requestIs(requestOf(workflow), 'failed');
    const ended = await world.workflow(workflow.metadata.name);
    expect(ended).toMatchObject({ status: { phase: 'failed', reason: 'approval_expired', message: `nobody decided before ${expiresAt}` } });
    expect(secondsBetween(expiresAt, stringAt(ended, 'status', 'completionTime') ?? '')).toBeGreaterThanOrEqual(0);
    expect([await keysOf('expiring'), await jobsOf('expiring')]).toEqual([[], []]);
  });
});

describe('on a real control plane, what was approved', () => {
  it('is cancelled while its Job runs: the verdict is awaited, then it is undone', async () => {
    executor.hold('running');
    const workflow = await world.askIn('running');
    await asAda('approve', workflow.metadata.name);
    const isActing = async () => valueAt((await jobsOf('running'))[0], 'status', 'active') === 1;
    await world.stack.eventually('a Job runs', isActing);
    expect((await asAda('cancel', requestOf(workflow))).stdout).toContain('a Job that runs is not cut off, its verdict is awaited');
    const isAsked = async () => (await executionsOf('running'))[0]?.metadata.annotations?.['kubernaut.io/cancel-requested'] !== undefined;
    await world.stack.eventually('its execution is asked to cancel', isAsked);
    expect(await isActing()).toBe(true);
    expect(await world.workflow(workflow.metadata.name)).toMatchObject({ status: { phase: 'executing' } });
    const late = { annotations: { [approveAnnotation]: null, [rejectAnnotation]: 'too late' } };
    const rejected = await annotate({ kubeconfig: world.kubeconfigs.ada, workflow: workflow.metadata.name, write: late, isRehearsal: false });
    expect(rejected).toEqual({ isTaken: false, words: expect.stringContaining('and this one is in phase "executing"') });
    executor.release('running');
    await requestIs(requestOf(workflow), 'cancelled');
    expect(await world.workflow(workflow.metadata.name)).toMatchObject({ status: { phase: 'failed', reason: 'cancelled', rollback: { state: 'completed' } } });
    expect((await jobsOf('running')).map((job) => valueAt(job, 'status', 'succeeded'))).toEqual([1, 1]);
    expect(await keysOf('running')).toEqual([]);
  });

  it('is rolled back when its second half is refused', async () => {
    await refuseDeeds(world.stack, 'refused');
    await makeWorkload(world.stack, 'refused', 'production');
    const workflow = await world.askIn('half');
    await asAda('approve', workflow.metadata.name);
    await requestIs(requestOf(workflow), 'failed');
    const steps = ['second', 'first'].map((stepName) => expect.objectContaining({ stepName, phase: 'completed' }));
    const rollback = { state: 'completed', steps };
    expect(await world.workflow(workflow.metadata.name)).toMatchObject({ status: { phase: 'failed', reason: 'step_execution_failed', rollback } });
    expect((await executionsOf('half')).map((execution) => stringAt(execution, 'status', 'phase'))).toEqual(['completed', 'completed']);
    expect([await keysOf('half'), await keysOf('refused')]).toEqual([[], []]);
  });
});

describe('on a real control plane, what the functions alone may make', () => {
  const children = KindName.filter((kind) => kind !== 'RemediationRequest');
  const by = {
    root: /admission webhook "(mutate|validate)\.admission\.kubernaut\.io" denied the request: kind: a \w+ is made by the functions of kubernaut only/,
    ada: /User "ada" cannot create resource/,
  } as const;

  it.each(children.flatMap((kind) => (['root', 'ada'] as const).map((who) => ({ kind, who }))))('is no $kind of $who', async ({ kind, who }) => {
    const file = join(directory, `${kind}-of-${who}.json`);
    await writeFile(file, JSON.stringify(aNewObject(kind)));
    const environment = { HOME: directory, KUBECONFIG: world.kubeconfigs[who], PATH: process.env['PATH'] ?? '' };
    const { code, stderr } = await startKubectl(kubectl.path, ['create', '-f', file, '--validate=false'], environment).outcome;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(by[who]) });
  });
});
