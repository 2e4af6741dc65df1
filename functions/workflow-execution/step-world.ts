import type { BoundAction } from '../../shared/actions/action.ts';
import { readContext } from '../../shared/actions/context.ts';
import { bindAction } from '../../shared/actions/index.ts';
import type { WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import type { AccessReview, ClusterReader, ObjectKey, PolicyRule } from '../../shared/kubernetes/ports.ts';
import type { Ports } from './executions.ts';
import { onceEach, readEach } from './reads.ts';
import { preconditionFault, type StepWorld } from './validation.ts';

/**
 * Looks at the cluster for every step, one kind of question after another, and asks no further once an answer fails a check. Steps
 * that ask the same question share its answer. Throws on an action that planning would have refused.
 */
export async function lookAtSteps({ spec }: WorkflowExecution, { cluster }: Ports): Promise<readonly StepWorld[]> {
  const steps = spec.workflowDefinition.steps.map(({ name, action, parameters }) => ({ stepName: name, action: bindAction(action, parameters) }));
  const get = onceEach((key: ObjectKey) => cluster.get(key));
  const review = onceEach((question: AccessQuestion) => cluster.reviewAccess(question.serviceAccount, question.rules, question.namespace));

  const reviewed = await readEach(steps, async (step) => withAccess(step, await review(accessQuestion(step.action))));
  if (reviewed.some(({ access }) => !access.allowed)) return reviewed;

  const found = await readEach(reviewed, async (step) => ({ ...step, target: { object: await get(step.action.target) } }));
  if (found.some(({ target }) => target.object === null)) return found;

  const known = await readEach(found, (step) => withContext(step, cluster));
  if (!spec.executionStrategy.dryRunFirst || known.some((step) => preconditionFault(step) !== null)) return known;
  return readEach(known, (step) => rehearsed(step, cluster));
}

interface AccessQuestion {
  readonly serviceAccount: string;
  readonly rules: readonly PolicyRule[];
  readonly namespace: string | undefined;
}

function accessQuestion({ serviceAccount, rbac, target }: BoundAction): AccessQuestion {
  return { serviceAccount, rules: rbac, namespace: target.namespace };
}

function withAccess(step: Pick<StepWorld, 'stepName' | 'action'>, access: AccessReview): StepWorld {
  return { ...step, access, target: null, context: [], dryRun: null };
}

async function withContext(step: StepWorld, cluster: ClusterReader): Promise<StepWorld> {
  const object = step.target?.object ?? null;
  return object === null ? step : { ...step, context: await readContext(step.action, object, cluster) };
}

async function rehearsed(step: StepWorld, cluster: ClusterReader): Promise<StepWorld> {
  const object = step.target?.object ?? null;
  if (object === null) return step;
  return { ...step, dryRun: await cluster.dryRun(step.action.serviceAccount, step.action.requests(object)) };
}
