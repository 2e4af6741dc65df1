import type { Environment } from '../../shared/environment.ts';

export interface Settings {
  /** The one cluster in the registry. */
  readonly cluster: string;
  readonly namespace: string;
}

export function settingsFrom(environment: Environment): Settings {
  return { cluster: environment.KUBERNAUT_CLUSTER, namespace: environment.KUBERNAUT_NAMESPACE };
}
