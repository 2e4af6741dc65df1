import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import { listAt, objectAt, stringAt } from './object.ts';
import { badRequest } from './status-object.ts';

export type Labels = Readonly<Record<string, string>>;

const identifier = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const setRequirement = new RegExp(String.raw`^(${identifier})\s+(in|notin)\s*\(([^()]*)\)$`);
const equality = new RegExp(String.raw`^(${identifier})\s*(==|=|!=)\s*([-A-Za-z0-9_.]*)$`);
const existence = new RegExp(String.raw`^(!?)\s*(${identifier})$`);

/** `a=b,c!=d,e in (f,g),h notin (i),j,!k`; the empty selector takes everything. Throws a 400 on anything else. */
export function parseLabelSelector(selector: string | undefined): (labels: Labels) => boolean {
  const requirements = splitRequirements(selector ?? '').map(parseRequirement);
  return (labels) => requirements.every((holds) => holds(labels));
}

/** Commas within parentheses separate values, not requirements. */
function splitRequirements(selector: string): readonly string[] {
  if (selector.trim() === '') return [];
  return selector.split(/,(?![^(]*\))/).map((requirement) => requirement.trim());
}

function parseRequirement(requirement: string): (labels: Labels) => boolean {
  const [, setKey, setOperator, list] = setRequirement.exec(requirement) ?? [];
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return (labels) => memberOf(labels[setKey], values) === (setOperator === 'in');
  }
  const [, key, operator, value] = equality.exec(requirement) ?? [];
  if (key !== undefined && value !== undefined) return (labels) => (labels[key] === value) === (operator !== '!=');
  const [, negation, existing] = existence.exec(requirement) ?? [];
  if (existing !== undefined) return (labels) => (labels[existing] === undefined) === (negation === '!');
  throw badRequest(`unable to parse requirement: ${JSON.stringify(requirement)}: write key=value, key!=value, key in (a,b), key notin (a,b), key or !key`);
}

function memberOf(value: string | undefined, values: readonly string[]): boolean {
  return value !== undefined && values.includes(value);
}

/** A LabelSelector object as text: what a Scale says its pods are found by. */
export function labelSelectorText(selector: JsonObject): string {
  const matched = objectAt(selector, 'matchLabels');
  const labels = Object.keys(matched).map((key) => `${key}=${stringAt(matched, key)}`);
  const expressions = listAt(selector, 'matchExpressions').filter(isJsonObject).map(expressionText);
  return [...labels.toSorted(), ...expressions].join(',');
}

function expressionText(expression: JsonObject): string {
  const key = stringAt(expression, 'key');
  const values = listAt(expression, 'values').map(String).join(',');
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}
