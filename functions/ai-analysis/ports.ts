import type { Instant } from '../../shared/api/time.ts';
import type { SuccessRates } from '../../shared/audit/success-rates.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import type { AnalysisProvider } from './provider.ts';

export interface RatesQuestion {
  readonly actions: readonly string[];
  readonly categories: readonly string[];
  readonly now: Instant;
}

export interface Ports {
  readonly cluster: Pick<ClusterReader, 'get' | 'list'>;
  /** Rejects when the database is away; the ranking then goes on without history. */
  readonly readRates: (question: RatesQuestion) => Promise<SuccessRates>;
  /** By name; the embedded rules are always there. */
  readonly providers: Readonly<Record<string, AnalysisProvider>>;
  /** How long a provider may take is measured by it. */
  readonly clock: Pick<Clock, 'sleep'>;
}
