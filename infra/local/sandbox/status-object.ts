import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { invalidValue } from './crd-causes.ts';
import type { AccessAttributes, Cause } from './extension.ts';
import { forbiddenMessage } from './rbac-authorizer.ts';
import { qualifiedName, type ResourceType } from './resource-types.ts';

interface Answer {
  readonly code: number;
  /** Kubernetes' own word: NotFound, AlreadyExists, Conflict, Invalid …; empty where it has none. */
  readonly reason: string;
  readonly message: string;
  readonly details?: JsonObject;
  readonly retryAfterSeconds?: number;
  /** Answered in the place of a Status, where nothing of Kubernetes is behind the path. */
  readonly text?: string;
}

/** A request that ends in a Status with code 4xx or 5xx; thrown by whatever finds the fault, answered by `serve`. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(answer.message);
    this.answer = answer;
  }
}

export function statusObject({ code, reason, message, details }: Answer): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason !== '' && { reason }),
    ...(details !== undefined && { details }),
    code,
  };
}

export function responseOf({ answer }: StatusError): ApiResponse {
  const { code, retryAfterSeconds } = answer;
  return { status: code, body: answer.text ?? statusObject(answer), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** What a DELETE that is done answers. */
export function successStatus(type: ResourceType, name: string, uid: string): JsonObject {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { ...detailsOf(type, name), uid } };
}

function detailsOf(type: ResourceType, name: string): JsonObject {
  return { ...(name !== '' && { name }), ...(type.group !== '' && { group: type.group }), kind: type.plural };
}

export function notFound(type: ResourceType, name: string): StatusError {
  const message = `${qualifiedName(type)} "${name}" not found`;
  return new StatusError({ code: 404, reason: 'NotFound', message, details: detailsOf(type, name) });
}

/** No such group or version, or a path of nothing: here the server speaks as any does. */
export function noSuchPath(): StatusError {
  return new StatusError({ ...noSuchResource().answer, text: '404 page not found\n' });
}

/** No such resource or subresource. */
export function noSuchResource(): StatusError {
  return new StatusError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
}

/** `isEnding`: under deletion, so that the name may soon be free. */
export function alreadyExists(type: ResourceType, name: string, isEnding: boolean): StatusError {
  const message = `${isEnding ? 'object is being deleted: ' : ''}${qualifiedName(type)} "${name}" already exists`;
  return new StatusError({ code: 409, reason: 'AlreadyExists', message, details: detailsOf(type, name) });
}

export const objectWasModified = 'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(type: ResourceType, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedName(type)} "${name}": ${why}`;
  return new StatusError({ code: 409, reason: 'Conflict', message, details: detailsOf(type, name) });
}

/** `kind` and `group` of what is invalid: a Scale is refused as a Scale, not as the Deployment behind it. */
export function invalid(type: { readonly group: string; readonly kind: string }, name: string, causes: readonly Cause[]): StatusError {
  const qualifiedKind = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  const sentences = causes.map(({ field, message }) => `${field}: ${message}`);
  const what = sentences.length === 1 ? sentences.join('') : `[${sentences.join(', ')}]`;
  const details = {
    ...(name !== '' && { name }),
    ...(type.group !== '' && { group: type.group }),
    ...(type.kind !== '' && { kind: type.kind }),
    causes: causes.map((cause) => ({ ...cause })),
  };
  return new StatusError({ code: 422, reason: 'Invalid', message: `${qualifiedKind} "${name}" is invalid: ${what}`, details });
}

/** A patch whose result is no object of the kind: refused before anybody knows what it is. */
export function invalidPatch(patched: JsonObject, why: string): StatusError {
  return invalid({ group: '', kind: '' }, '', [invalidValue('patch', JSON.stringify(patched), why)]);
}

/** A body that can be read but not applied: a JSON patch whose `test` fails, for one. A kube-apiserver says no more than this. */
export function unprocessable(): StatusError {
  const message = 'the server rejected our request due to an error in our request';
  return new StatusError({ code: 422, reason: 'Invalid', message, details: {} });
}

export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message });
}

/** A kube-apiserver takes this for a fault of its own, and so do we. */
export function versionOnCreate(): StatusError {
  return new StatusError({ code: 500, reason: '', message: 'resourceVersion should not be set on objects to be created' });
}

export function methodNotAllowed(): StatusError {
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource', details: {} });
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError({ code: 415, reason: 'UnsupportedMediaType', message });
}

export function expired(message: string): StatusError {
  return new StatusError({ code: 410, reason: 'Expired', message });
}

export function resourceVersionTooLarge(requested: number, current: number): StatusError {
  const cause = { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' };
  const message = `Timeout: Too large resource version: ${requested}, current: ${current}`;
  return new StatusError({ code: 504, reason: 'Timeout', message, details: { causes: [cause], retryAfterSeconds: 1 }, retryAfterSeconds: 1 });
}

/** Refused by the authorizer. */
export function forbidden(attributes: AccessAttributes, why: string): StatusError {
  const { group, resource, name } = attributes;
  const details = { ...(name !== '' && { name }), ...(group !== '' && { group }), ...(resource !== '' && { kind: resource }) };
  return new StatusError({ code: 403, reason: 'Forbidden', message: forbiddenMessage(attributes, why), details });
}

/** Nothing new comes into a namespace that ends. */
export function namespaceEnding(type: ResourceType, name: string, namespace: string): StatusError {
  const { answer } = admissionDenied(type, name, `unable to create new content in namespace ${namespace} because it is being terminated`);
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' };
  return new StatusError({ ...answer, details: { ...answer.details, causes: [cause] } });
}

/** What a webhook says of its refusal is taken over but for what would look like none. `result`: the status of its response. */
export function deniedByWebhook(webhook: string, result: JsonValue | undefined): StatusError {
  const { code, reason, message, details } = isJsonObject(result) ? result : {};
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const why = [message, reason].find((words) => typeof words === 'string' && words !== '');
  return new StatusError({
    code: typeof code === 'number' && code >= 400 ? code : 400,
    reason: typeof reason === 'string' ? reason : '',
    message: typeof why === 'string' ? `${denied}: ${why}` : `${denied} without explanation`,
    ...(isJsonObject(details) && { details }),
  });
}

const codesOfReasons: Readonly<Record<string, number>> = { Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413, Invalid: 422 };

/** `reason`: as the policy says it. */
export function deniedByPolicy(type: ResourceType, name: string, { reason, why }: { readonly reason: string; readonly why: string }): StatusError {
  const message = `${qualifiedName(type)} "${name}" is forbidden: ${why}`;
  return new StatusError({ code: codesOfReasons[reason] ?? 422, reason, message, details: { ...detailsOf(type, name), causes: [{ message: why }] } });
}

/** A fault of the server's own, or of what it relies on. */
export function internalError(why: string): StatusError {
  return new StatusError({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${why}`, details: { causes: [{ message: why }] } });
}

/** Refused by admission: what is asked for is permitted, but not this object. */
export function admissionDenied(type: ResourceType, name: string, why: string): StatusError {
  const message = `${qualifiedName(type)} "${name}" is forbidden: ${why}`;
  return new StatusError({ code: 403, reason: 'Forbidden', message, details: detailsOf(type, name) });
}
