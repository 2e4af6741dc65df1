import { listAt, stringAt, stringsAt } from '../kubernetes/unstructured.ts';

/** Whether a LabelSelector takes these labels. As the API has it: an empty selector takes all, an absent one none. */
export function selects(selector: unknown, labels: unknown): boolean {
  if (typeof selector !== 'object' || selector === null) return false;
  const wanted = Object.entries(stringsAt(selector, 'matchLabels'));
  return (
    wanted.every(([key, value]) => stringAt(labels, key) === value) && listAt(selector, 'matchExpressions').every((expression) => holds(expression, labels))
  );
}

function holds(expression: unknown, labels: unknown): boolean {
  const value = stringAt(labels, stringAt(expression, 'key') ?? '');
  const values = listAt(expression, 'values');
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return value !== null && values.includes(value);
    case 'NotIn':
      return value === null || !values.includes(value);
    case 'Exists':
      return value !== null;
    case 'DoesNotExist':
      return value === null;
    default:
      return true; // An operator of a later API: the budget counts, since what protects must not be lost by our age.
  }
}
