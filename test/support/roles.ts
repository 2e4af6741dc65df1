import { setTimeout as wait } from 'node:timers/promises';
import type { JsonObject } from '../../shared/api/json.ts';
import { successOf } from '../../shared/kubernetes/cluster.ts';
import type { PolicyRule } from '../../shared/kubernetes/ports.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import type { AuditedRequest } from './audit-log.ts';

export interface Role {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
}

/** One thing that a role permits. */
export interface Permission {
  readonly role: Role;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  /** Of one object only, by its name; null: of all. */
  readonly name: string | null;
}

const ours = 'kubernaut-system';
const callMilliseconds = 10_000;

export function wordsOf({ role, verb, resource, name }: Permission): string {
  return `${role.kind} ${role.name}: ${verb} ${resource}${name === null ? '' : ` ${name}`}`;
}

export async function permissionsOf(admin: Transport, role: Role): Promise<readonly Permission[]> {
  const request = { method: 'GET', path: pathOf(role) } as const;
  const { rules } = successOf(request, await admin.send(request, callMilliseconds)) as unknown as { readonly rules: readonly PolicyRule[] };
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.flatMap((verb) => (resourceNames ?? [null]).map((name): Permission => ({ role, group, resource, verb, name })))),
    ),
  );
}

/** The role becomes these permissions and nothing else. */
async function setPermissions(admin: Transport, role: Role, permissions: readonly Permission[]): Promise<void> {
  const rules = permissions.map(({ group, resource, verb, name }): JsonObject => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
    ...(name !== null && { resourceNames: [name] }),
  }));
  const request = { method: 'PATCH', path: pathOf(role), patchType: 'application/merge-patch+json', body: { rules } } as const;
  successOf(request, await admin.send(request, callMilliseconds));
}

/** Takes it away, does something, and gives it back. `all`: what the role permits. */
export async function without<Result>(admin: Transport, permission: Permission, all: readonly Permission[], use: () => Promise<Result>): Promise<Result> {
  const others = all.filter((each) => wordsOf(each) !== wordsOf(permission) || each.group !== permission.group);
  if (others.length !== all.length - 1) throw new Error(`the role does not permit to ${wordsOf(permission)}, or does so twice`);
  await setPermissions(admin, permission.role, others);
  try {
    return await use();
  } finally {
    await setPermissions(admin, permission.role, all);
  }
}

/** The API server's authorizer follows the roles by a watch: what it says is asked again for a moment. */
const looksMax = 20;
const lookMilliseconds = 50;

/** Whether one of these requests is refused now. */
export async function isDenied(admin: Transport, candidates: readonly AuditedRequest[]): Promise<boolean> {
  for (let count = 0; count < looksMax; count += 1) {
    for (const candidate of candidates) if (!(await isAllowed(admin, candidate))) return true;
    await wait(lookMilliseconds);
  }
  return false;
}

/** Each kind of request once: of what we impersonate the name counts. */
export function distinct(requests: readonly AuditedRequest[]): readonly AuditedRequest[] {
  const keyOf = (request: AuditedRequest) => JSON.stringify({ ...request, name: request.resource === 'serviceaccounts' ? request.name : '' });
  return [...new Map(requests.map((request) => [keyOf(request), request])).values()];
}

/** Whether a request that was seen is one that this permission is there for. */
export function isFor({ role, group, resource, verb, name }: Permission, request: AuditedRequest): boolean {
  const asked = request.impersonated === '' ? request : impersonationOf(request);
  const where = role.kind === 'ClusterRole' || asked.namespace === ours;
  return where && asked.group === group && asked.resource === resource && asked.verb === verb && (name === null || asked.name === name);
}

/** Before it is anybody else's request, it is one to be that other. */
function impersonationOf({ user, impersonated }: AuditedRequest): AuditedRequest {
  const [, , namespace = '', name = ''] = impersonated.split(':');
  return { user, impersonated: '', verb: 'impersonate', group: '', resource: 'serviceaccounts', namespace, name, allowed: true };
}

/** What the API server's authorizer says of it now. */
async function isAllowed(admin: Transport, request: AuditedRequest): Promise<boolean> {
  const { user, verb, group, resource: full, namespace, name } = request.impersonated === '' ? request : impersonationOf(request);
  const [resource = '', subresource] = full.split('/');
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${ours}`, 'system:authenticated'];
  const resourceAttributes = { verb, group, resource, namespace, name, ...(subresource !== undefined && { subresource }) };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user, groups, resourceAttributes } };
  const asked = { method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', body } as const;
  const answer = successOf(asked, await admin.send(asked, callMilliseconds)) as unknown as { readonly status: { readonly allowed: boolean } };
  return answer.status.allowed;
}

function pathOf({ kind, name }: Role): string {
  const root = '/apis/rbac.authorization.k8s.io/v1';
  return kind === 'Role' ? `${root}/namespaces/${ours}/roles/${name}` : `${root}/clusterroles/${name}`;
}
