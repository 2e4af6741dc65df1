import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAuditRow } from '../../test/support/audit-rows.ts';
import { embeddedDatabase } from '../../infra/local/stack/database.ts';
import type { AuditEvent } from '../../shared/audit/event.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { silentLogger, type LogFields } from '../../shared/telemetry/logger.ts';
import { silentMetrics } from '../../shared/telemetry/metrics.ts';
import { aRecord, anEvent, stillClock } from '../../test/support/kernel.ts';
import { queuesTwin } from '../../test/support/queues-twin.ts';
import { compose } from './handler.ts';

let database: Kysely<Database>;
beforeAll(async () => {
  database = await embeddedDatabase();
});
afterAll(() => database.destroy());

let count = 0;
/** A row of its own id. */
function aRow(request: string, overrides: Partial<AuditEvent> = {}): AuditEvent {
  count += 1;
  return anAuditRow({ id: `00000000-0000-5000-8000-${String(count).padStart(12, '0')}`, correlationId: request, ...overrides });
}

/** The messages that come again, by their place; and what was said about them. */
async function write(rows: readonly unknown[], over: Kysely<Database> = database) {
  const warnings: LogFields[] = [];
  const queues = queuesTwin();
  const logger = { ...silentLogger, warn: (message: string, fields?: LogFields) => void warnings.push({ message, ...fields }) };
  const ports = { queues, clock: stillClock(), logger, metrics: silentMetrics, random: () => 0, database: over };
  const handler = await compose({ KUBERNAUT_QUEUE_URL_PREFIX: 'http://queues.invalid/' }, ports);
  const records = rows.map((row, index) => aRecord(row, { messageId: `m${index}` }));
  const { batchItemFailures } = await handler(anEvent(...records), { getRemainingTimeInMillis: () => 30_000 });
  return { again: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), warnings, buried: queues.raw.map(({ attributes }) => attributes['field']) };
}

const stored = (request: string) =>
  database.selectFrom('audit_event').select(['message', 'payload']).where('correlation_id', '=', request).orderBy('id').execute();

describe('the audit writer', () => {
  it('stores a batch, and once what comes twice', async () => {
    const rows = [aRow('batch', { message: 'a' }), aRow('batch', { message: 'b' })];
    expect(await write(rows)).toMatchObject({ again: [] });
    expect(await write([...rows, ...rows])).toMatchObject({ again: [] });
    expect((await stored('batch')).map(({ message }) => message)).toEqual(['a', 'b']);
  });

  it.each<[sentence: string, message: string, shown: string]>([
    ['a NUL, which no text of PostgreSQL may hold', 'pod \u0000 died', 'pod \uFFFD died'],
    ['half of a surrogate pair', 'pod \ud83d died', 'pod \uFFFD died'],
    ['words for a database', "'; drop table audit_event; --", "'; drop table audit_event; --"],
  ])('stores a row with %s', async (sentence, message, shown) => {
    const payload = { [`key of ${message}`]: [message, { deep: message }] };
    expect(await write([aRow(sentence, { message, payload })])).toMatchObject({ again: [] });
    expect(await stored(sentence)).toEqual([{ message: shown, payload: { [`key of ${shown}`]: [shown, { deep: shown }] } }]);
  });

  it('asks for the one row again that the database refuses, and stores its neighbours', async () => {
    const unknownYear = aRow('refused', { time: '0000-01-15T10:35:45Z', message: 'of no year' });
    const { again, warnings } = await write([aRow('refused', { message: 'a' }), unknownYear, aRow('refused', { message: 'b' })]);
    expect(again).toEqual(['m1']);
    expect((await stored('refused')).map(({ message }) => message)).toEqual(['a', 'b']);
    expect(warnings[0]).toMatchObject({ message: 'row not stored', messageId: 'm1', type: 'request.phase' });
  });

  it('does the same where what a row derives is refused', async () => {
    const payload = { executionUid: 'ke', jobRan: 'perhaps', success: 'perhaps' };
    const rows = [aRow('derived', { message: 'a' }), aRow('derived-badly', { type: 'workflow.step_finished', payload })];
    expect(await write(rows)).toMatchObject({ again: ['m1'] });
    expect((await stored('derived')).map(({ message }) => message)).toEqual(['a']);
    expect(await stored('derived-badly')).toEqual([]);
  });

  it('sends what is no row to its dead letters, and stores its neighbours', async () => {
    expect(await write(['<row/>', { ...aRow('x'), id: 'one' }, aRow('beside')])).toMatchObject({ again: [], buried: ['body', 'id'] });
    expect(await stored('beside')).toHaveLength(1);
  });

  it('asks for the whole batch again while the database is away, and tries no row by itself', async () => {
    const away = await embeddedDatabase();
    await away.destroy();
    const { again, warnings } = await write([aRow('away'), aRow('away')], away);
    expect(again).toEqual(['m0', 'm1']);
    expect(warnings.filter(({ message }) => message === 'row not stored')).toEqual([]);
  });
});
