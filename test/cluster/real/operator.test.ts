import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../infra/cli/doctor/finding.ts';
import type { PlanReport } from '../../../infra/cli/operator/plan-report.ts';
import { peopleRules } from '../../../infra/cluster/people.ts';
import { jobKind, phaseIsTerminal, requestKind, workflowKind } from '../../../infra/local/story/observe.ts';
import { bringFaults, faultsShow, hasSettled, postNotifications, setScene } from '../../../infra/local/story/play.ts';
import { stringAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { aCommandLine, type CommandLine } from '../../support/command-line.ts';
import { bind, createClusterRole } from '../../support/people.ts';
import { aRealStack, root, storyOf, type RealStack } from '../../support/real-stack.ts';

const fixture = join(root, 'test/fixtures/alertmanager/payment-api-memory.json');
const story = storyOf('payment-api-memory');
let stack: RealStack;
let commandLine: CommandLine;
const kubeconfigs = { root: '', ada: '', eve: '', bob: '' };

beforeAll(async () => {
  [stack, commandLine] = await Promise.all([aRealStack(), aCommandLine()]);
  kubeconfigs.root = stack.kubeconfig;
  for (const name of ['ada', 'eve', 'bob'] as const) kubeconfigs[name] = await stack.kubeconfigOf({ name });
  await createClusterRole(stack, 'pausing', peopleRules().pauseNamespaces);
  for (const role of ['kubernaut-operator', 'pausing']) await bind(stack, 'ada', role, 'everywhere');
  await bind(stack, 'eve', 'kubernaut-viewer');
  await bind(stack, 'bob', 'view');
  await setScene(stack.admin, story);
  await stack.eventually('the scene has settled', () => hasSettled(stack.admin, story));
  await bringFaults(stack.admin, story);
  await stack.eventually('the pods failed', () => faultsShow(stack.admin, story));
  await stack.eventually('the pods are back', () => hasSettled(stack.admin, story));
}, 400_000);
afterAll(async () => {
  await Promise.all([stack.stop(), commandLine.close()]);
});

const run = (who: keyof typeof kubeconfigs, argv: readonly string[]) =>
  commandLine.run(argv, { KUBECONFIG: kubeconfigs[who], KUBERNAUT_MONITORING_SECONDS: '5' });
/** As somebody whom the chart's role is bound to. */
const kubernaut = (...argv: readonly string[]) => run('ada', argv);
const onlyRequest = async () => (await stack.all(requestKind))[0] ?? null;

/** The tests follow one remediation, in order. */
describe('the command of an operator, against a real control plane', () => {
  let planned: PlanReport | undefined;

  it('finds everything that is in the cluster as it should be', async () => {
    const { stdout } = await run('root', ['doctor', '-o', 'json']); // it looks at what only an administrator may see
    const { items } = JSON.parse(stdout) as { readonly items: readonly Finding[] };
    const inCluster = ['cluster', 'definitions', 'functions may', 'watcher may', 'policies', 'admission', 'remediations'];
    expect(items.filter(({ check }) => inCluster.includes(check)).map(({ check, status, message }) => [check, status, message])).toEqual(
      inCluster.map((check) => [check, 'ok', expect.any(String)]),
    );
  });

  it('plans without leaving anything', async () => {
    const { code, stdout, stderr } = await kubernaut('plan', '--alert', fixture, '-o', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    [planned] = (JSON.parse(stdout) as { readonly items: readonly PlanReport[] }).items;
    expect(planned).toMatchObject({
      verdict: 'would_act',
      heldBy: null,
      steps: [{ changes: [{ object: 'Deployment production/payment-api', fields: [{ field: 'spec.replicas', before: 3, after: 5 }] }] }],
    });
    expect([await stack.all(requestKind), await stack.all(workflowKind), await stack.all(jobKind)]).toEqual([[], [], []]);
  });

  it('pauses a namespace, says whom that holds, and resumes it', async () => {
    expect(await kubernaut('pause', '-n', 'production')).toMatchObject({ code: 0, stderr: '' });
    await postNotifications(fetch, story.notifications, { url: stack.webhookUrl, token: stack.webhookToken });
    await stack.eventually('the request is held', async () => stringAt(await onlyRequest(), 'status', 'phase') === 'blocked');
    const name = (await onlyRequest())?.metadata.name ?? '';
    const paused = await kubernaut('pause', name);
    expect(paused).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(`${name} (blocked): held: paused by production`) });
    expect((await kubernaut('plan', '--alert', fixture)).stdout).toContain(`${name}, which runs for this alert already`);
    expect((await kubernaut('resume', '-n', 'production')).stdout).toContain(`still held by spec.pause of ${name}`);
    for (const who of ['eve', 'bob'] as const) await expectToOnlyLook(who, name);
    expect(await kubernaut('resume', name)).toMatchObject({ code: 0, stdout: expect.stringContaining('goes on') });
  });

  /** A viewer by our role, or by the cluster's own that it is lent to. */
  async function expectToOnlyLook(who: 'eve' | 'bob', name: string): Promise<void> {
    expect(await run(who, ['approvals'])).toMatchObject({ code: 0, stdout: 'nothing waits for approval\n', stderr: '' });
    for (const argv of [
      ['pause', name],
      ['resume', name],
      ['cancel', name],
    ]) {
      const stderr = expect.stringMatching(/^error: not permitted: [^\n]*User "\w+" cannot patch resource "remediationrequests"[^\n]*\n$/);
      expect([argv[0], await run(who, argv)]).toEqual([argv[0], { code: 1, stdout: '', stderr }]);
    }
    const planned = await run(who, ['plan', '--alert', fixture]);
    expect(planned).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: not permitted: [^\n]*\n$/) });
  }

  it('planned exactly what is then done', async () => {
    await stack.eventually('the remediation is over', async () => {
      const request = await onlyRequest();
      return request !== null && phaseIsTerminal(request);
    });
    expect(await onlyRequest()).toMatchObject({ status: { phase: 'completed' } });
    const [workflow] = await stack.all(workflowKind);
    expect(valueAt(workflow, 'status', 'executionPlan', 'digest')).toBe(planned?.digest);
    const refused = await kubernaut('cancel', workflow?.metadata.name ?? '');
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is over (completed): there is nothing left to cancel') });
  });
});
