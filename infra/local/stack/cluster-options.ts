import type { Executor } from '../node/executor.ts';
import type { SimulatedKubectlOptions } from '../node/simulated-kubectl.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import type { Workspace } from './workspace.ts';

/** What a test wants of the nodes that a start by itself does not. */
export interface NodeSettings {
  /** At most 50; absent: one. */
  readonly names?: readonly string[];
  /** How executor pods are run; absent: by a kubectl, where there is one. */
  readonly executor?: (options: SimulatedKubectlOptions) => Executor;
  /** Stands between the node and whichever executor it has. */
  readonly aroundExecutor?: (executor: Executor) => Executor;
}

/** What a cluster that others can reach is started with. */
export interface ClusterOptions {
  readonly clock: TrackedClock;
  /** 0: any that is free. */
  readonly apiPort: number;
  readonly workspace: Workspace;
  /** The process's: where programs are looked for. */
  readonly environment: Variables;
  /** Of this user, kept between starts. */
  readonly cacheDirectory: string;
  readonly nodes?: NodeSettings | undefined;
}
