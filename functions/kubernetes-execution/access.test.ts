import { expect, it } from 'vitest';
import { anExecutionWorld } from '../../test/support/execution-world.ts';
import { anExecutorPod, failed, jobRef, now } from '../../test/support/executions.ts';
import { access } from './access.ts';

const resources: Readonly<Record<string, string>> = {
  KubernetesExecution: 'kubernetesexecutions',
  WorkflowExecution: 'workflowexecutions',
  Job: 'jobs',
  Pod: 'pods',
  Event: 'events',
  Log: 'pods/log',
};

/** `patchStatus KubernetesExecution rr-1-workflow-scale` → `patch kubernetesexecutions/status`; targets and their context are the catalogue's. */
function permissionFor(request: string): readonly string[] {
  const [verb = '', kind = ''] = request.split(' ');
  const resource = resources[kind];
  if (resource === undefined) return [];
  if (verb === 'patchStatus') return [`patch ${resource}/status`];
  return [`${verb === 'patchMetadata' ? 'patch' : verb} ${resource}`];
}

it('is what the function asks for in its own namespace, no verb less and none more', async () => {
  const failing = await anExecutionWorld();
  await failing.settle();
  const { uid = '' } = failing.job()?.metadata ?? {};
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: jobRef.name, uid, controller: true };
  failing.cluster.put(anExecutorPod({ terminated: { exitCode: 1 } }, { metadata: { ownerReferences: [owner] } }));
  await failing.finishJob(failed);

  const hanging = await anExecutionWorld();
  await hanging.settle();
  hanging.cluster.change('Job', jobRef.name, { status: { startTime: now } });
  await hanging.elapse(360);

  const withoutPod = await anExecutionWorld();
  await withoutPod.settle();
  await withoutPod.finishJob(failed);

  const asked = [failing, hanging, withoutPod].flatMap(({ requests }) => requests.flatMap(permissionFor));
  const granted = access.namespaced.flatMap((rule) => rule.resources.flatMap((resource) => rule.verbs.map((verb) => `${verb} ${resource}`)));
  expect([...new Set(asked)].toSorted()).toEqual(granted.toSorted());
});
