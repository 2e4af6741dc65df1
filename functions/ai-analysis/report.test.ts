import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { investigationReportSchema } from '../../shared/api/investigation.ts';
import { jsonBytesOf } from '../../shared/api/json.ts';
import { boundedText } from '../../shared/api/text.ts';
import { aJudged, anAnalysisWith } from '../../test/support/analyses.ts';
import { reportOf } from './report.ts';

const named = (id: string, description: string) => aJudged({ id, description });

describe('the report', () => {
  it('says what happened, why, and in the investigator’s words what to do', () => {
    expect(reportOf(anAnalysisWith('recommending', []), [aJudged()], [])).toEqual({
      summary: 'Memory pressure causing OOM events',
      rootCause: 'Insufficient memory limits for current workload',
      recommendation: 'Scale deployment to distribute load',
      alternatives: [],
      notChecked: ['free capacity of the nodes'],
    });
  });

  it('lets another recommendation that came first speak for itself', () => {
    const ranked = [named('rec-002', 'Raise the limit'), named('rec-001', 'Scale out')];
    expect(reportOf(anAnalysisWith('recommending', []), ranked, [])).toMatchObject({ recommendation: 'Raise the limit', alternatives: ['Scale out'] });
  });

  it('recommends nothing where nothing is left', () => {
    expect(reportOf(anAnalysisWith('recommending', []), [], [])).toMatchObject({
      recommendation: 'No action of the catalogue is recommended',
      alternatives: [],
    });
  });

  it('names five alternatives at most, and ten things that nobody looked at, our own first', () => {
    const ranked = Array.from({ length: 10 }, (_, index) => named(`rec-0${index + 10}`, `${index}`));
    const missing = Array.from({ length: 16 }, (_, index) => ({ source: `s${index}`, reason: 'forbidden' }));
    const report = reportOf(anAnalysisWith('recommending', [], { spec: { missing } }), ranked, ['quotas']);
    expect(report.alternatives).toEqual(['1', '2', '3', '4', '5']);
    expect(report.notChecked).toEqual(['quotas', 'free capacity of the nodes', ...Array.from({ length: 8 }, (_, index) => `s${index}: forbidden`)]);
  });

  it('never exceeds its bytes nor those of a text, whatever the texts hold', () => {
    const anyText = fc
      .oneof(fc.string({ unit: 'binary', maxLength: 1_500 }), fc.constantFrom('\u0001'.repeat(1_024), '"'.repeat(1_024), '€'.repeat(400)))
      .map(boundedText);
    const anyTexts = fc.record({ summary: anyText, rootCause: anyText, recommendation: anyText });
    fc.assert(
      fc.property(anyTexts, fc.array(anyText, { maxLength: 10 }), fc.array(anyText, { maxLength: 16 }), (texts, descriptions, reasons) => {
        const missing = reasons.map((reason, index) => ({ source: `source-${index}`, reason }));
        const status = { investigationReport: { ...texts, alternatives: [], notChecked: [] } };
        const ranked = descriptions.map((description, index) => named(`rec-0${index + 10}`, description));
        const report = reportOf(anAnalysisWith('recommending', [], { spec: { missing }, status }), ranked, []);
        expect(jsonBytesOf(report)).toBeLessThanOrEqual(10_240);
        expect(investigationReportSchema.safeParse(report).success).toBe(true);
      }),
    );
  });
});
