import { defaultNamespace } from '../../../shared/api/labels.ts';
import { reviewEach, type AccessQuestion } from '../../../shared/kubernetes/access-review.ts';
import { accountUser } from '../../../shared/kubernetes/cluster.ts';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import type { PolicyRule } from '../../../shared/kubernetes/ports.ts';
import { functionsIdentity, watcherIdentity } from '../../cluster/identities.ts';
import type { Identity } from '../../cluster/identity.ts';
import { ask } from './ask.ts';
import { fail, ok, warn, type Verdict } from './finding.ts';
import type { Check, Patient } from './patient.ts';

/** What no part of the product ever needs: whoever has it can do more than remediate. */
const neverNeeded: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] },
  { apiGroups: [''], resources: ['serviceaccounts/token', 'pods/exec'], verbs: ['create'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch', 'update'] },
];
const namedMax = 3;

/** The functions may do what their roles of the chart say: the same lists that those are made of. */
export const functionsCheck: Check = {
  name: 'functions may',
  needs: 'cluster',
  look: (patient) => lookAt(patient, functionsIdentity(), whoTheFunctionsAre(patient)),
};

export const watcherAccessCheck: Check = {
  name: 'watcher may',
  needs: 'cluster',
  look: (patient) => lookAt(patient, watcherIdentity(), [{ user: accountUser(patient.systemNamespace, watcherIdentity().name) }]),
};

type Who = Pick<AccessQuestion, 'user' | 'groups'>;

/** Named by the variables that tell admission the same, else their ServiceAccount. */
function whoTheFunctionsAre({ variables, systemNamespace }: Patient): readonly Who[] {
  const users = namesIn(variables['KUBERNAUT_FUNCTIONS_USERS']);
  const groups = namesIn(variables['KUBERNAUT_FUNCTIONS_GROUPS']);
  const all = [...groups, 'system:authenticated'];
  if (users.length > 0) return users.map((user) => (user.startsWith('system:serviceaccount:') && groups.length === 0 ? { user } : { user, groups: all }));
  if (groups.length > 0) return [{ user: '', groups: all }];
  return [{ user: accountUser(systemNamespace, functionsIdentity().name) }];
}

function namesIn(text = ''): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

async function lookAt(patient: Patient, identity: Identity, whos: readonly Who[]): Promise<readonly Verdict[]> {
  try {
    return (await Promise.all(whos.map((who) => verdictsOf(patient, identity, who)))).flat();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return [warn('not looked at', 'look with a user who may create subjectaccessreviews')];
  }
}

async function verdictsOf(patient: Patient, { role, ...identity }: Identity, who: Who): Promise<readonly Verdict[]> {
  const review = (rules: readonly PolicyRule[], namespace: string | undefined) => reviewEach((request) => ask(patient, request), { ...who, rules, namespace });
  const [within, everywhere, excess] = await Promise.all([
    review(identity.namespaced, patient.systemNamespace),
    review(identity.cluster, undefined),
    review(neverNeeded, patient.systemNamespace),
  ]);
  const name = who.user === '' ? `group ${who.groups?.[0]}` : who.user;
  const denied = [...within, ...everywhere].filter(({ allowed }) => !allowed).map(({ what }) => what);
  const more = excess.filter(({ allowed }) => allowed).map(({ what }) => what);
  return [
    denied.length === 0
      ? ok(`${name}: all of ${within.length + everywhere.length} verbs`)
      : fail(
          `${name} may not ${enumerated(denied)}`,
          `helm upgrade binds ${role} to it, with functions.users or functions.groups where it is no ServiceAccount of ${defaultNamespace}`,
        ),
    ...(more.length === 0 ? [] : [warn(`${name} may ${enumerated(more)}, which nothing needs`, 'bind it to its own role only')]),
  ];
}

function enumerated(texts: readonly string[]): string {
  const named = texts.slice(0, namedMax).join(', ');
  return texts.length > namedMax ? `${named} and ${texts.length - namedMax} more` : named;
}
