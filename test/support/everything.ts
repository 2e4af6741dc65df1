import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { eventually, succeeded, type Caller } from './control-plane.ts';

interface Resources {
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

interface Groups {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

/** What a cluster writes about itself, and nobody installs: its diary, its index of what is served, the state of its parts. */
const ofTheClusterItself = ['events', 'events.events.k8s.io', 'apiservices.apiregistration.k8s.io', 'componentstatuses'];

/** Every object of every kind that the API lists, in all namespaces, as `deployments.apps kubernaut-system/kubernaut-watcher`. */
export async function everything(admin: Caller): Promise<readonly string[]> {
  const { groups } = (await read(admin, '/apis')) as unknown as Groups;
  // One version of each group is enough: all versions list the same objects.
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const found: string[] = [];
  for (const root of roots) {
    const [, , group = ''] = root.split('/');
    const { resources } = ((await read(admin, root)) ?? { resources: [] }) as unknown as Resources;
    for (const { name, verbs } of resources) {
      const kind = root.startsWith('/apis/') ? `${name}.${group}` : name;
      if (!verbs.includes('list') || name.includes('/') || ofTheClusterItself.includes(kind)) continue;
      const { items } = ((await read(admin, `${root}/${name}`)) ?? { items: [] }) as unknown as { readonly items: readonly KubernetesObject[] };
      found.push(...items.map(({ metadata }) => `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`));
    }
  }
  return found.toSorted();
}

/** While a definition changes, its kind is answered with 429; null when it is gone and only the index does not know it yet. */
async function read(admin: Caller, path: string): Promise<JsonObject | null> {
  const answer = await eventually(
    () => admin('GET', path),
    ({ status }) => status !== 429,
  );
  return answer.status === 404 ? null : succeeded(answer);
}
