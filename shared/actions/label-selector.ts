import { listAt, stringAt, stringsAt } from '../kubernetes/unstructured.ts';

/** Whether a LabelSelector takes these labels. As the API has it: an empty selector takes all, an absent one none. */
export function selects(selector: unknown, labels: unknown): boolean {
  if (typeof selector !== 'object' || selector === null) return false;
  const own = stringsAt(labels);
  const wanted = Object.entries(stringsAt(selector, 'matchLabels'));
  return wanted.every(([key, value]) => own[key] === value) && listAt(selector, 'matchExpressions').every((expression) => holds(expression, own));
}

function holds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[stringAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values');
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return true; // An operator of a later API: the budget counts, since what protects must not be lost by our age.
  }
}
