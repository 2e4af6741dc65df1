import type { Kysely } from 'kysely';
import type { Database } from '../../../shared/audit/tables.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Variables } from '../../../shared/function-ports.ts';
import type { RunningStack } from '../../local/stack/running-stack.ts';
import type { Connection } from '../operator/connection.ts';
import type { Stage } from '../queues/stage.ts';
import type { Verdict } from './finding.ts';

/** An installation that is looked at. What cannot even be opened throws an OperatorFailure when it is asked for. */
export interface Patient {
  readonly variables: Variables;
  readonly systemNamespace: string;
  readonly connection: () => Connection;
  readonly stage: () => Stage;
  /** The audit's; null: nothing says where it is. */
  readonly openDatabase: (() => Promise<Kysely<Database>>) | null;
  /** The stack of npm start whose cluster this is; null: any other. */
  readonly local: RunningStack | null;
  readonly clock: Clock;
}

export interface Check {
  readonly name: string;
  /** A check that must not have failed, or this one has nothing to look at. */
  readonly needs?: string;
  /** At least one verdict. Trouble is thrown, and becomes a failure of this check alone. */
  readonly look: (patient: Patient) => Promise<readonly Verdict[]>;
}
