import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { compose } from '../../functions/ai-analysis/handler.ts';
import type { AnalysisProvider } from '../../functions/ai-analysis/provider.ts';
import { createVirtualClock, type VirtualClock } from '../../infra/local/virtual-clock.ts';
import { parseAIAnalysis, type AIAnalysis } from '../../shared/api/ai-analysis.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { secondsBetween } from '../../shared/api/time.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { aDeployment } from './actions.ts';
import { anAnalysisIn, now, type AnalysisOverrides } from './analyses.ts';
import { clusterTwin, type ClusterTwin } from './cluster-twin.ts';
import { aMessage, aRecord, anEvent } from './kernel.ts';
import { queuesTwin, type QueuesTwin } from './queues-twin.ts';

export interface AnalysisWorld {
  readonly cluster: ClusterTwin;
  readonly queues: QueuesTwin;
  readonly clock: VirtualClock;
  /** Every request to the API server in order: 'get AIAnalysis', 'patchStatus AIAnalysis'. */
  readonly requests: readonly string[];
  /** One message of a watch: false when it is to come again. */
  pass(): Promise<boolean>;
  /** Passes as its own writes wake it, until a pass writes nothing. */
  settle(): Promise<AIAnalysis>;
  /** Time passes, and each timer that is due wakes it, and what that writes. */
  elapse(seconds: number): Promise<AIAnalysis>;
  readonly analysis: () => AIAnalysis;
  /** Seconds since the story began. */
  readonly seconds: () => number;
  events(): readonly string[];
  rows(): readonly JsonObject[];
}

const lambda = { getRemainingTimeInMillis: () => 60_000 };
const name = 'rr-1-analysis';

export interface WorldOptions extends AnalysisOverrides {
  readonly providers?: Readonly<Record<string, AnalysisProvider>>;
  /** The audit database refuses every connection. */
  readonly databaseIsAway?: boolean;
}

/** A new analysis of payment-api with its three replicas, a database without a history, and the function itself. */
export async function anAnalysisWorld({ providers = {}, databaseIsAway = false, ...overrides }: WorldOptions = {}): Promise<AnalysisWorld> {
  const clock = createVirtualClock({ start: now });
  const object = anAnalysisIn('', overrides);
  const cluster = clusterTwin([{ ...object }, aDeployment()], clock.now);
  const requests: string[] = [];
  cluster.onCall = ({ verb, kind }) => void requests.push(`${verb} ${kind}`);
  const queues = queuesTwin();
  const database = emptyDatabase(databaseIsAway);
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://127.0.0.1:9324/000000000000/' };
  const ports = { cluster, queues, clock, logger: silentLogger, metrics: silentMetrics, random: () => 0, database, providers };
  const handler = await compose(variables, ports);

  let seen = 0;
  const timers: { readonly due: number; readonly body: JsonObject }[] = [];
  const deliver = async (body: JsonObject): Promise<boolean> => {
    let failures: number | undefined;
    const handling = clock.track(async () => {
      failures = (await handler(anEvent(aRecord(body)), lambda)).batchItemFailures.length;
    });
    await clock.run(() => failures !== undefined, { virtualSeconds: 60 });
    await handling;
    const sent = queues.sent.slice(seen).filter(({ queue }) => queue === 'ai-analyses');
    seen = queues.sent.length;
    for (const message of sent) timers.push({ due: clock.milliseconds() + (message.delaySeconds ?? 0) * 1_000, body: message.body as JsonObject });
    return failures === 0;
  };
  const sleepUntil = async (milliseconds: number): Promise<void> => {
    if (milliseconds <= clock.milliseconds()) return;
    void clock.sleep(milliseconds - clock.milliseconds());
    await clock.run(() => clock.milliseconds() >= milliseconds, { virtualSeconds: 3_600 });
  };
  const stored = () => cluster.read('AIAnalysis', name);
  const world: AnalysisWorld = {
    cluster,
    queues,
    clock,
    requests,
    pass: () => deliver(aMessage({ kind: 'AIAnalysis', name })),
    async settle() {
      for (let version = ''; version !== stored()?.metadata.resourceVersion;) {
        version = stored()?.metadata.resourceVersion ?? '';
        await world.pass();
      }
      return world.analysis();
    },
    async elapse(seconds) {
      const end = clock.milliseconds() + seconds * 1_000;
      for (;;) {
        const [next] = timers.filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due);
        if (next === undefined) break;
        timers.splice(timers.indexOf(next), 1);
        await sleepUntil(next.due);
        const version = stored()?.metadata.resourceVersion;
        await deliver(next.body);
        if (stored()?.metadata.resourceVersion !== version) await world.settle();
      }
      await sleepUntil(end);
      return world.analysis();
    },
    analysis() {
      const found = stored();
      if (found === null) throw new Error('the analysis is gone');
      return parseAIAnalysis(found);
    },
    seconds: () => secondsBetween(now, clock.now()),
    events: () =>
      cluster
        .objects()
        .filter(({ kind }) => kind === 'Event')
        .map((event) => `${stringAt(event, 'type') ?? ''} ${stringAt(event, 'reason') ?? ''}`),
    rows: () => queues.sent.filter(({ queue }) => queue === 'audit').map(({ body }) => body as JsonObject),
  };
  return world;
}

class AwayDriver extends DummyDriver {
  override acquireConnection(): never {
    throw new Error('connect ECONNREFUSED 10.0.0.5:5432');
  }
}

/** Compiles queries as for PostgreSQL, and finds nothing. */
function emptyDatabase(isAway: boolean): Kysely<Database> {
  return new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => (isAway ? new AwayDriver() : new DummyDriver()),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
