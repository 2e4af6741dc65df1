import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../infra/cli/doctor/finding.ts';
import type { PlanReport } from '../../../infra/cli/operator/plan-report.ts';
import { jobKind, phaseIsTerminal, requestKind, workflowKind } from '../../../infra/local/story/observe.ts';
import { bringFaults, faultsShow, hasSettled, postNotifications, setScene } from '../../../infra/local/story/play.ts';
import { stringAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { aCommandLine, type CommandLine } from '../../support/command-line.ts';
import { aRealStack, root, storyOf, type RealStack } from '../../support/real-stack.ts';

const fixture = join(root, 'test/fixtures/alertmanager/payment-api-memory.json');
const story = storyOf('payment-api-memory');
let stack: RealStack;
let commandLine: CommandLine;

beforeAll(async () => {
  [stack, commandLine] = await Promise.all([aRealStack(), aCommandLine()]);
  await setScene(stack.admin, story);
  await stack.eventually('the scene has settled', () => hasSettled(stack.admin, story));
  await bringFaults(stack.admin, story);
  await stack.eventually('the pods failed', () => faultsShow(stack.admin, story));
  await stack.eventually('the pods are back', () => hasSettled(stack.admin, story));
}, 400_000);
afterAll(async () => {
  await Promise.all([stack.stop(), commandLine.close()]);
});

const kubernaut = (...argv: readonly string[]) => commandLine.run(argv, { KUBECONFIG: stack.kubeconfig, KUBERNAUT_MONITORING_SECONDS: '5' });
const onlyRequest = async () => (await stack.all(requestKind))[0] ?? null;

/** The tests follow one remediation, in order. */
describe('the command of an operator, against a real control plane', () => {
  let planned: PlanReport | undefined;

  it('finds everything that is in the cluster as it should be', async () => {
    const { stdout } = await kubernaut('doctor', '-o', 'json');
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
    expect(await kubernaut('resume', name)).toMatchObject({ code: 0, stdout: expect.stringContaining('goes on') });
  });

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
