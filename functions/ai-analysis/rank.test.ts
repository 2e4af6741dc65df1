import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Degree, HistoricalTier, SafetyLevel, type Recommendation } from '../../shared/api/recommendation.ts';
import { aJudged } from '../../test/support/analyses.ts';
import { inOrder, rankOf } from './rank.ts';

const scored = (overrides: Partial<Recommendation>) =>
  aJudged({ confidence: 0.92, historicalSuccessRate: 0.85, historicalTier: 'action', feasibility: 'high', impact: 'high', ...overrides });

const anyRecommendation = fc
  .record({
    id: fc.integer({ min: 1, max: 10 }).map((index) => `rec-${String(index).padStart(3, '0')}`),
    confidence: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    historicalSuccessRate: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    historicalTier: fc.constantFrom(...HistoricalTier),
    feasibility: fc.constantFrom(...Degree),
    impact: fc.constantFrom(...Degree),
    safetyLevel: fc.constantFrom(...SafetyLevel),
  })
  .map((fields) => aJudged(fields));
const anyRecommendations = fc.uniqueArray(anyRecommendation, { maxLength: 10, selector: ({ id }) => id });

describe('rankOf', () => {
  it.each<[sentence: string, overrides: Partial<Recommendation>, rank: number]>([
    ['0.6 of the confidence and 0.4 of the action’s own success rate', {}, 0.6 * 0.92 + 0.4 * 0.85],
    ['0.75 and 0.25 for a category', { historicalTier: 'category' }, 0.75 * 0.92 + 0.25 * 0.85],
    ['0.75 and 0.25 for an environment', { historicalTier: 'environment' }, 0.75 * 0.92 + 0.25 * 0.85],
    ['0.75 and 0.25 without a history', { historicalTier: 'global' }, 0.75 * 0.92 + 0.25 * 0.85],
    ['four fifths of it at medium feasibility', { feasibility: 'medium' }, 0.8 * 0.892],
    ['half of it at low feasibility', { feasibility: 'low' }, 0.5 * 0.892],
    ['a little less at medium impact', { impact: 'medium' }, 0.95 * 0.892],
    ['less again at low impact', { impact: 'low' }, 0.9 * 0.892],
  ])('is %s', (_sentence, overrides, rank) => {
    expect(rankOf(scored(overrides))).toBeCloseTo(rank, 10);
  });

  it('lies between 0 and 1', () => {
    fc.assert(
      fc.property(anyRecommendation, (recommendation) => {
        expect(rankOf(recommendation)).toBeGreaterThanOrEqual(0);
        expect(rankOf(recommendation)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('inOrder', () => {
  const ids = (...recommendations: readonly Recommendation[]) => inOrder(recommendations).map(({ id }) => id);

  it.each<[sentence: string, second: Partial<Recommendation>, first: Partial<Recommendation>]>([
    ['the higher rank first', { id: 'rec-001', confidence: 0.8 }, { id: 'rec-002', confidence: 0.9 }],
    ['at the same rank the safer first', { id: 'rec-001', safetyLevel: 'moderate' }, { id: 'rec-002', safetyLevel: 'safe' }],
    ['moderate before dangerous', { id: 'rec-001', safetyLevel: 'dangerous' }, { id: 'rec-002', safetyLevel: 'moderate' }],
    ['rank before safety', { id: 'rec-001', confidence: 0.8, safetyLevel: 'safe' }, { id: 'rec-002', confidence: 0.9, safetyLevel: 'dangerous' }],
    ['else what the investigator named first', { id: 'rec-010' }, { id: 'rec-002' }],
  ])('puts %s', (_sentence, second, first) => {
    const expected = [first.id, second.id];
    expect(ids(scored(second), scored(first))).toEqual(expected);
    expect(ids(scored(first), scored(second))).toEqual(expected);
  });

  it('does not depend on the order in which they come, and loses none', () => {
    fc.assert(
      fc.property(anyRecommendations, fc.infiniteStream(fc.nat()), (recommendations, chance) => {
        const shuffled = recommendations.map((recommendation) => ({ recommendation, key: chance.next().value })).toSorted((a, b) => a.key - b.key);
        expect(inOrder(shuffled.map(({ recommendation }) => recommendation))).toEqual(inOrder(recommendations));
        expect(inOrder(recommendations)).toHaveLength(recommendations.length);
      }),
    );
  });
});
