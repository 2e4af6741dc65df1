import type { JsonObject, JsonValue } from '../api/json.ts';
import type { AccessReview, PolicyRule } from './ports.ts';
import type { ApiRequest } from './request.ts';
import { collectionPath } from './resource-path.ts';

export interface AccessQuestion {
  /** Empty: whoever is in the groups. */
  readonly user: string;
  /** Absent: those of a ServiceAccount. */
  readonly groups?: readonly string[];
  readonly rules: readonly PolicyRule[];
  /** Absent: the whole cluster. */
  readonly namespace: string | undefined;
}

interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string | undefined;
}

export const accessReviewPath = collectionPath({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' }, undefined);

export interface AccessAnswer {
  readonly allowed: boolean;
  /** "patch deployments/scale.apps in namespace production" */
  readonly what: string;
}

/** One SubjectAccessReview per verb and resource, asked at once; the first that is denied is named. */
export async function reviewAccess(ask: (request: ApiRequest) => Promise<JsonValue>, question: AccessQuestion): Promise<AccessReview> {
  const denied = (await reviewEach(ask, question)).find(({ allowed: isAllowed }) => !isAllowed);
  return denied === undefined ? { allowed: true, reason: '' } : { allowed: false, reason: `${question.user} may not ${denied.what}` };
}

/** The answer to each verb and resource of the rules, in their order. */
export async function reviewEach(ask: (request: ApiRequest) => Promise<JsonValue>, question: AccessQuestion): Promise<readonly AccessAnswer[]> {
  const asked = question.rules.flatMap(attributesOf);
  const answers = await Promise.all(asked.map((attributes) => ask({ method: 'POST', path: accessReviewPath, body: reviewOf(question, attributes) })));
  return asked.map((attributes, index) => ({ allowed: allowed(answers[index]), what: sentence(question, attributes) }));
}

function attributesOf({ apiGroups, resources, verbs, resourceNames }: PolicyRule): readonly Attributes[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((path) => {
      const [resource = '', subresource = ''] = path.split('/');
      return verbs.flatMap((verb) => (resourceNames ?? [undefined]).map((name) => ({ verb, group, resource, subresource, name })));
    }),
  );
}

function reviewOf({ user, groups, namespace }: AccessQuestion, { verb, group, resource, subresource, name }: Attributes): JsonObject {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      ...(user !== '' && { user }),
      groups: groups ?? groupsOf(user),
      resourceAttributes: { verb, group, resource, subresource, ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) },
    },
  };
}

/** A review names the groups itself: the server derives them for authentication only. */
function groupsOf(user: string): readonly string[] {
  const namespace = user.split(':')[2] ?? '';
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}

function allowed(answer: JsonValue | undefined): boolean {
  const status = (answer as JsonObject | undefined)?.['status'];
  return (status as JsonObject | undefined)?.['allowed'] === true;
}

function sentence({ namespace }: AccessQuestion, { verb, group, resource, subresource }: Attributes): string {
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? 'in the cluster' : `in namespace ${namespace}`;
  return `${verb} ${what}${group === '' ? '' : `.${group}`} ${where}`;
}
