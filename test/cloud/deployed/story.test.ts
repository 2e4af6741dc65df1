import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playScene } from '../../support/deployed-scene.ts';
import { theDeployment, type TestedDeployment } from '../../support/deployed.ts';
import { storyOf } from '../../support/real-stack.ts';
import { kinds } from '../../../shared/api/kinds.ts';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { linesOf } from '../../support/function-logs.ts';
import { readOne } from '../../../infra/local/story/observe.ts';
import { postNotifications } from '../../../infra/local/story/play.ts';

let product: TestedDeployment;
beforeAll(async () => {
  product = await theDeployment();
});
afterAll(() => product.close());

/** The window of monitoring ends by the delayed message that its function has sent itself, neither before its time nor by anybody who looks now and then. */
async function expectTimerEnded(request: KubernetesObject): Promise<void> {
  const name = stringAt(request, 'status', 'workflowRef', 'name') ?? '';
  const workflow = await readOne(
    product.admin,
    { apiVersion: kinds.WorkflowExecution.apiVersion, kind: 'WorkflowExecution' },
    { namespace: defaultNamespace, name },
  );
  const time = (field: string) => Date.parse(stringAt(workflow ?? {}, 'status', 'monitoring', field) ?? '');
  expect(time('endedAt')).toBeGreaterThanOrEqual(time('until'));
  expect(time('until')).toBeGreaterThan(time('startedAt'));
  let ends: readonly object[] = [];
  await product.eventually('the pass that ended the workflow was logged', async () => {
    const passes = await linesOf(product, 'workflow-execution', 'pass');
    ends = passes.filter(
      (pass) => pass['name'] === name && pass['outcome'] === 'done' && pass['phaseTo'] === 'completed' && pass['phaseFrom'] === 'monitoring',
    );
    return ends.length > 0;
  });
  expect(ends).toMatchObject([{ cause: 'timer', timerPhase: 'monitoring' }]);
}

describe('an alert that is posted to the deployed webhook', () => {
  it('becomes five ready replicas, by functions that run as deployed, watched until their own timer came, and an audit trail', async () => {
    const story = storyOf('payment-api-memory');
    await playScene(product, story);
    await postNotifications(fetch, story.notifications, { url: product.webhookUrl, token: product.webhookToken });
    const request = await product.ended('PodMemoryHigh');
    expect(request['status']).toMatchObject({ phase: 'completed', topAction: 'scale_deployment', workflowResults: { success: true, stepsExecuted: 1 } });

    const deployment = await readOne(product.admin, { apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace: 'production', name: 'payment-api' });
    expect(deployment).toMatchObject({ spec: { replicas: 5 }, status: { readyReplicas: 5 } });

    const rows = () =>
      product.database
        .selectFrom('audit_event')
        .selectAll()
        .where('correlation_id', '=', request.metadata.uid ?? '')
        .orderBy('time')
        .execute();
    await product.eventually('the audit tells of the end', async () => (await rows()).some(({ type }) => type === 'request.completed'));
    const types = new Set((await rows()).map(({ type }) => type));
    for (const type of ['request.created', 'analysis.completed', 'workflow.planned', 'execution.intent', 'execution.job_created', 'workflow.completed'])
      expect(types).toContain(type);
    const outcomes = () =>
      product.database
        .selectFrom('action_outcome')
        .selectAll()
        .where('request_uid', '=', request.metadata.uid ?? '')
        .execute();
    expect(await outcomes()).toMatchObject([{ action: 'scale_deployment', success: true }]);
    await expectTimerEnded(request);
  });

  it('is refused without the token, and nothing comes of it', async () => {
    const answer = await fetch(product.webhookUrl, {
      method: 'POST',
      headers: { authorization: 'Bearer guess', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(401);
  });
});
