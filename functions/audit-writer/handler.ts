import type { Kysely } from 'kysely';
import { connectDatabase } from '../../shared/audit/connect.ts';
import { auditEventSchema } from '../../shared/audit/event.ts';
import { migrate } from '../../shared/audit/migrations.ts';
import { storeAuditEvents } from '../../shared/audit/store.ts';
import type { Database } from '../../shared/audit/tables.ts';
import type { Clock } from '../../shared/clock.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { connectQueues } from '../../shared/queue/sqs.ts';
import { createQueueHandler, type QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { systemClock } from '../../shared/system-clock.ts';
import { createLogger, type Logger } from '../../shared/telemetry/logger.ts';
import { createMetrics, type Metrics } from '../../shared/telemetry/metrics.ts';

export interface Ports {
  /** Migrated already. */
  readonly database: Kysely<Database>;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
}

const receivesMax = 100; // serverless.yml: nothing else remembers an audit row
const bodyBytesMax = 65_536;

/** A batch is one transaction: all of its rows are stored, or all come again. */
export async function compose(variables: Readonly<Record<string, string | undefined>>, ports: Partial<Ports> = {}): Promise<QueueHandler> {
  const environment = parseEnvironment(variables, ports.database === undefined ? ['database'] : []);
  const database = ports.database ?? (await connectDatabase(environment));
  if (ports.database === undefined) await migrate(database);
  return createQueueHandler({
    queue: 'audit',
    queues: ports.queues ?? connectQueues(environment),
    clock: ports.clock ?? systemClock,
    logger: ports.logger ?? createLogger('audit-writer', environment.KUBERNAUT_LOG_LEVEL),
    metrics: ports.metrics ?? createMetrics('audit-writer'),
    random: ports.random ?? Math.random,
    body: { schema: auditEventSchema, bodyBytesMax },
    settings: { receivesMax, retryBaseSeconds: environment.KUBERNAUT_RETRY_BASE_SECONDS, retryMaxSeconds: environment.KUBERNAUT_RETRY_MAX_SECONDS },
    work: {
      async handleBatch(deliveries) {
        await storeAuditEvents(
          database,
          deliveries.map(({ body }) => body),
        );
        return [];
      },
    },
  });
}

export const handler = lazily(() => compose(process.env));
