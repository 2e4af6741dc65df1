import * as z from 'zod';
import { protectedNamespaces } from '../api/labels.ts';
import type { PolicyRule } from '../kubernetes/ports.ts';
import { listAt, mapAt, numberAt, stringAt, valueAt } from '../kubernetes/unstructured.ts';
import type { AnyAction } from './action.ts';
import { actions, serviceAccountOf } from './index.ts';
import { configBytesMax, configKeysMax, configValueBytesMax, memoryFactorMax, scaleFactorMax, scaleStepMax } from './limits.ts';
import { templateActions } from './not-enabled.ts';

/** The operators' reference of the catalogue, as Markdown: docs/actions.md is this text. */
export function actionReference(): string {
  return [intro(), overview(), ...actions.map(section), notEnabled()].join('\n');
}

function intro(): string {
  return `# Actions

Generated from \`shared/actions\`: one file there is one action. Rules for all: names are Kubernetes names, no value begins with \`-\` or holds a
control character, unknown parameters are refused by name, and nothing in ${protectedNamespaces.map(code).join(', ')} is touched.
An undo sets \`restore\`: then the limits on growth do not apply, for the value stood there before. A recommendation cannot set it.

| limit | value |
|---|---|
| replicas in one step | at most ${scaleFactorMax} times as many and ${scaleStepMax} more, whichever is less; always one more; never below a PodDisruptionBudget |
| memory limit in one step | at most ${memoryFactorMax} times the present one, and within every ResourceQuota |
| keys of a ConfigMap in one step | ${configKeysMax}, at most ${configValueBytesMax} bytes each and ${configBytesMax} together, old values too |
`;
}

function overview(): string {
  const rows = actions.map(({ name, aliases, category, summary }) => `| [${name}](#${name}) | ${aliases.map(code).join(', ')} | ${category} | ${summary} |`);
  return ['| action | also known as | category | what it does |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function section(action: AnyAction): string {
  const { name, summary, rbac, timeoutSeconds, outcome } = action;
  const { deadlineSeconds } = outcome;
  const health = typeof deadlineSeconds === 'number' ? `${deadlineSeconds} s` : 'by its parameters';
  return [
    `## ${name}`,
    '',
    summary,
    '',
    '| parameter | form | needed | meaning |',
    '|---|---|---|---|',
    ...parameterRows(action),
    '',
    `Identity ${code(serviceAccountOf(name))} with ${rbac.map(ruleText).join('; ')}. Time: ${timeoutSeconds.default} s unless a step says otherwise, at most ${timeoutSeconds.max} s; to become healthy: ${health}.`,
    '',
  ].join('\n');
}

function notEnabled(): string {
  return `## Not enabled\n\n${templateActions.map(code).join(', ')} act only through a Job template of the operator, and are refused with \`action_not_enabled\` until one is supplied.\n`;
}

function parameterRows({ params }: AnyAction): readonly string[] {
  const schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  const required = listAt(schema, 'required');
  return Object.entries(mapAt(schema, 'properties')).map(([name, property]) => {
    const needed = required.includes(name) ? 'yes' : `no${defaultOf(property)}`;
    return `| ${name} | ${formOf(property)} | ${needed} | ${stringAt(property, 'description') ?? ''} |`;
  });
}

function defaultOf(property: unknown): string {
  const value = valueAt(property, 'default');
  return value === undefined ? '' : `, ${JSON.stringify(value)}`;
}

function formOf(property: unknown): string {
  const members = listAt(property, 'enum');
  if (members.length > 0) return members.map(String).join(', ');
  const only = valueAt(property, 'const');
  if (only !== undefined) return JSON.stringify(only);
  const [min, max] = [numberAt(property, 'minimum'), numberAt(property, 'maximum')];
  const type = stringAt(property, 'type') ?? 'any';
  return min === null || max === null ? type : `${type}, ${min} to ${max}`;
}

function ruleText({ apiGroups, resources, verbs }: PolicyRule): string {
  const groups = apiGroups.filter((group) => group !== '').map((group) => `.${group}`);
  return `${verbs.join(', ')} on ${resources.map((resource) => code(`${resource}${groups.join('')}`)).join(', ')}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
