import { isJsonObject, type JsonObject } from '../../../../shared/api/json.ts';
import type { ResourceCall } from '../resource-call.ts';
import type { ResourceType } from '../resource-types.ts';
import type { UserInfo } from '../sandbox.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** A write as those see it who admit it. */
export interface AdmissionRequest {
  readonly type: ResourceType;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly subresource: string;
  /** Empty while the server has not made it. */
  readonly name: string;
  /** Of a Namespace: its own name. Empty for what is the cluster's. */
  readonly namespace: string;
  readonly operation: Operation;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly options: JsonObject;
  /** Null for a delete. */
  readonly object: JsonObject | null;
  /** Null for a create. */
  readonly oldObject: JsonObject | null;
}

export type Change = Pick<AdmissionRequest, 'operation' | 'object' | 'oldObject' | 'name'>;

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

export function admissionRequest(call: ResourceCall, change: Change): AdmissionRequest {
  const { type, subresource, user, dryRun } = call;
  const isNamespace = type.group === '' && type.plural === 'namespaces';
  const { group, version, kind } = type;
  return {
    ...change,
    type,
    kind: subresource === 'scale' ? scaleKind : { group, version, kind },
    subresource,
    namespace: isNamespace ? change.name : (call.namespace ?? ''),
    user,
    dryRun,
    options: optionsOf(call, change.operation),
  };
}

const optionsKinds: Readonly<Record<Operation, string>> = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' };

/** What the client said of the write itself: in the query, or in the body of a DELETE. */
function optionsOf({ query, body, dryRun }: ResourceCall, operation: Operation): JsonObject {
  const { fieldManager, fieldValidation, propagationPolicy, gracePeriodSeconds } = query;
  const named = { kind: optionsKinds[operation], apiVersion: 'meta.k8s.io/v1' };
  if (operation === 'DELETE' && isJsonObject(body)) return { ...body, ...named };
  const asked =
    operation === 'DELETE'
      ? { propagationPolicy, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds: Number(gracePeriodSeconds) }) }
      : { fieldManager, fieldValidation };
  return { ...named, ...asked, ...(dryRun && { dryRun: ['All'] }) };
}

/** The `request` of an AdmissionReview. Fields that say nothing are left out, as Go leaves them out. */
export function requestObject(request: AdmissionRequest, uid: string): JsonObject {
  const { type, kind, subresource, name, namespace, operation, user, dryRun, options, object, oldObject } = request;
  const resource = { group: type.group, version: type.version, resource: type.plural };
  const { username, groups, extra } = user;
  return {
    uid,
    kind,
    resource,
    ...(subresource !== '' && { subResource: subresource }),
    requestKind: kind,
    requestResource: resource,
    ...(subresource !== '' && { requestSubResource: subresource }),
    ...(name !== '' && { name }),
    ...(namespace !== '' && { namespace }),
    operation,
    userInfo: { username, groups, ...(extra !== undefined && { extra }) },
    object,
    oldObject,
    dryRun,
    options,
  };
}
