import type { ApiResponse, WatchEvent } from '../../../shared/kubernetes/request.ts';
import { createObject } from './create.ts';
import { deleteObject } from './deletion.ts';
import type { AccessAttributes, AccessDecision, EndpointContext } from './extension.ts';
import { bindPod } from './pod-binding.ts';
import { readPodLog } from './pod-log.ts';
import { getObject, listObjects } from './read.ts';
import { resourceCall, type Located, type ResourceCall } from './resource-call.ts';
import type { SandboxRequest, UserInfo } from './sandbox.ts';
import { getScale, patchScale, replaceScale } from './scale.ts';
import type { ServerContext } from './server-context.ts';
import { badRequest, forbidden, methodNotAllowed, noSuchPath, noSuchResource, responseOf, StatusError } from './status-object.ts';
import { patchObject, replaceObject } from './update.ts';
import { parseTarget, type RequestTarget, type ResourceTarget } from './url.ts';
import { openWatch } from './watch.ts';

/** A request from the moment that somebody is known to send it: impersonation, authorization, then the resource or a virtual endpoint. */
export interface RequestHandler {
  serve(request: SandboxRequest): Promise<ApiResponse>;
  watch(request: SandboxRequest, signal: AbortSignal): ApiResponse | AsyncIterable<WatchEvent>;
}

export function createRequestHandler(server: ServerContext): RequestHandler {
  return {
    async serve(sent) {
      const warnings: string[] = [];
      const answered = await served(server, sent, (warning) => void warnings.push(warning)).catch(refusal);
      return warnings.length === 0 ? answered : { ...answered, warnings: [...new Set(warnings)].filter((warning) => warning !== '') };
    },
    watch(sent, signal) {
      try {
        const watching = { ...sent, query: { ...sent.query, watch: 'true' } };
        const target = parseTarget(watching);
        const { query, accept } = admitted(server, watching, target);
        const { type, namespace } = locate(server, target);
        if (target.verb !== 'watch') throw badRequest('a watch is of a collection: watch one object by fieldSelector=metadata.name=…');
        return openWatch(server, { type, namespace, query: query ?? {}, accept }, signal);
      } catch (error) {
        return refusal(error);
      }
    },
  };
}

async function served(server: ServerContext, sent: SandboxRequest, warn: ResourceCall['warn']): Promise<ApiResponse> {
  const target = parseTarget(sent);
  const request = admitted(server, sent, target);
  const endpoint = server.extensions.endpoints.find((candidate) => candidate.matches(request));
  if (endpoint !== undefined) return endpoint.answer(request, endpointContext(server));
  return answer(server, resourceCall(request, locate(server, target), warn), target.verb);
}

/** A fault of the server's own is answered as one, with its message; it must not take the stack down. */
function refusal(error: unknown): ApiResponse {
  if (error instanceof StatusError) return responseOf(error);
  const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
  return responseOf(new StatusError({ code: 500, reason: 'InternalError', message }));
}

/** The request with the user on whose behalf it is answered, who may make it. Throws a 403. */
function admitted(server: ServerContext, request: SandboxRequest, target: RequestTarget): SandboxRequest {
  const user = effectiveUser(server, request);
  const attributes = attributesOf(user, target);
  const { allowed, reason } = authorizeWith(server)(attributes);
  if (!allowed) throw forbidden(attributes, reason);
  return { ...request, user };
}

function effectiveUser(server: ServerContext, request: SandboxRequest): UserInfo {
  if (request.impersonate === undefined) return request.user;
  const impersonated = server.extensions.impersonator.impersonate(request, authorizeWith(server));
  if (impersonated.kind === 'refused') throw forbidden(impersonated.attributes, impersonated.reason);
  return impersonated.user;
}

function authorizeWith({ extensions, store }: ServerContext): (attributes: AccessAttributes) => AccessDecision {
  return (attributes) => extensions.authorizer.authorize(attributes, store);
}

