import type { Environment } from '../../shared/environment.ts';

/** What an operator decides about executions, read once from the environment. */
export interface Settings {
  /** The one cluster that this installation acts on. */
  readonly cluster: string;
  /** Where our own resources live; no action may touch it. */
  readonly namespace: string;
  /** Pinned: a moving tag would change what runs under a plan that was approved. */
  readonly kubectlImage: string;
}

export function settingsFrom(environment: Environment): Settings {
  return {
    cluster: environment.KUBERNAUT_CLUSTER,
    namespace: environment.KUBERNAUT_NAMESPACE,
    kubectlImage: environment.KUBERNAUT_KUBECTL_IMAGE,
  };
}
