import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { migrate } from '../../shared/audit/migrations.ts';
import { storeAuditEvents } from '../../shared/audit/store.ts';
import { readSuccessRates } from '../../shared/audit/success-rates.ts';
import type { Database } from '../../shared/audit/tables.ts';

let database: Kysely<Database>;

beforeAll(async () => {
  database = new Kysely<Database>({ dialect: new PGliteDialect({ pglite: new PGlite() }) });
  await migrate(database);
});
afterAll(() => database.destroy());

const row = (id: number, type: string, request: string, payload: AuditEvent['payload']): AuditEvent => ({
  id: `00000000-0000-5000-8000-${String(id).padStart(12, '0')}`,
  time: '2026-01-15T10:35:45Z',
  cluster: 'primary-cluster',
  correlationId: request,
  requestName: 'rr-1',
  kind: 'WorkflowExecution',
  namespace: 'kubernaut-system',
  name: 'rr-1-workflow',
  uid: 'w1',
  type,
  actor: { kind: 'system', name: 'workflow-execution' },
  phaseFrom: 'executing',
  phaseTo: 'executing',
  reason: '',
  message: '',
  payload,
  resourceVersion: '1',
});
const finished = (id: number, request: string, overrides: Readonly<Record<string, string | boolean | number>> = {}) =>
  row(id, 'workflow.step_finished', request, {
    executionUid: `ke-${id}`,
    action: 'scale_deployment',
    category: 'scaling',
    namespace: 'production',
    targetKind: 'Deployment',
    targetName: 'payment-api',
    environment: 'production',
    success: true,
    jobRan: true,
    durationMilliseconds: 30_000.4,
    finishedAt: '2026-01-15T10:35:45Z',
    ...overrides,
  });
const outcomesOf = (request: string) =>
  database
    .selectFrom('action_outcome')
    .select(['execution_uid', 'success', 'outcome', 'rolled_back', 'duration_ms'])
    .where('request_uid', '=', request)
    .execute();

describe('the audit store', () => {
  it('ignores a row whose id it has', async () => {
    await storeAuditEvents(database, [row(1, 'request.created', 'r0', undefined)]);
    await storeAuditEvents(database, [row(1, 'request.created', 'r0', undefined), row(2, 'request.completed', 'r0', undefined)]);
    const types = await database.selectFrom('audit_event').select('type').where('correlation_id', '=', 'r0').orderBy('type').execute();
    expect(types).toEqual([{ type: 'request.completed' }, { type: 'request.created' }]);
  });

  it('derives the same outcome whatever the order of its rows', async () => {
    const rows = (request: string, from: number) => [
      finished(from, request),
      row(from + 1, 'workflow.rollback', request, { undoneExecutionUid: `ke-${from}` }),
      row(from + 2, 'request.outcome', request, { outcome: 'inconclusive' }),
    ];
    await storeAuditEvents(database, rows('r1', 10));
    for (const late of rows('r2', 20).toReversed()) await storeAuditEvents(database, [late]);
    const expected = (uid: string) => [{ execution_uid: uid, success: true, outcome: 'inconclusive', rolled_back: true, duration_ms: 30_000 }];
    expect(await outcomesOf('r1')).toEqual(expected('ke-10'));
    expect(await outcomesOf('r2')).toEqual(expected('ke-20'));
  });

  it('makes no outcome of a step that failed before its Job ran', async () => {
    await storeAuditEvents(database, [finished(30, 'r3', { success: false, jobRan: false })]);
    expect(await outcomesOf('r3')).toEqual([]);
  });

  it('counts successes by action and by category, without what was undone, inconclusive or too long ago', async () => {
    await database.deleteFrom('action_outcome').execute();
    await storeAuditEvents(database, [
      finished(40, 'r4'),
      finished(41, 'r5', { success: false }),
      finished(42, 'r6'),
      row(43, 'request.outcome', 'r6', { outcome: 'inconclusive' }),
      finished(44, 'r7', { finishedAt: '2025-09-01T00:00:00Z' }),
      finished(45, 'r8', { action: 'scale_statefulset' }),
    ]);
    const rates = await readSuccessRates(database, { actions: ['scale_deployment', 'restart_pod'], categories: ['scaling'], now: '2026-01-16T00:00:00Z' });
    expect(rates).toEqual({
      actions: { scale_deployment: { samples: 3, successes: 1 } },
      categories: { scaling: { samples: 4, successes: 2 } },
    });
  });

  it('asks for nothing when nothing is asked', async () => {
    expect(await readSuccessRates(database, { actions: [], categories: [], now: '2026-01-16T00:00:00Z' })).toEqual({ actions: {}, categories: {} });
  });
});
