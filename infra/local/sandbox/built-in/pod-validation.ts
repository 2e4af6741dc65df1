import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import { compareQuantities, parseQuantity } from '../../../../shared/actions/quantity.ts';
import { duplicateValue, forbiddenField, invalidValue, requiredValue } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';
import { listAt, objectAt, stringAt } from '../object.ts';
import { choiceCauses, countCauses, requiredText } from './field-checks.ts';

/** `field` is the path of the spec: `spec.template.spec`. */
export function podSpecCauses(spec: JsonObject, field: string, restartPolicies: readonly string[]): readonly Cause[] {
  const containers = objectsAt(spec, 'containers');
  const volumes = objectsAt(spec, 'volumes').map((volume) => stringAt(volume, 'name'));
  const named = [...containers.map((container, position) => ({ container, path: `${field}.containers[${position}]` })), ...initContainers(spec, field)];
  return [
    ...(containers.length === 0 ? [requiredValue(`${field}.containers`)] : []),
    ...restartPolicyCauses(spec, field, restartPolicies),
    ...deadlineCauses(spec, field, restartPolicies),
    ...(spec['serviceAccountName'] === undefined ? [] : accountCauses(stringAt(spec, 'serviceAccountName'), field)),
    ...objectsAt(spec, 'tolerations').flatMap((each, position) => choiceCauses(each, `${field}.tolerations[${position}]`, 'operator', ['', 'Equal', 'Exists'])),
    ...duplicates(volumes, `${field}.volumes`),
    ...duplicates(
      named.map(({ container }) => stringAt(container, 'name')),
      `${field}.containers`,
    ),
    ...named.flatMap(({ container, path }) => containerCauses(container, path, volumes)),
  ];
}

/** What is to run on and on has no deadline. */
function deadlineCauses(spec: JsonObject, field: string, policies: readonly string[]): readonly Cause[] {
  const runsOn = policies.length === 1 && policies[0] === 'Always';
  if (!runsOn || spec['activeDeadlineSeconds'] === undefined) return countCauses(spec, field, 'activeDeadlineSeconds', { min: 1 });
  return [forbiddenField(`${field}.activeDeadlineSeconds`, 'activeDeadlineSeconds in ReplicaSet is not Supported')];
}

function accountCauses(name: string, field: string): readonly Cause[] {
  const words =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) ? [] : [invalidValue(`${field}.serviceAccountName`, name, words)];
}

/** A Job takes only what ends, and says so in other words than the rest. */
function restartPolicyCauses(spec: JsonObject, field: string, policies: readonly string[]): readonly Cause[] {
  const isOfJob = !policies.includes('Always');
  if (!isOfJob || stringAt(spec, 'restartPolicy') !== 'Always') return choiceCauses(spec, field, 'restartPolicy', policies);
  return [requiredValue(`${field}.restartPolicy`, `valid values: ${policies.map((policy) => JSON.stringify(policy)).join(', ')}`)];
}

interface Named {
  readonly container: JsonObject;
  readonly path: string;
}

function initContainers(spec: JsonObject, field: string): readonly Named[] {
  return objectsAt(spec, 'initContainers').map((container, position) => ({ container, path: `${field}.initContainers[${position}]` }));
}

function objectsAt(parent: JsonObject, member: string): readonly JsonObject[] {
  return listAt(parent, member).filter(isJsonObject);
}

function duplicates(names: readonly string[], field: string): readonly Cause[] {
  return names.flatMap((name, position) => (name !== '' && names.indexOf(name) < position ? [duplicateValue(`${field}[${position}].name`, name)] : []));
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelWords =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

function containerCauses(container: JsonObject, path: string, volumes: readonly string[]): readonly Cause[] {
  const name = stringAt(container, 'name');
  return [
    ...requiredText(container, path, 'name'),
    ...(name === '' || label.test(name) ? [] : [invalidValue(`${path}.name`, name, labelWords)]),
    ...requiredText(container, path, 'image'),
    ...(/^\s|\s$/.test(stringAt(container, 'image'))
      ? [invalidValue(`${path}.image`, stringAt(container, 'image'), 'must not have leading or trailing whitespace')]
      : []),
    ...choiceCauses(container, path, 'imagePullPolicy', ['Always', 'IfNotPresent', 'Never']),
    ...objectsAt(container, 'env').flatMap((variable, position) => requiredText(variable, `${path}.env[${position}]`, 'name')),
    ...objectsAt(container, 'ports').flatMap((port, position) => countCauses(port, `${path}.ports[${position}]`, 'containerPort', { min: 1, max: 65_535 })),
    ...objectsAt(container, 'volumeMounts').flatMap((mount, position) => mountCauses(mount, `${path}.volumeMounts[${position}]`, volumes)),
    ...resourceCauses(objectAt(container, 'resources'), `${path}.resources`),
  ];
}

function mountCauses(mount: JsonObject, path: string, volumes: readonly string[]): readonly Cause[] {
  const name = stringAt(mount, 'name');
  const unknown: readonly Cause[] = volumes.includes(name)
    ? []
    : [{ reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(name)}`, field: `${path}.name` }];
  return [...requiredText(mount, path, 'mountPath'), ...unknown];
}

/** A request may not exceed its limit. */
function resourceCauses(resources: JsonObject, path: string): readonly Cause[] {
  const limits = objectAt(resources, 'limits');
  const requests = objectAt(resources, 'requests');
  const malformed = [...quantityCauses(limits, `${path}.limits`), ...quantityCauses(requests, `${path}.requests`)];
  if (malformed.length > 0) return malformed;
  return Object.entries(requests).flatMap(([resource, request]) => {
    const limit = limits[resource];
    if (limit === undefined || compareQuantities(quantityOf(request), quantityOf(limit)) <= 0) return [];
    return [
      invalidValue(
        `${path}.requests`,
        String(request as string | number),
        `must be less than or equal to ${resource} limit of ${String(limit as string | number)}`,
      ),
    ];
  });
}

const quantityWords = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

export function quantityCauses(list: JsonObject, path: string): readonly Cause[] {
  return Object.entries(list).flatMap(([resource, value = null]) => {
    const quantity = typeof value === 'string' || typeof value === 'number' ? parseQuantity(String(value)) : null;
    if (quantity === null) return [invalidValue(`${path}[${resource}]`, value, quantityWords)];
    return quantity < 0n ? [invalidValue(`${path}[${resource}]`, value, 'must be greater than or equal to 0')] : [];
  });
}

function quantityOf(value: JsonValue | undefined): bigint {
  return typeof value === 'string' || typeof value === 'number' ? (parseQuantity(String(value)) ?? 0n) : 0n;
}
