import type { ApiRequest, ApiResponse, Transport, WatchEvent } from '../../../shared/kubernetes/request.ts';

/** Who asks, as an API server's authentication would say it. */
export interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A request as it reaches the sandbox: who, what, and in which form the answer is wanted (kubectl asks for Tables). */
export interface SandboxRequest extends ApiRequest {
  readonly user: UserInfo;
  readonly accept?: string;
}

/**
 * An in-process Kubernetes API: what the HTTPS front, stories, controllers and the node talk to. `serve` authorizes, validates and
 * stores; it never throws for a bad request, it answers a Status. It implements what the product, the documented kubectl commands
 * and the tests touch, and nothing more.
 */
export interface Sandbox {
  serve(request: SandboxRequest): Promise<ApiResponse>;
  watch(request: SandboxRequest, signal: AbortSignal): Promise<ApiResponse | AsyncIterable<WatchEvent>>;
  /** The same API as a port, with an identity baked in. */
  transport(user: UserInfo): Transport;
  /** What a container wrote; the node's side of pods/log. Gone when the pod is deleted. */
  appendLog(podUid: string, container: string, text: string): void;
  /** Ends every watch, as a restarting API server does. */
  close(): void;
}

/** system:masters: RBAC lets it do everything. */
export const administrator: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
