import type { Kysely } from 'kysely';
import { connectDatabase } from '../../shared/audit/connect.ts';
import { readSuccessRates } from '../../shared/audit/success-rates.ts';
import type { Database } from '../../shared/audit/tables.ts';
import type { FunctionPorts, Variables } from '../../shared/function-ports.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import { composeReconciler } from '../../shared/reconciler/compose.ts';
import type { QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import type { Ports as PhasePorts } from './ports.ts';
import { errorFields } from '../../shared/telemetry/logger.ts';
import type { AnalysisProvider } from './provider.ts';
import { analysisRoom } from './room.ts';
import { rulesProvider } from './rules/engine.ts';

export interface Ports extends FunctionPorts {
  readonly database: Kysely<Database>;
  /** Beside the embedded rules, by name. */
  readonly providers: Readonly<Record<string, AnalysisProvider>>;
}

export function compose(variables: Variables, ports: Partial<Ports> = {}): Promise<QueueHandler> {
  const needs = ports.database === undefined ? (['database'] as const) : [];
  return composeReconciler('ai-analysis', { variables, ports, needs }, async ({ environment, cluster, clock, logger }) => {
    const database = ports.database ?? (await connectDatabase(environment));
    const phasePorts: PhasePorts = {
      cluster,
      clock,
      providers: { ...ports.providers, [rulesProvider.name]: rulesProvider },
      readRates: (question) =>
        readSuccessRates(database, question).catch((error: unknown) => {
          logger.warn('past outcomes not read', errorFields(error)); // the analysis goes on as if there were none, and nothing else would say why
          throw error;
        }),
    };
    return { room: analysisRoom, ports: phasePorts };
  });
}

export const handler = lazily(() => compose(process.env));
