import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { admit } from './admission.ts';
import { invalidValue } from './crd-causes.ts';
import { decodeObject } from './create.ts';
import type { Cause, ProposedWrite } from './extension.ts';
import { withGeneration } from './generation.ts';
import { metadataCauses } from './metadata-validation.ts';
import { isDeleting, jsonOf, kubernetesObject, metadataOf, objectAt, stringAt } from './object.ts';
import { applyPatch } from './patch.ts';
import { existing, objectResponse } from './read.ts';
import { bodyObject, isStrict, type ResourceCall } from './resource-call.ts';
import { apiVersionOf, qualifiedName, type ResourceType } from './resource-types.ts';
import type { ServerContext } from './server-context.ts';
import { badRequest, conflict, invalid, invalidPatch, objectWasModified, StatusError } from './status-object.ts';
import { tidyMetadata } from './tidy-metadata.ts';
import { hasAdmission, mutated, validated } from './webhooks/admit.ts';

/** PUT of an object or of its status. A uid in the body is a precondition. */
export async function replaceObject(server: ServerContext, call: ResourceCall): Promise<ApiResponse> {
  const propose = (old: KubernetesObject): JsonObject => {
    const proposed = decodeObject(call.type, bodyObject(call));
    const uid = stringAt(objectAt(proposed, 'metadata'), 'uid');
    if (uid !== '' && uid !== old.metadata.uid) {
      throw conflict(call.type, call.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`);
    }
    return proposed;
  };
  return objectResponse(server, call, await updateObject(server, call, { ...asItIs, propose }));
}

/** PATCH of an object or of its status. */
export async function patchObject(server: ServerContext, call: ResourceCall): Promise<ApiResponse> {
  const propose = (old: KubernetesObject): JsonObject => {
    const patched = applyPatch(call, call.type.kind, jsonOf(old));
    refuseOtherKind(call, patched);
    return decodeObject(call.type, patched);
  };
  return objectResponse(server, call, await updateObject(server, call, { ...asItIs, propose }));
}

/** A patch cannot make something else of an object. */
function refuseOtherKind({ type, name }: ResourceCall, patched: JsonObject): void {
  const { apiVersion, kind } = patched;
  if (apiVersion === apiVersionOf(type) && kind === type.kind) return;
  if (!type.custom || apiVersion === undefined || kind === undefined) throw invalidPatch(patched, `is no ${type.kind} of ${apiVersionOf(type)}`);
  const wrong =
    apiVersion === apiVersionOf(type) ? { field: 'kind', is: kind, must: type.kind } : { field: 'apiVersion', is: apiVersion, must: apiVersionOf(type) };
  throw invalid({ group: type.group, kind: stringAt(patched, 'kind') }, name, [invalidValue(wrong.field, wrong.is, `must be ${wrong.must}`)]);
}

/** A change of an object in the form in which the client, and webhooks, see it: the object itself, or its Scale. */
export interface Update {
  readonly propose: (old: KubernetesObject) => JsonObject;
  readonly show: (object: KubernetesObject) => JsonObject;
  /** What is proposed, as an object. */
  readonly taken: (old: KubernetesObject, proposed: JsonObject) => JsonObject;
}

const asItIs: Omit<Update, 'propose'> = { show: jsonOf, taken: (_old, proposed) => proposed };

const attemptsMax = 10; // so often another write may come between while webhooks are asked

/**
 * The update of what is there when nobody is waited for any more: what another write left meanwhile is taken up anew, as a
 * kube-apiserver does it. Without webhooks nothing is awaited, and it is one step.
 */
export async function updateObject(server: ServerContext, call: ResourceCall, { propose, show, taken }: Update): Promise<KubernetesObject> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const old = existing(server, call);
    const change = { operation: 'UPDATE', oldObject: show(old), name: call.name } as const;
    const proposed = propose(old);
    const wanted = hasAdmission(server, 'mutating', call, 'UPDATE') ? await mutated(server, call, { ...change, object: proposed }) : proposed;
    const next = updatedObject(server, call, { old, proposed: taken(old, wanted) });
    if (hasAdmission(server, 'validating', call, 'UPDATE')) await validated(server, call, { ...change, object: show(next) });
    if (existing(server, call) === old) return commit(server, call, { old, next });
  }
  throw conflict(call.type, call.name, objectWasModified);
}

/** What every update comes down to: the versions agree, the subresource is kept to itself, the result is valid. */
function updatedObject(
  server: ServerContext,
  call: ResourceCall,
  { old, proposed }: { readonly old: KubernetesObject; readonly proposed: JsonObject },
): KubernetesObject {
  const { type, name } = call;
  refuseOtherName(call, objectAt(proposed, 'metadata'));
  refuseStaleVersion(type, old, objectAt(proposed, 'metadata'));
  const subresource = call.subresource === 'status' || call.subresource === 'scale' ? call.subresource : '';
  const object = withServerMetadata(isolated(type, { old, proposed, subresource }), old);
  const causes = [...identityCauses(objectAt(proposed, 'metadata'), old), ...metadataCauses(object, old)];
  if (causes.length > 0) throw invalid(type, name, causes);
  const write: ProposedWrite = { type, object, old, subresource, strict: isStrict(call) };
  return subresource === 'status' ? admit(server, write) : withGeneration(type, admit(server, write), old);
}

/** A write that changes nothing is none. */
function commit(
  server: ServerContext,
  { type, dryRun }: ResourceCall,
  { old, next }: { readonly old: KubernetesObject; readonly next: KubernetesObject },
): KubernetesObject {
  if (dryRun) return next;
  if (isDeleting(old) && isFinished(next)) return lastStateOf(server, type, { old, next });
  return isDeepStrictEqual(next, old) ? old : server.store.replace(type, next);
}

function refuseOtherName({ name, namespace }: ResourceCall, metadata: JsonObject): void {
  const sent = stringAt(metadata, 'name');
  if (sent === '') throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (sent !== name) throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`);
  const sentNamespace = stringAt(metadata, 'namespace');
  if (namespace !== undefined && sentNamespace !== '' && sentNamespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** Kinds that cannot be overwritten without saying which version was read. */
const conditionalOnly = new Set(['leases.coordination.k8s.io', 'poddisruptionbudgets.policy', 'customresourcedefinitions.apiextensions.k8s.io']);

function refuseStaleVersion(type: ResourceType, old: KubernetesObject, metadata: JsonObject): void {
  const sent = stringAt(metadata, 'resourceVersion');
  if (sent === old.metadata.resourceVersion) return;
  const isUnconditional = sent === '' || sent === '0';
  if (!isUnconditional && !/^\d+$/.test(sent))
    throw new StatusError({ code: 500, reason: '', message: `strconv.ParseUint: parsing ${JSON.stringify(sent)}: invalid syntax` });
  if (!isUnconditional) throw conflict(type, old.metadata.name, objectWasModified);
  if (!type.custom && !conditionalOnly.has(qualifiedName(type))) return;
  const cause: Cause = { reason: 'FieldValueInvalid', message: 'Invalid value: 0: must be specified for an update', field: 'metadata.resourceVersion' };
  throw invalid({ group: type.group, kind: type.plural }, old.metadata.name, [cause]);
}

interface Isolation {
  readonly old: KubernetesObject;
  readonly proposed: JsonObject;
  readonly subresource: ProposedWrite['subresource'];
}

/** A write of the status leaves the spec alone; a write of the object leaves a status that is a subresource alone. */
function isolated(type: ResourceType, { old, proposed, subresource }: Isolation): JsonObject {
  if (subresource === 'status') return type.custom ? { ...jsonOf(old), status: proposed['status'] } : builtInStatusWrite(old, proposed);
  return type.subresources.includes('status') ? { ...proposed, status: jsonOf(old)['status'] } : proposed;
}

/** A controller may annotate what it reports on; only of a custom resource the status is all that such a write can change. */
function builtInStatusWrite(old: KubernetesObject, proposed: JsonObject): JsonObject {
  const kept: Readonly<Record<string, string>> = { Deployment: 'labels', Pod: 'ownerReferences' };
  const member = kept[old.kind];
  const metadata = objectAt(proposed, 'metadata');
  const isolatedMetadata = member === undefined ? metadata : { ...metadata, [member]: objectAt(old, 'metadata')[member] };
  return { ...jsonOf(old), metadata: isolatedMetadata, status: proposed['status'] };
}

/** What the server alone decides stays as it was, whatever the client sent. */
function withServerMetadata(object: JsonObject, old: KubernetesObject): KubernetesObject {
  const { uid, namespace, resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = metadataOf(old);
  const kept = { uid, namespace, resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds };
  return kubernetesObject({ ...object, metadata: { ...tidyMetadata(objectAt(object, 'metadata')), ...kept } });
}

/** A patch that names another uid was meant for another object of this name; and nobody deletes by a patch. */
function identityCauses(metadata: JsonObject, old: KubernetesObject): readonly Cause[] {
  const uid = stringAt(metadata, 'uid');
  const deletion = stringAt(metadata, 'deletionTimestamp');
  return [
    ...(uid === '' || uid === old.metadata.uid ? [] : [invalidValue('metadata.uid', uid, 'field is immutable')]),
    ...(deletion === '' || isDeleting(old) ? [] : [invalidValue('metadata.deletionTimestamp', deletion, 'field is immutable')]),
  ];
}

/** Nothing holds it any more: no finalizer, and no node that is still to end it. */
function isFinished(object: KubernetesObject): boolean {
  const { finalizers = [], deletionGracePeriodSeconds = 0 } = metadataOf(object);
  return finalizers.length === 0 && deletionGracePeriodSeconds === 0;
}

/** The write that empties the finalizers of a deleted object is never stored: the object goes, and the writer is told how it was. */
function lastStateOf(
  { store }: ServerContext,
  type: ResourceType,
  { old, next }: { readonly old: KubernetesObject; readonly next: KubernetesObject },
): KubernetesObject {
  store.remove(type, old);
  return next;
}
