import { styleText } from 'node:util';
import type { JsonValue } from '../../../shared/api/json.ts';
import type { FieldChange } from '../../local/rehearsal/difference.ts';
import { shellQuoted } from '../env.ts';
import { parameterText, stepLines } from './approvals-text.ts';
import type { ObjectChange, PlannedStep, PlanReport } from './plan-report.ts';
import { labelled } from './text-table.ts';

/** A block for each alert, for people. */
export function planLines(report: PlanReport, { colour }: { readonly colour: boolean }): readonly string[] {
  const { alert, target, environment, priority, cause, findings, investigator, steps } = report;
  const where = [target, environment, priority].filter((part) => part !== null).join(', ');
  return [
    `${alert.name} (${alert.severity}), firing since ${alert.firingSince}`,
    ...row('target', where === '' ? [] : [where]),
    ...row('cause', cause === null ? [] : [cause]),
    ...row(
      'found',
      findings.map(({ detector, confidence, summary }) => `${summary} (${detector}, ${confidence})`),
    ),
    ...row('asked', investigator === null ? [] : [investigator]),
    ...row('chosen', chosenLines(report)),
    ...row('or else', report.alternatives),
    ...row(
      'not taken',
      report.rejected.map(({ action, reason, message }) => `${action}: ${reason}: ${message}`),
    ),
    ...steps.flatMap((step, index) => row(`step ${index + 1}`, plannedLines(step, colour))),
    ...row(
      'approval',
      steps.length === 0 ? [] : report.approval.length === 0 ? ['nobody would be asked'] : report.approval.map((why) => `a person would be asked: ${why}`),
    ),
    ...row('held by', heldLines(report)),
    ...row('digest', report.digest === null ? [] : [report.digest]),
    ...row('unknown', report.notChecked),
    ...row('verdict', [verdictLine(report)]),
  ];
}

function row(name: string, lines: readonly string[]): readonly string[] {
  return labelled(name, lines);
}

function chosenLines({ action, confidence, reasons, mode, steps }: PlanReport): readonly string[] {
  if (action === null) return [];
  const many = steps.length > 1 ? `, ${steps.length} steps, ${mode ?? 'sequential'}` : '';
  return [`${action}, confidence ${confidence ?? 0}${many}`, ...reasons.map((reason) => `- ${reason}`)];
}

function heldLines({ heldBy, absorbedBy }: PlanReport): readonly string[] {
  const absorbed = absorbedBy === null ? [] : [`${absorbedBy}, which runs for this alert already and would count it`];
  return [...(heldBy === null ? [] : [`${heldBy.reason}: ${heldBy.message}${heldBy.until === null ? '' : `, until ${heldBy.until}`}`]), ...absorbed];
}

function plannedLines(step: PlannedStep, colour: boolean): readonly string[] {
  const { command, serviceAccount, undo, changes } = step;
  const runs = command.length === 0 ? [] : [`runs: ${command.map(argumentText).join(' ')} (as ${serviceAccount})`];
  const undone = command.length === 0 ? [] : [undo === null ? 'cannot be undone' : `undone by: ${undo.action} ${parameterText(undo.parameters)}`];
  return [...stepLines(step), ...changes.flatMap((change) => differenceLines(change, colour)), ...runs, ...undone];
}

function argumentText(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : shellQuoted(argument);
}

/** `spec.replicas` before and after, as a unified diff has it. */
export function differenceLines({ object, kind, fields }: ObjectChange, colour: boolean): readonly string[] {
  if (kind === 'refused') return [];
  if (kind === 'deleted') return [removed(`- ${object}`, colour)];
  if (fields.length === 0) return [`  ${object}: no field changes`];
  return [`--- ${object}`, `+++ ${object}, after`, ...fields.flatMap((field) => fieldLines(field, colour))];
}

function fieldLines({ field, before, after }: FieldChange, colour: boolean): readonly string[] {
  return [
    ...(before === null ? [] : [removed(`- ${field}: ${valueText(before)}`, colour)]),
    ...(after === null ? [] : [added(`+ ${field}: ${valueText(after)}`, colour)]),
  ];
}

function valueText(value: JsonValue): string {
  return typeof value === 'string' && /^[^\n"']+$/.test(value) ? value : JSON.stringify(value);
}

function removed(line: string, colour: boolean): string {
  return colour ? styleText('red', line, { validateStream: false }) : line;
}

function added(line: string, colour: boolean): string {
  return colour ? styleText('green', line, { validateStream: false }) : line;
}

function verdictLine({ verdict, message, heldBy }: PlanReport): string {
  switch (verdict) {
    case 'would_act':
      return `it would act${heldBy === null ? '' : ' once it is not held any more'}: every step passed every check; nothing was changed`;
    case 'nothing_to_do':
      return `nothing would be done: ${message}`;
    case 'would_fail':
      return `it would fail before it acts: ${message}`;
  }
}
