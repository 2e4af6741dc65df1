import { qualifiedName } from './resource-types.ts';
import type { AccessAttributes, AccessDecision, Authorizer } from './extension.ts';
import { mastersGroup, ruleAllows } from './rbac.ts';
import { rbacIndexes } from './rbac-index.ts';

/** Role-based access control over the Roles and bindings in the store. system:masters may do everything. */
export function rbacAuthorizer(): Authorizer {
  const indexOf = rbacIndexes();
  return {
    authorize(attributes, objects): AccessDecision {
      if (attributes.user.groups.includes(mastersGroup)) return { allowed: true, reason: '' };
      if (everyoneMayRead(attributes)) return { allowed: true, reason: defaultRole };
      const grant = indexOf(objects)
        .grantsFor(attributes.user, attributes.namespace)
        .find(({ rules }) => rules.some((rule) => ruleAllows(rule, attributes)));
      return grant === undefined ? { allowed: false, reason: '' } : { allowed: true, reason: `RBAC: allowed by ${grant.source}` };
    },
  };
}

/** Kubernetes' whole sentence: `deployments.apps "x" is forbidden: User … cannot …`. */
export function forbiddenMessage(attributes: AccessAttributes, reason = ''): string {
  const told = `${forbiddenReason(attributes)}${reason === '' ? '' : `: ${reason}`}`;
  if (attributes.nonResourcePath !== undefined) return `forbidden: ${told}`;
  const subject = qualifiedName({ group: attributes.group, plural: attributes.resource });
  return attributes.name === '' ? `${subject} is forbidden: ${told}` : `${subject} "${attributes.name}" is forbidden: ${told}`;
}

function forbiddenReason({ user, verb, group, resource, subresource, namespace, nonResourcePath }: AccessAttributes): string {
  const who = `User "${user.username}"`;
  if (nonResourcePath !== undefined) return `${who} cannot ${verb} path "${nonResourcePath}"`;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `${who} cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}

const defaultRole = 'RBAC: allowed by a default role of every cluster';
const discoveryPaths = ['/api', '/apis', '/openapi'];
const publicPaths = ['/version', '/healthz', '/livez', '/readyz'];

/** The default roles system:discovery, system:public-info-viewer and system:basic-user, which every cluster has. */
function everyoneMayRead({ user, verb, group, resource, nonResourcePath: path }: AccessAttributes): boolean {
  const isKnown = user.groups.includes('system:authenticated');
  if (path === undefined) return isKnown && verb === 'create' && group === 'authorization.k8s.io' && resource === 'selfsubjectaccessreviews';
  const within = (roots: readonly string[]): boolean => roots.some((root) => path === root || path.startsWith(`${root}/`));
  return verb === 'get' && (within(publicPaths) || (isKnown && within(discoveryPaths)));
}
