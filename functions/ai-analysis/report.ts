import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import { reportBytesMax, type InvestigationReport } from '../../shared/api/investigation.ts';
import { jsonBytesOf } from '../../shared/api/json.ts';
import type { Recommendation } from '../../shared/api/recommendation.ts';
import { boundedText, cutText, textBytesMax } from '../../shared/api/text.ts';
import { recommendationId } from './draft.ts';

const alternativesMax = 5;
const notCheckedMax = 10;

/** What happened, why, what to do, what else would do, and what nobody looked at. At most 10,240 bytes. Pure. */
export function reportOf({ spec, status }: AIAnalysis, ranked: readonly Recommendation[], notChecked: readonly string[]): InvestigationReport {
  const { summary = '', rootCause = '', recommendation = '' } = status?.investigationReport ?? {};
  const [top, ...others] = ranked;
  const unread = spec.missing.map(({ source, reason }) => `${source}: ${reason}`);
  return fitting({
    summary,
    rootCause,
    recommendation: adviceOf(top, recommendation),
    alternatives: others.slice(0, alternativesMax).map(({ description }) => description),
    notChecked: [...notChecked, 'free capacity of the nodes', ...unread].slice(0, notCheckedMax).map(boundedText),
  });
}

/** The investigator's sentence speaks of its own first candidate; another that came first speaks for itself. */
function adviceOf(top: Recommendation | undefined, said: string): string {
  if (top === undefined) return 'No action of the catalogue is recommended';
  return top.id === recommendationId(0) ? said : top.description;
}

/** Eighteen texts of 1,024 bytes are too many, and a control character takes six bytes as JSON: all are cut alike until the whole fits. */
function fitting(report: InvestigationReport): InvestigationReport {
  let fits = report;
  for (let bytesMax = textBytesMax; jsonBytesOf(fits) > reportBytesMax; bytesMax = Math.floor(bytesMax / 2)) {
    const cut = (texts: readonly string[]) => texts.map((text) => cutText(text, bytesMax));
    const [summary = '', rootCause = '', recommendation = ''] = cut([report.summary, report.rootCause, report.recommendation]);
    fits = { summary, rootCause, recommendation, alternatives: cut(report.alternatives), notChecked: cut(report.notChecked) };
  }
  return fits;
}
