import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionsSchema, mergeConditions, upperCamel, type Condition, type ConditionUpdate } from './condition.ts';

const before = '2026-01-15T10:35:00Z';
const now = '2026-01-15T10:35:20Z';
const ready: Condition = { type: 'Ready', status: 'False', reason: 'Validating', message: '', observedGeneration: 1, lastTransitionTime: before };

describe('merging conditions', () => {
  it.each<[sentence: string, update: ConditionUpdate, after: Partial<Condition>]>([
    [
      'moves the time when the status flips',
      { type: 'Ready', status: 'True', reason: 'Completed' },
      { status: 'True', reason: 'Completed', lastTransitionTime: now },
    ],
    [
      'keeps the time when only the reason changes',
      { type: 'Ready', status: 'False', reason: 'Executing' },
      { reason: 'Executing', lastTransitionTime: before },
    ],
    ['takes a message', { type: 'Ready', status: 'False', reason: 'Validating', message: 'why' }, { message: 'why', lastTransitionTime: before }],
    ['masks a message', { type: 'Ready', status: 'False', reason: 'Validating', message: 'password=hunter2' }, { message: 'password=[masked]' }],
  ])('%s', (_sentence, update, after) => {
    expect(mergeConditions([ready], [update], { now, observedGeneration: 1 })).toEqual([{ ...ready, ...after }]);
  });

  it('appends a new type and leaves the others', () => {
    const stalled = { type: 'Stalled', status: 'True', reason: 'RetriesExhausted', message: 'boom' } as const;
    expect(mergeConditions([ready], [stalled], { now, observedGeneration: 2 })).toEqual([
      ready,
      { ...stalled, observedGeneration: 2, lastTransitionTime: now },
    ]);
    expect(mergeConditions(undefined, [stalled], { now })).toEqual([{ ...stalled, lastTransitionTime: now }]);
  });

  it('returns the very same list when nothing changes, so that nothing is written', () => {
    const current = [ready];
    expect(mergeConditions(current, [{ type: 'Ready', status: 'False', reason: 'Validating' }], { now, observedGeneration: 1 })).toBe(current);
    expect(mergeConditions(current, [], { now })).toBe(current);
  });

  it('lets the last update of a type win', () => {
    const updates: ConditionUpdate[] = [
      { type: 'Ready', status: 'True', reason: 'Completed' },
      { type: 'Ready', status: 'False', reason: 'Validating' },
    ];
    expect(mergeConditions([ready], updates, { now, observedGeneration: 1 })).toMatchObject([{ status: 'False', reason: 'Validating' }]);
  });

  it('drops the oldest rather than the status when there are too many', () => {
    const many = Array.from({ length: 16 }, (_, index): Condition => ({
      ...ready,
      type: `T${index}`,
      lastTransitionTime: index === 7 ? '2025-01-01T00:00:00Z' : before,
    }));
    const merged = mergeConditions(many, [{ type: 'Ready', status: 'True', reason: 'Completed' }], { now });
    expect(merged).toHaveLength(16);
    expect(merged.map(({ type }) => type)).not.toContain('T7');
    expect(merged.at(-1)).toMatchObject({ type: 'Ready' });
  });

  it('is idempotent, has each type once, and what it makes fits the schema', () => {
    const anUpdate = fc.record({
      type: fc.constantFrom('Ready', 'Succeeded', 'Stalled', 'Planned'),
      status: fc.constantFrom('True', 'False', 'Unknown' as const),
      reason: fc.constantFrom('Running', 'Completed'),
      message: fc.string({ unit: 'grapheme', maxLength: 2_000 }),
    });
    fc.assert(
      fc.property(fc.array(anUpdate), fc.array(anUpdate), (first, second) => {
        const once = mergeConditions(mergeConditions([], first, { now: before }), second, { now });
        expect(mergeConditions(once, second, { now: '2026-01-16T00:00:00Z' }).map(({ status }) => status)).toEqual(once.map(({ status }) => status));
        expect(new Set(once.map(({ type }) => type)).size).toBe(once.length);
        expect(conditionsSchema.safeParse(once).success).toBe(true);
      }),
    );
  });
});

it.each([
  ['dry_run_failed', 'DryRunFailed'],
  ['cancelled', 'Cancelled'],
  ['rolling_back', 'RollingBack'],
  ['', ''],
])('reason %j reads %j in a condition', (reason, word) => {
  expect(upperCamel(reason)).toBe(word);
});