function attributesOf(user: UserInfo, target: RequestTarget): AccessAttributes {
  const { verb } = target;
  if (target.kind === 'path')
    return { user, verb, group: '', version: '', resource: '', subresource: '', namespace: '', name: '', nonResourcePath: target.path };
  const { group, version, resource, subresource, namespace, name } = target;
  return { user, verb, group, version, resource, subresource, namespace, name };
}

function endpointContext(server: ServerContext): EndpointContext {
  const { store, types, clock } = server;
  return { objects: store, types, now: clock.now(), authorize: authorizeWith(server) };
}

/** Throws a 404 for what this API does not serve. */
function locate({ types }: ServerContext, target: RequestTarget): Located {
  if (target.kind === 'path') throw noSuchPath();
  const type = types.find(target.group, target.version, target.resource);
  if (type === undefined) throw isServed(types, target) ? noSuchResource() : noSuchPath();
  const subresource = type.subresources.find((known) => known === target.subresource) ?? '';
  if (subresource !== target.subresource || !isWellPlaced(type.namespaced, target)) throw noSuchResource();
  const isCollection = target.verb === 'list' || target.verb === 'watch'; // then the name is a field selector's
  const namespace = type.namespaced && target.namespace !== '' ? target.namespace : undefined;
  return { type, namespace, name: isCollection ? '' : target.name, subresource };
}

function isServed(types: ServerContext['types'], { group, version }: ResourceTarget): boolean {
  return types.all().some((type) => type.group === group && type.version === version);
}

/** A namespaced object has a namespace in its path, a cluster-scoped one has none (but for a Namespace, which stands in its own). */
function isWellPlaced(namespaced: boolean, { namespace, name, resource, verb }: ResourceTarget): boolean {
  if (!namespaced) return namespace === '' || resource === 'namespaces';
  return namespace !== '' || name === '' || verb === 'list' || verb === 'watch'; // of all namespaces
}

function answer(server: ServerContext, call: ResourceCall, verb: string): ApiResponse | Promise<ApiResponse> {
  switch (call.subresource) {
    case '':
      return answerObject(server, call, verb);
    case 'status':
      return answerStatus(server, call, verb);
    case 'scale':
      return answerScale(server, call, verb);
    case 'log':
      if (verb !== 'get') throw methodNotAllowed();
      return readPodLog(server, call);
    case 'binding':
      if (verb !== 'create') throw methodNotAllowed();
      return bindPod(server, call);
    case 'token':
      throw methodNotAllowed(); // its POST is a virtual endpoint's
  }
}

function answerObject(server: ServerContext, call: ResourceCall, verb: string): ApiResponse | Promise<ApiResponse> {
  switch (verb) {
    case 'get':
      return getObject(server, call);
    case 'list':
      return listObjects(server, call);
    case 'create':
      if (call.name !== '' || (call.type.namespaced && call.namespace === undefined)) throw methodNotAllowed();
      return createObject(server, call);
    case 'update':
      return replaceObject(server, ofOne(call));
    case 'patch':
      return patchObject(server, ofOne(call));
    case 'delete':
      return deleteObject(server, call);
    case 'watch':
      throw badRequest('a watch is opened, not sent: it has no single answer');
    default:
      throw methodNotAllowed();
  }
}

/** A collection is not written as a whole. */
function ofOne(call: ResourceCall): ResourceCall {
  if (call.name === '') throw methodNotAllowed();
  return call;
}

function answerStatus(server: ServerContext, call: ResourceCall, verb: string): ApiResponse | Promise<ApiResponse> {
  switch (verb) {
    case 'get':
      return getObject(server, call);
    case 'update':
      return replaceObject(server, call);
    case 'patch':
      return patchObject(server, call);
    default:
      throw methodNotAllowed();
  }
}

function answerScale(server: ServerContext, call: ResourceCall, verb: string): ApiResponse | Promise<ApiResponse> {
  switch (verb) {
    case 'get':
      return getScale(server, call);
    case 'update':
      return replaceScale(server, call);
    case 'patch':
      return patchScale(server, call);
    default:
      throw methodNotAllowed();
  }
}
