import { analysisSpecSchema, type Constraints } from '../../shared/api/ai-analysis.ts';
import { isDnsLabel } from '../../shared/api/names.ts';
import { EnvironmentInvalid, type Environment } from '../../shared/environment.ts';

/** What an operator decides about remediations, read once from the environment. */
export interface Settings {
  readonly cluster: string;
  /** Where our own resources live; its annotation pauses everything. */
  readonly namespace: string;
  readonly overallTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly cooldownSeconds: number;
  /** How long a workflow may wait for a person: that long the overall deadline is moved where one is asked. */
  readonly approvalTimeoutSeconds: number;
  readonly monitoringSeconds: number;
  readonly maxParallelSteps: number;
  /** Who investigates first. */
  readonly provider: string;
  /** Limits of what may be recommended, copied into each analysis by value. */
  readonly constraints: Constraints;
}

export function settingsFrom(environment: Environment): Settings {
  return {
    cluster: environment.KUBERNAUT_CLUSTER,
    namespace: environment.KUBERNAUT_NAMESPACE,
    overallTimeoutSeconds: environment.KUBERNAUT_OVERALL_TIMEOUT_SECONDS,
    retentionSeconds: environment.KUBERNAUT_RETENTION_SECONDS,
    cooldownSeconds: environment.KUBERNAUT_COOLDOWN_SECONDS,
    approvalTimeoutSeconds: environment.KUBERNAUT_APPROVAL_TIMEOUT_SECONDS,
    monitoringSeconds: environment.KUBERNAUT_MONITORING_SECONDS,
    maxParallelSteps: environment.KUBERNAUT_MAX_PARALLEL_STEPS,
    provider: firstProvider(environment.KUBERNAUT_ANALYSIS_PROVIDER),
    constraints: analysisSpecSchema.shape.constraints.parse(undefined),
  };
}

/** The variable may name several, in the order in which they are asked; the analysis begins with the first. */
function firstProvider(providers: string): string {
  const first = (providers.split(',')[0] ?? '').trim();
  if (isDnsLabel(first)) return first;
  throw new EnvironmentInvalid('KUBERNAUT_ANALYSIS_PROVIDER: must name providers by lower-case letters, digits and dashes, separated by commas');
}
