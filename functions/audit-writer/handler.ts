import type { Kysely } from 'kysely';
import { connectDatabase } from '../../shared/audit/connect.ts';
import { auditEventSchema } from '../../shared/audit/event.ts';
import { migrate } from '../../shared/audit/migrations.ts';
import { storeAuditEvents } from '../../shared/audit/store.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { openPorts, type FunctionPorts, type Variables } from '../../shared/function-ports.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import { createQueueHandler, type QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { retrySettings } from '../../shared/reconciler/retry.ts';

export interface Ports extends Omit<FunctionPorts, 'cluster'> {
  /** Migrated already. */
  readonly database: Kysely<Database>;
}

const receivesMax = 100; // serverless.yml: nothing else remembers an audit row
const bodyBytesMax = 65_536;

/** A batch is one transaction: all of its rows are stored, or all come again. */
export async function compose(variables: Variables, ports: Partial<Ports> = {}): Promise<QueueHandler> {
  const environment = parseEnvironment(variables, ports.database === undefined ? ['database'] : []);
  const database = ports.database ?? (await connectDatabase(environment));
  if (ports.database === undefined) await migrate(database);
  return createQueueHandler({
    ...openPorts('audit-writer', environment, ports),
    queue: 'audit',
    body: { schema: auditEventSchema, bodyBytesMax },
    settings: retrySettings(environment, receivesMax),
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
