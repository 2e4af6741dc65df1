import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { ApiRequest } from './request.ts';

/** Names an object without saying which incarnation: no uid. */
export interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
}

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** `reason` names the first verb and resource that is missing; empty when allowed. */
export interface AccessReview {
  readonly allowed: boolean;
  readonly reason: string;
}

/** `output` is one line a request: "deployment.apps/payment-api scaled (dry run)". A refusal (400, 403, 404, 409, 422) carries the API's own words. */
export type DryRun =
  | { readonly kind: 'accepted'; readonly objects: readonly KubernetesObject[] }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string };

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** At most this many, one page; the callers bound every list. */
  readonly limit?: number;
}

/** Of everything in a collection, so that what is large comes piece by piece. */
export interface ListPage {
  readonly items: readonly KubernetesObject[];
  /** What to ask for the next page; null: this was the last. */
  readonly next: string | null;
}

/** What `observe` may ask. Absent is null; an answer is a value; trouble (429, 5xx, timeout) is thrown and the queue retries. */
export interface ClusterReader {
  get(key: ObjectKey): Promise<KubernetesObject | null>;
  list(kind: { readonly apiVersion: string; readonly kind: string }, options: ListOptions): Promise<readonly KubernetesObject[]>;
  /** May the ServiceAccount (in our namespace) do all of this in `namespace`? One SubjectAccessReview per verb and resource. */
  reviewAccess(serviceAccount: string, rules: readonly PolicyRule[], namespace: string | undefined): Promise<AccessReview>;
  /** Sends the requests with dryRun=All as the ServiceAccount; the first refusal ends it. */
  dryRun(serviceAccount: string, requests: readonly ApiRequest[]): Promise<DryRun>;
  /** The last bytes of a container's log; null when it cannot be read (best effort, design.md §3). */
  podLog(namespace: string, pod: string, options: { readonly container: string; readonly tailBytes: number }): Promise<string | null>;
}

/** For who looks at everything of ours: a list of thousands, each of up to 1 MiB, is no one answer. */
export interface ClusterPages {
  /** One page. `from`: `next` of the page before; it expires after some minutes, and is then thrown as a 410. */
  listPage(
    kind: { readonly apiVersion: string; readonly kind: string },
    options: ListOptions & { readonly limit: number; readonly from?: string | undefined },
  ): Promise<ListPage>;
}

/** What the interpreter, alert-intake and the sweeper may change. Every refusal is thrown as ApiError (errors.ts). */
export interface ClusterWriter {
  create(object: KubernetesObject): Promise<KubernetesObject>;
  /** Merge patch of the status subresource, bound to the resourceVersion. */
  patchStatus(key: ObjectKey, status: JsonObject, resourceVersion: string): Promise<KubernetesObject>;
  /** Merge patch of metadata, bound to the resourceVersion and uid where given. */
  patchMetadata(key: ObjectKey, metadata: JsonObject): Promise<KubernetesObject>;
  /** Absent is success. */
  delete(key: ObjectKey, options: { readonly uid: string; readonly propagationPolicy: 'Background' | 'Foreground' }): Promise<void>;
}

export type Cluster = ClusterReader & ClusterPages & ClusterWriter;
