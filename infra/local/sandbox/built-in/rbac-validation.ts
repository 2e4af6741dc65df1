import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../../../../shared/api/json.ts';
import { invalidValue, requiredValue } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';
import { listAt, objectAt, stringAt } from '../object.ts';
import { choiceCauses, requiredObject, requiredText } from './field-checks.ts';

export function roleCauses(object: JsonObject): readonly Cause[] {
  return listAt(object, 'rules')
    .filter(isJsonObject)
    .flatMap((rule, position) => ruleCauses(rule, `rules[${position}]`));
}

function ruleCauses(rule: JsonObject, field: string): readonly Cause[] {
  const needed = (member: string, what: string): readonly Cause[] =>
    listAt(rule, member).length === 0 ? [requiredValue(`${field}.${member}`, `${what} must contain at least one value`)] : [];
  if (listAt(rule, 'nonResourceURLs').length > 0) return needed('verbs', 'verbs');
  return [
    ...needed('verbs', 'verbs'),
    ...(listAt(rule, 'apiGroups').length === 0 ? [requiredValue(`${field}.apiGroups`, 'resource rules must supply at least one api group')] : []),
    ...(listAt(rule, 'resources').length === 0 ? [requiredValue(`${field}.resources`, 'resource rules must supply at least one resource')] : []),
  ];
}

function subjectCauses(subject: JsonObject, field: string): readonly Cause[] {
  const needsNamespace = subject['kind'] === 'ServiceAccount' && stringAt(subject, 'namespace') === '';
  return [
    ...requiredText(subject, field, 'name'),
    ...(needsNamespace ? [requiredValue(`${field}.namespace`)] : []),
    ...choiceCauses({ kind: '', ...subject }, field, 'kind', ['ServiceAccount', 'User', 'Group']),
  ];
}

/** A binding that could be pointed at another role would hand out more than it was made for. */
export function bindingCauses(object: JsonObject, old: JsonObject | null): readonly Cause[] {
  const role = objectAt(object, 'roleRef');
  const isMoved = old !== null && !isDeepStrictEqual(role, objectAt(old, 'roleRef'));
  return [
    ...requiredObject(object, '', 'roleRef').map((cause) => ({ ...cause, field: 'roleRef' })),
    ...choiceCauses(role, 'roleRef', 'kind', ['Role', 'ClusterRole']),
    ...requiredText(role, 'roleRef', 'name'),
    ...listAt(object, 'subjects')
      .filter(isJsonObject)
      .flatMap((subject, position) => subjectCauses(subject, `subjects[${position}]`)),
    ...(isMoved ? [invalidValue('roleRef', role, 'cannot change roleRef')] : []),
  ];
}
