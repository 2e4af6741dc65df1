import type { IncomingMessage } from 'node:http';
import type { ApiRequest } from '../../../shared/kubernetes/request.ts';
import type { Authenticator } from './authentication.ts';
import { patchTypeOf, readBody } from './https-body.ts';
import type { SandboxRequest, UserInfo } from './sandbox.ts';
import { methodNotAllowed, StatusError } from './status-object.ts';

const methods: readonly ApiRequest['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Who sends no token at all. RBAC lets it read `/version` and the probes. */
const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** An HTTP request as the sandbox takes it. Throws a StatusError for what cannot be one: 401, 403, 405, 413, 415, 400. */
export async function sandboxRequest(request: IncomingMessage, authenticator: Authenticator): Promise<SandboxRequest> {
  const user = await userOf(request, authenticator);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://sandbox.invalid');
  const method = methods.find((known) => known === request.method);
  if (method === undefined) throw methodNotAllowed();
  const patchType = method === 'PATCH' ? patchTypeOf(request) : undefined;
  const body = method === 'GET' ? undefined : await readBody(request);
  const impersonate = impersonatedUser(request);
  const { accept } = request.headers;
  return {
    method,
    path: pathname,
    query: firstOfEach(searchParams),
    user,
    ...(patchType !== undefined && { patchType }),
    ...(body !== undefined && { body }),
    ...(impersonate !== undefined && { impersonate }),
    ...(accept !== undefined && { accept }),
  };
}

async function userOf({ headers }: IncomingMessage, authenticator: Authenticator): Promise<UserInfo> {
  if (headers.authorization === undefined) return anonymous;
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization)?.[1];
  const user = await authenticator.authenticate(token);
  if (user === null) throw new StatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
  return user;
}

/** Only a user may be asked for: its groups are derived, and an extra could claim to come from a pod. */
function impersonatedUser({ headers }: IncomingMessage): string | undefined {
  const others = Object.keys(headers).filter((name) => /^impersonate-(group|uid|extra-.*)$/.test(name));
  if (others.length > 0) {
    const message = `forbidden: ${others.join(', ')} cannot be asked for: the sandbox takes Impersonate-User alone and derives the groups`;
    throw new StatusError({ code: 403, reason: 'Forbidden', message });
  }
  const user = headers['impersonate-user'];
  return typeof user === 'string' && user !== '' ? user : undefined;
}

/** As Go reads a parameter that is given twice. */
function firstOfEach(parameters: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries([...parameters].toReversed());
}
