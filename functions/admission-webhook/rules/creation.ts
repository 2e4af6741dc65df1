import type * as z from 'zod';
import { analysisSpecSchema } from '../../../shared/api/ai-analysis.ts';
import { compiled } from '../../../shared/api/compiled.ts';
import { executionSpecSchema } from '../../../shared/api/kubernetes-execution.ts';
import { processingSpecSchema } from '../../../shared/api/remediation-processing.ts';
import { requestSpecSchema } from '../../../shared/api/remediation-request.ts';
import { fieldPath } from '../../../shared/api/resource.ts';
import { workflowSpecSchema } from '../../../shared/api/workflow-execution.ts';
import type { Settings } from '../settings.ts';
import { invalid, type Denied } from './decision.ts';
import { executionFault } from './execution.ts';
import { isFunctions } from './identity.ts';
import { requestByHandFault } from './request-by-hand.ts';
import type { Review } from './review.ts';

const specs = {
  RemediationRequest: compiled(requestSpecSchema),
  RemediationProcessing: compiled(processingSpecSchema),
  AIAnalysis: compiled(analysisSpecSchema),
  WorkflowExecution: compiled(workflowSpecSchema),
  KubernetesExecution: compiled(executionSpecSchema),
};

/** What is wrong with a new object of a kind, by whomever it may be made. */
export function creationFault(review: Review, settings: Settings): Denied | null {
  switch (review.kind) {
    case 'RemediationRequest':
      // What an alert says is kept as it is and fails in processing with a reason: seen, not lost. A person can be told at once.
      return withSpec(specs.RemediationRequest(), review, (spec) => (isFunctions(review.user, settings) ? null : requestByHandFault(spec, review, settings)));
    case 'RemediationProcessing':
      return withSpec(specs.RemediationProcessing(), review, () => null);
    case 'AIAnalysis':
      return withSpec(specs.AIAnalysis(), review, () => null);
    case 'WorkflowExecution':
      // Nobody but the functions makes one, and whether its steps can be run is the verdict of planning, with a reason that its request repeats.
      return withSpec(specs.WorkflowExecution(), review, () => null);
    case 'KubernetesExecution':
      return withSpec(specs.KubernetesExecution(), review, (spec) => executionFault(spec, settings));
  }
}

/** The bounds that a definition cannot express (bytes as JSON, the length of a key) are the schema's to refuse. */
function withSpec<Spec>(schema: z.ZodType<Spec>, { object }: Review, judge: (spec: Spec) => Denied | null): Denied | null {
  const parsed = schema.safeParse(object['spec']);
  if (parsed.success) return judge(parsed.data);
  const [issue] = parsed.error.issues;
  return invalid(fieldPath(['spec', ...(issue?.path ?? [])]), issue?.message ?? 'is not valid', '');
}
