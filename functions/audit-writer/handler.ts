import type { Kysely } from 'kysely';
import { connectDatabase } from '../../shared/audit/connect.ts';
import { auditEventSchema, type AuditEvent } from '../../shared/audit/event.ts';
import { migrate } from '../../shared/audit/migrations.ts';
import { isRefusedForGood, storeAuditEvents } from '../../shared/audit/store.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { openPorts, type FunctionPorts, type Variables } from '../../shared/function-ports.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import type { Delivery } from '../../shared/reconciler/delivery.ts';
import { createQueueHandler, type QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { retrySettings } from '../../shared/reconciler/retry.ts';
import { errorFields, type Logger } from '../../shared/telemetry/logger.ts';

export interface Ports extends Omit<FunctionPorts, 'cluster'> {
  /** Migrated already. */
  readonly database: Kysely<Database>;
}

const receivesMax = 100; // serverless.yml: nothing else remembers an audit row
const bodyBytesMax = 65_536;

/** A batch is one transaction: all of its rows are stored, or all come again. Where the database refuses a row for what it holds, only that one does. */
export async function compose(variables: Variables, ports: Partial<Ports> = {}): Promise<QueueHandler> {
  const environment = parseEnvironment(variables, ports.database === undefined ? ['database'] : []);
  const database = ports.database ?? (await connectDatabase(environment));
  if (ports.database === undefined) await migrate(database);
  const opened = openPorts('audit-writer', environment, ports);
  return createQueueHandler({
    ...opened,
    queue: 'audit',
    body: { schema: auditEventSchema, bodyBytesMax },
    settings: retrySettings(environment, receivesMax),
    work: { handleBatch: (deliveries) => storeBatch(database, deliveries, opened.logger) },
  });
}

type Row = Delivery<AuditEvent>;

async function storeBatch(database: Kysely<Database>, rows: readonly Row[], logger: Logger): Promise<readonly string[]> {
  try {
    await storeAuditEvents(
      database,
      rows.map(({ body }) => body),
    );
    return [];
  } catch (error) {
    if (rows.length === 1 || !isRefusedForGood(error)) throw error;
  }
  const refused: string[] = [];
  for (const row of rows) {
    if (!(await isStored(database, row, logger))) refused.push(row.messageId);
  }
  return refused;
}

async function isStored(database: Kysely<Database>, { body, messageId }: Row, logger: Logger): Promise<boolean> {
  try {
    await storeAuditEvents(database, [body]);
    return true;
  } catch (error) {
    logger.warn('row not stored', { messageId, type: body.type, ...errorFields(error) });
    return false;
  }
}

export const handler = lazily(() => compose(process.env));
