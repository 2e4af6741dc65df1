import type { JsonValue } from '../../../../shared/api/json.ts';
import type { StoredObjects } from '../extension.ts';
import type { Labels } from '../label-selector.ts';
import { objectAt } from '../object.ts';
import { admissionDenied, notFound } from '../status-object.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { registeredWebhooks, registrationGroup, type Rule, type Side, type View, type Webhook } from './registered.ts';

/** What a rule looks at: no object, so that a write that none is about costs next to nothing. */
export type RuledWrite = Pick<AdmissionRequest, 'type' | 'subresource' | 'operation'>;

/** The webhooks that have a rule about such a write. */
export function webhooksAbout(objects: StoredObjects, side: Side, write: RuledWrite): readonly Webhook[] {
  if (write.type.group === registrationGroup) return []; // or a broken one could never be removed
  return registeredWebhooks(objects, side).filter(({ rules }) => rules.some((rule) => isAbout(rule, write)));
}

export function isAbout(rule: Rule, { type, subresource, operation }: RuledWrite): boolean {
  return (
    isAmong(rule.operations, operation) &&
    isAmong(rule.apiGroups, type.group) &&
    isAmong(rule.apiVersions, type.version) &&
    rule.resources.some((resource) => isResource(String(resource as string), type.plural, subresource)) &&
    isWithin(rule.scope, type.namespaced)
  );
}

function isAmong(listed: readonly JsonValue[], wanted: string): boolean {
  return listed.includes('*') || listed.includes(wanted);
}

// As in `pods`, `pods/*` and `*/status`; a `*` alone is of no subresource.
function isResource(listed: string, plural: string, subresource: string): boolean {
  const [resource = '', ofSubresource = ''] = listed.split('/');
  return (resource === '*' || resource === plural) && (ofSubresource === '*' || ofSubresource === subresource);
}

function isWithin(scope: string, isNamespaced: boolean): boolean {
  return scope === '*' || (scope === 'Namespaced') === isNamespaced;
}

/** Do the selectors and the conditions of such a webhook or policy let it see this write? Throws a 403 where that cannot be told, and a 404 for a namespace that is gone. */
export function isCalled(objects: StoredObjects, view: View, request: AdmissionRequest): boolean {
  if (!seesNamespace(objects, view, request) || !seesObject(view, request)) return false;
  const match = view.conditions(request);
  if (match.kind === 'unanswerable') throw admissionDenied(request.type, request.name, match.why);
  return match.kind === 'matches';
}

/** What is of no namespace is seen by all. A Namespace is seen by its own labels, as they will be. */
function seesNamespace(objects: StoredObjects, { takesNamespace }: View, { type, namespace, operation, object }: AdmissionRequest): boolean {
  if (namespace === '') return true;
  if (!type.namespaced && operation !== 'DELETE') return takesNamespace(labelsOf(object ?? {}));
  const stored = objects.get('', 'namespaces', undefined, namespace);
  if (stored === undefined) throw notFound({ ...type, group: '', plural: 'namespaces' }, namespace);
  return takesNamespace(stored.metadata.labels ?? {});
}

function seesObject({ selectsObjects, takesObject }: View, { object, oldObject }: AdmissionRequest): boolean {
  return !selectsObjects || [object, oldObject].some((seen) => seen !== null && takesObject(labelsOf(seen)));
}

function labelsOf(object: { readonly [key: string]: unknown }): Labels {
  const labels = objectAt(objectAt(object, 'metadata'), 'labels');
  return Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
