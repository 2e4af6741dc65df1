import type { Environment } from '../../shared/environment.ts';

/** What an operator decides about workflows, read once from the environment. */
export interface Settings {
  /** The one cluster that this installation acts on. */
  readonly cluster: string;
  /** Where our own resources live; no action may touch it. */
  readonly namespace: string;
  readonly approvalTimeoutSeconds: number;
}

export function settingsFrom(environment: Environment): Settings {
  return {
    cluster: environment.KUBERNAUT_CLUSTER,
    namespace: environment.KUBERNAUT_NAMESPACE,
    approvalTimeoutSeconds: environment.KUBERNAUT_APPROVAL_TIMEOUT_SECONDS,
  };
}
