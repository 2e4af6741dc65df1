import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonBytesOf, type JsonObject } from '../api/json.ts';
import { auditId } from './audit-id.ts';
import { cutPayload, draftAuditEvent, payloadBytesMax, type AuditDraft } from './draft.ts';
import { auditEventSchema } from './event.ts';

const draft: AuditDraft = {
  time: '2026-01-15T10:35:20Z',
  cluster: 'primary-cluster',
  correlationId: 'rr1',
  requestName: 'rr-1',
  kind: 'KubernetesExecution',
  namespace: 'kubernaut-system',
  name: 'rr-1-workflow-scale',
  uid: 'ke1',
  type: 'execution.intent',
  actor: { kind: 'system', name: 'kubernetes-execution' },
  phaseFrom: 'executing',
  phaseTo: 'executing',
  reason: '',
  message: 'makes a Job',
  resourceVersion: '41',
};

describe('the id of a row', () => {
  it('is the same for the same parts and another for others', () => {
    expect(auditId(['ke1', 'execution.intent', '41'])).toBe(auditId(['ke1', 'execution.intent', '41']));
    expect(auditId(['ke1', 'execution.intent', '42'])).not.toBe(auditId(['ke1', 'execution.intent', '41']));
  });

  it('does not let a part run into its neighbour', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 4 }), fc.array(fc.string(), { maxLength: 4 }), (a, b) => {
        expect(auditId(a) === auditId(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

describe('a drafted row', () => {
  it('is what the queue takes', () => {
    expect(auditEventSchema.safeParse(draftAuditEvent({ ...draft, payload: { argv: ['scale'], absent: undefined } }, ['ke1'])).error).toBeUndefined();
  });

  it('holds no secret, neither in its message nor in its payload', () => {
    const row = draftAuditEvent({ ...draft, message: 'token=abcdef0123456789', payload: { argv: ['--password=hunter22'], nested: { apiKey: 'k-123' } } }, [
      'ke1',
    ]);
    expect(JSON.stringify(row)).not.toMatch(/abcdef0123456789|hunter22|k-123/);
  });

  it('stays within the bounds of its queue, whatever it is given', () => {
    const row = draftAuditEvent(
      {
        ...draft,
        message: 'é'.repeat(5_000),
        reason: 'r'.repeat(200),
        payload: { log: '"'.repeat(200_000), plan: { steps: Array.from({ length: 5_000 }, (_, index) => ({ index })) }, digest: 'sha256:abc' },
      },
      ['ke1'],
    );
    expect(auditEventSchema.safeParse(row).error).toBeUndefined();
    expect(jsonBytesOf(row.payload)).toBeLessThanOrEqual(payloadBytesMax);
    expect(jsonBytesOf(row)).toBeLessThanOrEqual(65_536);
    expect(row.payload).toMatchObject({ digest: 'sha256:abc', log: expect.stringMatching(/ \[cut\]$/) });
  });
});

describe('a payload that is too large', () => {
  it('loses the end of its largest members, and what fits stays as it is', () => {
    const payload: JsonObject = { digest: 'sha256:abc', log: 'x'.repeat(100) };
    expect(cutPayload(payload, 1_000)).toBe(payload);
    expect(cutPayload(payload, 90)).toEqual({ digest: 'sha256:abc', log: `${'x'.repeat(44)} [cut]` });
  });

  it('always fits, even when it is nothing but small members', () => {
    const dictionary = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 40 });
    fc.assert(
      fc.property(dictionary, fc.integer({ min: 64, max: 400 }), (payload, bytesMax) => {
        expect(jsonBytesOf(cutPayload(payload as JsonObject, bytesMax))).toBeLessThanOrEqual(bytesMax);
      }),
    );
  });
});
