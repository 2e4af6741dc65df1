import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import type { ResourceType, ResourceTypes } from './resource-types.ts';
import type { SandboxRequest, UserInfo } from './sandbox.ts';

/**
 * The seams of the sandbox. The store and the API semantics know nothing of RBAC, schemas, discovery or Tables: they ask these
 * parts, which createSandbox is given. Every part sees stored objects as they are: frozen, so their identity may key a cache.
 */
export interface Extensions {
  readonly authorizer: Authorizer;
  readonly impersonator: Impersonator;
  readonly validator: SchemaValidator;
  /** Asked in order, before the store; the first that matches answers. */
  readonly endpoints: readonly VirtualEndpoint[];
  readonly tables: TableRenderer;
  readonly webhooks: WebhookClient;
}

/** Reads past authorization: for the parts of the API server itself, never for a client. */
export interface StoredObjects {
  get(group: string, plural: string, namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** In the order of namespace, then name. Without a namespace: of all. */
  list(group: string, plural: string, namespace?: string): readonly KubernetesObject[];
}

/** What is asked for, as the authorizer of a kube-apiserver sees it. Empty strings: does not apply. */
export interface AccessAttributes {
  readonly user: UserInfo;
  /** get, list, watch, create, update, patch, delete, deletecollection, impersonate …; for a path, the method in lower case. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** Plural: `deployments`. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Given for what is no resource: `/healthz`, `/apis`; the fields above but user and verb are then empty. */
  readonly nonResourcePath?: string;
}

export interface AccessDecision {
  readonly allowed: boolean;
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: AccessAttributes, objects: StoredObjects): AccessDecision;
}

/** `user`: on whose behalf the request is answered. `refused`: one sentence, answered as 403. */
export type Impersonated =
  | { readonly kind: 'user'; readonly user: UserInfo }
  | { readonly kind: 'refused'; readonly attributes: AccessAttributes; readonly reason: string };

export interface Impersonator {
  /** Called only for a request that has `impersonate`. `authorize` asks the Authorizer over the same objects. */
  impersonate(request: SandboxRequest, authorize: (attributes: AccessAttributes) => AccessDecision): Impersonated;
}

/** What a virtual endpoint may use. */
export interface EndpointContext {
  readonly objects: StoredObjects;
  readonly types: ResourceTypes;
  /** Current time of the sandbox's clock. */
  readonly now: Instant;
  readonly authorize: (attributes: AccessAttributes) => AccessDecision;
}

/** A path that no store is behind: access reviews, tokens, discovery, version, health. Asked after authentication, impersonation and authorization. */
export interface VirtualEndpoint {
  /** `request.user` is already the impersonated one. */
  matches(request: SandboxRequest): boolean;
  answer(request: SandboxRequest, context: EndpointContext): Promise<ApiResponse> | ApiResponse;
}

/** A field that is wrong, as a Status lists it in details.causes: reason FieldValueInvalid, FieldValueRequired, FieldValueForbidden … */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  /** `spec.replicas` */
  readonly field: string;
}

/** A write that is about to be stored, after the metadata was made and the status isolated. */
export interface ProposedWrite {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
  /** Null on create. */
  readonly old: KubernetesObject | null;
  readonly subresource: '' | 'status' | 'scale';
  /** fieldValidation=Strict: a field that no schema names is refused (400) and not dropped. */
  readonly strict?: boolean;
}

/** `object`: defaulted and pruned. `invalid`: answered as 422 with these causes; at least one. */
export type Admitted = { readonly kind: 'admitted'; readonly object: KubernetesObject } | { readonly kind: 'invalid'; readonly causes: readonly Cause[] };

/** Custom resources and their definitions. Built-in kinds have a validation of their own beside the store. */
export interface SchemaValidator {
  /** Called for custom resources and for CustomResourceDefinitions (structural check; the object that it admits may carry a status). */
  admit(write: ProposedWrite, objects: StoredObjects): Admitted;
  /** The object as webhooks are shown it: defaulted and pruned, and held to nothing else. */
  shape(write: Pick<ProposedWrite, 'type' | 'object' | 'strict'>, objects: StoredObjects): KubernetesObject;
  /** The types that an admitted CustomResourceDefinition establishes: one for each served version. */
  typesOf(definition: KubernetesObject): readonly ResourceType[];
}

export interface ListMetadata {
  readonly resourceVersion: string;
  /** What the next page is asked for with; absent on the last one. */
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** How a Table is to be. */
export interface TableView {
  readonly now: Instant;
  /** The parameter of that name: None, Metadata or Object; what a row carries of its object. Absent: the metadata. */
  readonly includeObject?: string | undefined;
}

export interface TableRenderer {
  /** Does this Accept header prefer a Table? */
  wanted(accept: string | undefined): boolean;
  /** For GET (one object), LIST and each event of a watch (one object). */
  render(type: ResourceType, objects: readonly KubernetesObject[], metadata: ListMetadata, view: TableView): JsonObject;
}

/** A review on its way to an admission webhook. */
export interface WebhookCall {
  /** https, with the parameter `timeout`. */
  readonly url: string;
  /** Base64 of the PEM of the authorities that vouch for it; empty: those that everybody trusts. */
  readonly caBundle: string;
  readonly review: JsonObject;
  readonly timeoutMilliseconds: number;
}

/** `unreached`: what follows on `Post "<url>": ` in the words of a kube-apiserver's client. */
export type WebhookAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly contentType: string; readonly text: string }
  | { readonly kind: 'unreached'; readonly why: string };

/** How admission webhooks are reached: over HTTPS, or within the process where time is virtual. Never rejects. */
export type WebhookClient = (call: WebhookCall) => Promise<WebhookAnswer>;
