import type { JsonObject, JsonValue } from '../../../../shared/api/json.ts';
import { invalidValue, notSupported, requiredValue } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';
import { listAt } from '../object.ts';
import { choiceCauses } from './field-checks.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** What a webhook is asked about: each list says something, and `*` stands alone. */
export function ruleCauses(rule: JsonObject, field: string): readonly Cause[] {
  return [
    ...listCauses(rule, field, 'operations', "if '*' is present, must not specify other operations"),
    ...listAt(rule, 'operations').flatMap((operation, index) =>
      operations.some((known) => known === operation) ? [] : [notSupported(`${field}.operations[${index}]`, operation, operations)],
    ),
    ...listCauses(rule, field, 'apiGroups', "if '*' is present, must not specify other API groups"),
    ...listCauses(rule, field, 'apiVersions', "if '*' is present, must not specify other API versions"),
    ...emptyCauses(listAt(rule, 'apiVersions'), `${field}.apiVersions`),
    ...resourceCauses(listAt(rule, 'resources'), `${field}.resources`),
    ...choiceCauses(rule, field, 'scope', ['*', 'Cluster', 'Namespaced']),
  ];
}

function listCauses(rule: JsonObject, field: string, member: string, words: string): readonly Cause[] {
  const list = listAt(rule, member);
  if (list.length === 0) return [requiredValue(`${field}.${member}`)];
  return list.length > 1 && list.includes('*') ? [invalidValue(`${field}.${member}`, list, words)] : [];
}

function emptyCauses(list: readonly JsonValue[], field: string): readonly Cause[] {
  return list.flatMap((item, index) => (item === '' ? [requiredValue(`${field}[${index}]`)] : []));
}

function resourceCauses(resources: readonly JsonValue[], field: string): readonly Cause[] {
  if (resources.length === 0) return [requiredValue(field)];
  const names = resources.map((resource) => String(resource as string));
  const covered = names.flatMap((name, index) => coveredCauses(name, names.slice(0, index), `${field}[${index}]`));
  const isAlone = names.length === 1;
  const lastPlain = names.findLast((name) => name !== '' && !name.includes('/'));
  return [
    ...emptyCauses(resources, field),
    ...covered,
    ...(names.includes('*/*') && !isAlone ? [invalidValue(field, resources, "if '*/*' is present, must not specify other resources")] : []),
    ...(names.includes('*') && lastPlain !== '*'
      ? [invalidValue(field, resources, "if '*' is present, must not specify other resources without subresources")]
      : []),
  ];
}

function coveredCauses(name: string, before: readonly string[], field: string): readonly Cause[] {
  const [resource = '', subresource] = name.split('/');
  if (subresource === undefined) return [];
  return [
    ...(before.includes(`${resource}/*`) ? [invalidValue(field, name, `if '${resource}/*' is present, must not specify ${name}`)] : []),
    ...(before.includes(`*/${subresource}`) ? [invalidValue(field, name, `if '*/${subresource}' is present, must not specify ${name}`)] : []),
  ];
}
