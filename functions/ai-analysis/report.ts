import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import { jsonBytesOf } from '../../shared/api/json.ts';
import { reportBytesMax, type InvestigationReport } from '../../shared/api/investigation.ts';
import type { Recommendation } from '../../shared/api/recommendation.ts';
import { cutText } from '../../shared/api/text.ts';
import { recommendationId } from './draft.ts';

const alternativesMax = 5;
const notCheckedMax = 10;
const shortTextBytesMax = 512;

/** What happened, why, what to do, what else would do, and what nobody looked at. At most 10,240 bytes. Pure. */
export function reportOf({ spec, status }: AIAnalysis, ranked: readonly Recommendation[], notChecked: readonly string[]): InvestigationReport {
  const { summary = '', rootCause = '', recommendation = '' } = status?.investigationReport ?? {};
  const [top, ...others] = ranked;
  const unread = spec.missing.map(({ source, reason }) => `${source}: ${reason}`);
  const report = {
    summary,
    rootCause,
    recommendation: adviceOf(top, recommendation),
    alternatives: others.slice(0, alternativesMax).map(({ description }) => description),
    notChecked: [...unread, ...notChecked, 'free capacity of the nodes'].slice(0, notCheckedMax),
  };
  return jsonBytesOf(report) <= reportBytesMax ? report : shortened(report);
}

/** The investigator's sentence speaks of its own first candidate; another that came first speaks for itself. */
function adviceOf(top: Recommendation | undefined, said: string): string {
  if (top === undefined) return 'No action of the catalogue is recommended';
  return top.id === recommendationId(0) ? said : top.description;
}

function shortened({ alternatives, notChecked, ...report }: InvestigationReport): InvestigationReport {
  const short = (texts: readonly string[]) => texts.map((text) => cutText(text, shortTextBytesMax));
  return { ...report, alternatives: short(alternatives), notChecked: short(notChecked) };
}
