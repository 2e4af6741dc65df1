import { defaultNamespace, protectedNamespaces } from '../../shared/api/labels.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { accountUser } from '../../shared/kubernetes/cluster.ts';
import { functionsIdentity } from './identities.ts';

/** What an installation decides about the policies. The texts stand in CEL as they are, so that the chart can put templates there. */
export interface PolicySettings {
  readonly namespace: string;
  /** Lists of strings in CEL: who the functions are, which images their Jobs may run, where no action may write. */
  readonly functionsUsers: string;
  readonly functionsGroups: string;
  readonly images: string;
  readonly protectedNamespaces: string;
}

/** Of the pinned image there is one truth: what a function uses that is told nothing else. */
export const defaultImage = parseEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'https://example.com/' }, []).KUBERNAUT_KUBECTL_IMAGE;

/** What infra/cluster/rbac installs by kubectl. */
export const plainSettings: PolicySettings = {
  namespace: defaultNamespace,
  functionsUsers: celList([accountUser(defaultNamespace, functionsIdentity().name)]),
  functionsGroups: celList([]),
  images: celList([defaultImage]),
  protectedNamespaces: celList(protectedNamespaces),
};

/** A JSON list of strings is a CEL list too: escapes are the same. */
export function celList(texts: readonly string[]): string {
  return JSON.stringify(texts);
}
