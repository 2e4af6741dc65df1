import type { TrackedClock } from '../tracked-clock.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import type { Workspace } from './workspace.ts';

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
}
