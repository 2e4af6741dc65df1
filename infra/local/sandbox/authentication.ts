import { isJsonObject } from '../../../shared/api/json.ts';
import { serviceAccountGroups, serviceAccountUsername } from './rbac.ts';
import { administrator, type Sandbox, type UserInfo } from './sandbox.ts';
import { equalInConstantTime, type BoundObject, type TokenIssuer, type TokenSubject } from './token.ts';

export interface Authenticator {
  /** Null: nobody we know, answered as 401. */
  authenticate(token: string | undefined): Promise<UserInfo | null>;
}

export interface Credentials {
  readonly tokens: TokenIssuer;
  /** The token of the kubeconfig: system:masters. */
  readonly adminToken: string;
  /** Everybody else, as a static token file of a kube-apiserver has them. Read at every request; absent: nobody. */
  readonly people?: readonly Person[];
}

export interface Person {
  readonly token: string;
  readonly user: UserInfo;
}

/** Bearer tokens → who asks. A ServiceAccount's token counts only while the account, and the pod that it is bound to, still exist. */
export function bearerAuthenticator(sandbox: Pick<Sandbox, 'serve'>, { tokens, adminToken, people = [] }: Credentials): Authenticator {
  return {
    async authenticate(token) {
      if (token === undefined || token === '') return null;
      if (equalInConstantTime(token, adminToken)) return administrator;
      const person = people.find((known) => equalInConstantTime(token, known.token));
      if (person !== undefined) return person.user;
      const subject = tokens.verify(token);
      return subject !== null && (await stillExists(sandbox, subject)) ? userOf(subject) : null;
    },
  };
}

/** The user that a pod's requests come from, or a ServiceAccount's without a pod. */
export function userOf({ namespace, serviceAccount, pod }: TokenSubject): UserInfo {
  return {
    username: serviceAccountUsername(namespace, serviceAccount.name),
    groups: serviceAccountGroups(namespace),
    ...(pod !== undefined && { extra: { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] } }),
  };
}

async function stillExists(sandbox: Pick<Sandbox, 'serve'>, { namespace, serviceAccount, pod }: TokenSubject): Promise<boolean> {
  const exists = async (plural: string, { name, uid }: BoundObject): Promise<boolean> => {
    const { status, body } = await sandbox.serve({ method: 'GET', path: `/api/v1/namespaces/${namespace}/${plural}/${name}`, user: administrator });
    return status === 200 && isJsonObject(body) && isJsonObject(body['metadata']) && body['metadata']['uid'] === uid;
  };
  return (await exists('serviceaccounts', serviceAccount)) && (pod === undefined || (await exists('pods', pod)));
}
