import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisProvider } from '../../functions/ai-analysis/provider.ts';
import { createObject } from '../../infra/local/stack/install.ts';
import { startStoryStack, type StoryStack, type Surroundings } from '../../infra/local/stack/story-stack.ts';
import { createBeforeAdmission } from '../support/before-admission.ts';
import { jobKind, listAll, phaseIsTerminal } from '../../infra/local/story/observe.ts';
import { postNotifications } from '../../infra/local/story/play.ts';
import { KindName, kinds } from '../../shared/api/kinds.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { mapAt, numberAt, stringAt } from '../../shared/kubernetes/unstructured.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { aNotification, anAlert, anAnswerOf, aWorkflow, badAlerts, badExecutions, badSteps, scale } from '../support/bad-input.ts';

const root = join(import.meta.dirname, '../..');
const namespace = 'kubernaut-system';

const asked = new Map<string, JsonObject>();
/** Says what the alert's name asks for. */
const scripted: AnalysisProvider = { name: 'scripted', investigate: ({ spec }) => Promise.resolve(asked.get(spec.alertContext.name)) };

let stack: StoryStack;
let asFunctions: Transport;
beforeAll(async () => {
  const variables = { KUBERNAUT_ANALYSIS_PROVIDER: 'scripted' };
  const disturb = (calm: Surroundings) => {
    asFunctions = calm.functionsTransport;
    return calm;
  };
  stack = await startStoryStack({ root, logger: silentLogger, variables, providers: { scripted }, disturb });
  await createObject(stack.admin, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } });
  for (const name of ['payment-api', ...Object.keys(badSteps)]) await createObject(stack.admin, aQuietDeployment(name));
});
afterAll(() => stack.stop());

/** Without pods: nobody needs them to see what is wrong with an input. */
function aQuietDeployment(name: string): KubernetesObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'production' },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  };
}

async function elapse(seconds: number): Promise<void> {
  const end = stack.clock.milliseconds() + seconds * 1_000;
  void stack.clock.sleep(seconds * 1_000);
  await stack.clock.run(() => stack.clock.milliseconds() >= end, { virtualSeconds: seconds + 1 });
}

async function allOver(kind: KindName): Promise<ReadonlyMap<string, KubernetesObject>> {
  const list = () => listAll(stack.admin, { apiVersion: kinds[kind].apiVersion, kind });
  await stack.clock.run(async () => (await list()).every(phaseIsTerminal), { virtualSeconds: 600 });
  return new Map((await list()).map((object) => [object.metadata.name, object]));
}

const told = (object: KubernetesObject | undefined) => ({
  phase: stringAt(object, 'status', 'phase'),
  reason: stringAt(object, 'status', 'reason'),
  message: stringAt(object, 'status', 'message'),
});

describe('a workflow of the functions whose plan cannot be', () => {
  let workflows: ReadonlyMap<string, KubernetesObject>;
  beforeAll(async () => {
    for (const [name, { steps }] of Object.entries(badSteps)) await createObject(asFunctions, aWorkflow(name, steps));
    await createObject(asFunctions, aWorkflow('another-cluster', [scale()], { targetCluster: 'moon' }));
    workflows = await allOver('WorkflowExecution');
  });

  it.each(Object.entries(badSteps))('ends in planning with the field: %s', (name, { planned: [reason, message] }) => {
    expect(told(workflows.get(name))).toEqual({ phase: 'failed', reason, message: expect.stringContaining(message) });
  });

  it('ends in planning with the field: a target in another cluster', () => {
    expect(told(workflows.get('another-cluster'))).toEqual({
      phase: 'failed',
      reason: 'safety_validation_failed',
      message: 'targetCluster: unknown cluster "moon": this installation acts on "primary-cluster"',
    });
  });
});

describe('an execution that was stored before anybody was asked', () => {
  let executions: ReadonlyMap<string, KubernetesObject>;
  beforeAll(async () => {
    for (const [name, [spec]] of Object.entries(badExecutions)) {
      await createBeforeAdmission(stack.admin, {
        apiVersion: kinds.KubernetesExecution.apiVersion,
        kind: 'KubernetesExecution',
        metadata: { name, namespace },
        spec: { actionType: 'scale_deployment', actionParams: scale().parameters, targetCluster: { name: 'primary-cluster', namespace: '' }, ...spec },
      });
    }
    executions = await allOver('KubernetesExecution');
  });

  it.each(Object.entries(badExecutions))('ends before it looks at the cluster: %s', (name, [_spec, reason, message]) => {
    expect(told(executions.get(name))).toEqual({ phase: 'failed', reason, message: expect.stringContaining(message) });
  });
});

describe('an alert', () => {
  let requests: ReadonlyMap<string, KubernetesObject>;
  beforeAll(async () => {
    for (const [name, { steps }] of Object.entries(badSteps)) asked.set(name, anAnswerOf(steps));
    const sick = Object.keys(badSteps).map((name) => anAlert(name, { namespace: 'production', deployment: name }));
    const lost = Object.entries(badAlerts).map(([name, [labels]]) => anAlert(`lost-${name}`, labels));
    await postNotifications(stack.webhook, [aNotification([...sick, ...lost])], { url: 'http://webhook.invalid/alerts', token: stack.webhookToken });
    await elapse(5);
    requests = new Map([...(await allOver('RemediationRequest')).values()].map((request) => [stringAt(request, 'spec', 'alertName') ?? '', request]));
  });

  it.each(Object.entries(badSteps))('whose analysis asks for what cannot be ends with its field: %s', (name, { planned, analysed }) => {
    const request = requests.get(name);
    const [reason, message] = analysed === null ? planned : (['invalid_analysis', analysed] as const);
    expect(told(request)).toEqual({ phase: 'failed', reason, message: expect.stringContaining(message) });
    expect(mapAt(request, 'status', 'failure')).toMatchObject({ kind: analysed === null ? 'WorkflowExecution' : 'AIAnalysis', reason });
    expect(stringAt(request, 'status', 'outcome')).toBe('failed');
  });

  it.each(Object.entries(badAlerts))('whose labels lead nowhere ends with the labels: %s', (name, [_labels, reason, message]) => {
    const request = requests.get(`lost-${name}`);
    expect(told(request)).toEqual({ phase: 'failed', reason, message: expect.stringContaining(message) });
    expect(mapAt(request, 'status', 'failure')).toMatchObject({ kind: 'RemediationProcessing', reason });
  });

  it('leaves nothing locked, no Job made and nothing changed', async () => {
    await elapse(70);
    expect(await listAll(stack.admin, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' })).toEqual([]);
    expect(await listAll(stack.admin, jobKind)).toEqual([]);
    const deployments = await listAll(stack.admin, { apiVersion: 'apps/v1', kind: 'Deployment' }, 'production');
    expect(deployments.filter((deployment) => numberAt(deployment, 'spec', 'replicas') !== 0).map(({ metadata }) => metadata.name)).toEqual([]);
  });

  it('leaves no dead letter: what is wrong is in the status', () => {
    const queues = ['alerts', 'audit', ...KindName.map((kind) => kinds[kind].queue)] as const;
    expect(queues.flatMap((queue) => stack.queues.peek(`${queue}-dlq`))).toEqual([]);
  });
});
