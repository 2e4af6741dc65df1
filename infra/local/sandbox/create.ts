import type { JsonObject } from '../../../shared/api/json.ts';
import { isJsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { admit } from './admission.ts';
import { hasGeneration } from './generation.ts';
import { immutableJson, withoutNulls } from './immutable-json.ts';
import { metadataCauses } from './metadata-validation.ts';
import { generatedName, nameCauses } from './names.ts';
import { isDeleting, jsonOf, kubernetesObject, objectAt, stringAt } from './object.ts';
import { refuseBeyondQuota } from './quota-admission.ts';
import { objectResponse } from './read.ts';
import { bodyObject, isStrict, type ResourceCall } from './resource-call.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import type { ServerContext } from './server-context.ts';
import { refuseMissingServiceAccount } from './service-account-admission.ts';
import { tidyMetadata } from './tidy-metadata.ts';
import { alreadyExists, badRequest, invalid, namespaceEnding, notFound, versionOnCreate } from './status-object.ts';
import { hasAdmission, mutated, validated } from './webhooks/admit.ts';

export async function createObject(server: ServerContext, call: ResourceCall): Promise<ApiResponse> {
  const { type, namespace } = call;
  const sent = sentObject(server, call);
  const change = { operation: 'CREATE', oldObject: null } as const;
  const wanted = hasAdmission(server, 'mutating', call, 'CREATE')
    ? await mutated(server, call, { ...change, object: sent, name: stringAt(objectAt(sent, 'metadata'), 'name') })
    : sent;
  const admitted = admittedObject(server, call, wanted);
  const { name } = admitted.metadata;
  if (hasAdmission(server, 'validating', call, 'CREATE')) await validated(server, call, { ...change, object: jsonOf(admitted), name });
  refuseBeyondQuota(server, type, admitted);
  const taken = server.store.get(type.group, type.plural, namespace, name);
  if (taken !== undefined) throw alreadyExists(type, name, isDeleting(taken));
  const stored = call.dryRun ? admitted : server.store.insert(type, admitted);
  return objectResponse(server, call, stored, 201);
}

/** What the client sent, in a namespace that takes it: what mutating webhooks begin with. */
function sentObject(server: ServerContext, call: ResourceCall): JsonObject {
  const { type, namespace } = call;
  const decoded = decodeObject(type, bodyObject(call));
  const metadata = objectAt(decoded, 'metadata');
  refuseOtherPlace(call, metadata);
  if (namespace === undefined) return decoded;
  refuseMissingNamespace(server, type, namespace, stringAt(metadata, 'name') || stringAt(metadata, 'generateName'));
  return immutableJson({ ...decoded, metadata: { ...metadata, namespace } });
}

/** The object as it would be stored. */
function admittedObject(server: ServerContext, call: ResourceCall, wanted: JsonObject): KubernetesObject {
  const { type } = call;
  const metadata = newMetadata(server, call, decodeObject(type, wanted));
  const name = stringAt(metadata, 'name');
  const { status: _status, ...rest } = wanted;
  const object = kubernetesObject({ ...(keepsStatusOnCreate(type) ? wanted : rest), metadata });
  const causes = [...nameCauses(type, name), ...metadataCauses(object, null)];
  if (causes.length > 0) throw invalid(type, name, causes);
  const admitted = admit(server, { type, object, old: null, subresource: '', strict: isStrict(call) });
  refuseMissingServiceAccount(server, type, admitted);
  return admitted;
}

/** The body as an object of this type. Throws a 400 when it says that it is something else. */
export function decodeObject(type: ResourceType, body: JsonObject): JsonObject {
  const apiVersion = stringAt(body, 'apiVersion');
  const kind = stringAt(body, 'kind');
  if (type.custom && (apiVersion === '' || kind === ''))
    throw badRequest(`Object '${kind === '' ? 'Kind' : 'apiVersion'}' is missing: a custom resource says its apiVersion and kind`);
  if (apiVersion !== '' && apiVersion !== apiVersionOf(type)) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(type)})`);
  }
  if (kind !== '' && kind !== type.kind) throw badRequest(`the kind in the data (${kind}) does not match the expected kind (${type.kind})`);
  if (body['metadata'] !== undefined && !isJsonObject(body['metadata'])) throw badRequest('metadata: is an object with name, labels, annotations …');
  const members = type.custom ? body : withoutNulls(body);
  return immutableJson({ ...members, apiVersion: apiVersionOf(type), kind: type.kind, metadata: objectAt(members, 'metadata') });
}

/** What the server alone decides is replaced, whatever the client sent. */
function newMetadata({ randomUuid, clock }: ServerContext, call: ResourceCall, decoded: JsonObject): JsonObject {
  const { type, namespace } = call;
  const sent = tidyMetadata(objectAt(decoded, 'metadata'));
  refuseOtherPlace(call, sent);
  if (stringAt(sent, 'resourceVersion') !== '') throw versionOnCreate();
  return {
    ...sent,
    name: nameOf(type, sent, randomUuid),
    namespace,
    uid: randomUuid(),
    resourceVersion: undefined,
    generation: hasGeneration(type) ? 1 : undefined,
    creationTimestamp: clock.now(),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  };
}

function refuseOtherPlace({ namespace }: ResourceCall, metadata: JsonObject): void {
  const sent = stringAt(metadata, 'namespace');
  if (sent !== '' && sent !== (namespace ?? '')) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function nameOf(type: ResourceType, metadata: JsonObject, randomUuid: () => string): string {
  const name = stringAt(metadata, 'name');
  if (name !== '') return name;
  const prefix = stringAt(metadata, 'generateName');
  if (prefix !== '') return generatedName(prefix, randomUuid());
  throw invalid(type, '', [{ reason: 'FieldValueRequired', message: 'Required value: name or generateName is required', field: 'metadata.name' }]);
}

function refuseMissingNamespace({ store, types }: ServerContext, type: ResourceType, namespace: string, name: string): void {
  const object = store.get('', 'namespaces', undefined, namespace);
  const namespaces = types.find('', 'v1', 'namespaces');
  if (object === undefined) throw notFound(namespaces ?? type, namespace);
  if (isDeleting(object)) throw namespaceEnding(type, name, namespace);
}

/** A kubelet registers its Node with a status; a status of everything else that has the subresource is written through it. */
function keepsStatusOnCreate({ plural, group, subresources }: ResourceType): boolean {
  return !subresources.includes('status') || (group === '' && plural === 'nodes');
}
