import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { objectAt } from './object.ts';
import type { ResourceType } from './resource-types.ts';
import { badRequest } from './status-object.ts';

/** What each kind can be selected by, beside its name and namespace; a kube-apiserver refuses every other field. */
const fieldsOfKind: Readonly<Record<string, readonly string[]>> = {
  '/pods': ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase', 'status.podIP', 'status.nominatedNodeName'],
  '/events': [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'type',
  ],
  '/namespaces': ['status.phase'],
  '/nodes': ['spec.unschedulable'],
  '/secrets': ['type'],
  '/services': ['spec.clusterIP', 'spec.type'],
  'apps/replicasets': ['status.replicas'],
  'batch/jobs': ['status.successful'],
};

const fieldsOfAll = ['metadata.name', 'metadata.namespace'];

/** `metadata.name=x,status.phase!=Failed`. Throws a 400 on a field that this kind cannot be selected by. */
export function parseFieldSelector(type: ResourceType, selector: string | undefined): (object: KubernetesObject) => boolean {
  const terms = (selector ?? '').split(',').filter((term) => term.trim() !== '');
  const requirements = terms.map((term) => parseTerm(type, term.trim()));
  return (object) => requirements.every((holds) => holds(object));
}

function parseTerm(type: ResourceType, term: string): (object: KubernetesObject) => boolean {
  const [, field, operator, value] = /^([^!=]+?)(==|!=|=)(.*)$/.exec(term) ?? [];
  if (field === undefined || value === undefined)
    throw badRequest(`invalid field selector: ${JSON.stringify(term)}; can't understand it: write field=value or field!=value`);
  const supported = [...fieldsOfAll, ...(fieldsOfKind[`${type.group}/${type.plural}`] ?? [])];
  if (!supported.includes(field)) throw badRequest(`field label not supported: ${field}; ${type.kind} has ${supported.join(', ')}`);
  return (object) => (fieldOf(object, field) === value) === (operator !== '!=');
}

/** Selected by a name that the field itself no longer has. */
const readAs: Readonly<Record<string, string>> = { 'status.successful': 'status.succeeded' };

/** Absent reads as the empty string, a number or bool as its text. Every supported field lies at most two members deep. */
function fieldOf(object: KubernetesObject, field: string): string {
  const [first = '', second] = (readAs[field] ?? field).split('.');
  const value = second === undefined ? object[first] : objectAt(object, first)[second];
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : emptyValue(field);
}

/** What an absent field reads as: a bool as false, a count as zero. */
function emptyValue(field: string): string {
  if (field === 'spec.unschedulable') return 'false';
  return field === 'status.successful' || field === 'status.replicas' ? '0' : '';
}
