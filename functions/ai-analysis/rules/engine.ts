import { candidatesMax, type Answer } from '../answer.ts';
import type { AnalysisProvider, Question } from '../provider.ts';
import { badConfig } from './bad-config.ts';
import { crashLoop } from './crash-loop.ts';
import type { Detector } from './detector.ts';
import { memoryPressure } from './memory-pressure.ts';

/** In the order of what is worth trying first when several are seen: the more specific cause before the more general. */
const detectors: readonly Detector[] = [memoryPressure, badConfig, crashLoop];

export const rulesModel = 'rules-1';

/** The embedded investigator: rules over facts of the API, the same answer for the same question. Pure. */
export function analyseByRules(question: Question): Answer {
  const diagnoses = detectors.map((detect) => detect(question)).filter((diagnosis) => diagnosis !== null);
  const [first] = diagnoses;
  return {
    model: rulesModel,
    tokens: 0,
    findings: diagnoses.map(({ finding }) => finding),
    summary: first?.summary ?? 'Nothing that the rules know was found',
    rootCause: first?.rootCause ?? 'Unknown',
    recommendation: first?.recommendation ?? 'Look at the workload yourself',
    candidates: diagnoses.flatMap(({ candidates }) => candidates).slice(0, candidatesMax),
  };
}

export const rulesProvider: AnalysisProvider = { name: 'rules', investigate: (question) => Promise.resolve(analyseByRules(question)) };
