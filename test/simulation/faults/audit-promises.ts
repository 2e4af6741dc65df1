import type { Kysely } from 'kysely';
import { isKindName } from '../../../shared/api/kinds.ts';
import type { Database } from '../../../shared/audit/tables.ts';
import { listAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { violationsOf, type Violation } from '../violation.ts';
import { biographies, type Entry } from './chronicle.ts';
import { phaseOf, realJobs } from './history-promises.ts';
import { rowOfPhase } from './rows-of-phases.ts';

/** Each change that the store saw has its row in the database. */
export async function auditViolations(entries: readonly Entry[], database: Kysely<Database>): Promise<readonly Violation[]> {
  const rows = await database.selectFrom('audit_event').select(['uid', 'type', 'phase_from', 'phase_to']).execute();
  const transitions = new Set(rows.map(({ uid, type, phase_from, phase_to }) => `${uid} ${type} ${phase_from} ${phase_to}`));
  const counts = new Map<string, number>();
  for (const { uid, type } of rows) counts.set(`${uid} ${type}`, (counts.get(`${uid} ${type}`) ?? 0) + 1);
  const outcomes = await database.selectFrom('action_outcome').select(['execution_uid', 'success', 'rolled_back']).execute();
  return [
    ...violationsOf('a row for each transition', untoldTransitions(entries, transitions)),
    ...violationsOf('a row for each step', untoldSteps(entries, counts)),
    ...violationsOf('an outcome for each act', unknownOutcomes(entries, new Map(outcomes.map((outcome) => [outcome.execution_uid, outcome])))),
  ];
}

function untoldTransitions(entries: readonly Entry[], told: ReadonlySet<string>): readonly string[] {
  return [...biographies(entries).entries()].flatMap(([uid, life]) =>
    life.flatMap(({ object }, index) => {
      const from = phaseOf(life[index - 1]?.object);
      const to = phaseOf(object);
      const type = from !== to && isKindName(object.kind) ? rowOfPhase(object.kind, to) : null;
      return type === null || told.has(`${uid} ${type} ${from} ${to}`) ? [] : [`${object.metadata.name} went from "${from}" to "${to}" without a row ${type}`];
    }),
  );
}

const stepRows: Readonly<Record<string, string>> = { completed: 'workflow.step_finished', failed: 'workflow.step_finished' };

/** A row for each step that began and each that ended, by count: they name the step in their payload. */
function untoldSteps(entries: readonly Entry[], counts: ReadonlyMap<string, number>): readonly string[] {
  return [...biographies(entries).entries()].flatMap(([uid, life]) => {
    const last = life.at(-1)?.object;
    if (last?.kind !== 'WorkflowExecution') return [];
    const steps = listAt(last, 'status', 'stepStatuses').filter((step) => stringAt(step, 'executionRef', 'uid') !== null);
    const begun = steps.length;
    const ended = steps.filter((step) => stepRows[stringAt(step, 'phase') ?? ''] !== undefined || stringAt(step, 'phase') === 'rolled_back').length;
    const has = (type: string) => counts.get(`${uid} ${type}`) ?? 0;
    return [
      ...(has('workflow.step_started') < begun ? [`${last.metadata.name} began ${begun} steps and told of ${has('workflow.step_started')}`] : []),
      ...(has('workflow.step_finished') < ended ? [`${last.metadata.name} ended ${ended} steps and told of ${has('workflow.step_finished')}`] : []),
    ];
  });
}

type Outcome = { readonly success: boolean; readonly rolled_back: boolean };

/** What an action came to is what the next analysis reads (api.md §11). */
function unknownOutcomes(entries: readonly Entry[], outcomes: ReadonlyMap<string, Outcome>): readonly string[] {
  const lives = biographies(entries);
  const acted = new Set(realJobs(lives).flatMap(([first]) => first?.object.metadata.ownerReferences?.map(({ uid }) => uid) ?? []));
  return [...acted].flatMap((uid) => {
    const execution = lives.get(uid)?.at(-1)?.object;
    if (execution === undefined || stringAt(execution, 'spec', 'rollbackOf') !== null) return [];
    const outcome = outcomes.get(uid);
    if (outcome === undefined) return [`${execution.metadata.name} acted, and no outcome is known of it`];
    const succeeded = phaseOf(execution) === 'completed';
    return outcome.success && !succeeded ? [`${execution.metadata.name} is ${phaseOf(execution)} and counts as a success`] : [];
  });
}
