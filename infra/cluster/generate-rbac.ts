import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { actions } from '../../shared/actions/index.ts';
import { actionIdentity, functionsIdentity, watcherIdentity } from './identities.ts';
import { identityManifests, namespaceManifest, type Manifest } from './identity.ts';
import { peopleManifests } from './people.ts';

const header = '# Generated from shared/actions and the access.ts of each function: change those and generate again.\n';

/** Path from the root of the repository → content of every RBAC file. */
export function rbacFiles(): ReadonlyMap<string, string> {
  return new Map([
    file('namespace', [namespaceManifest()]),
    file(
      'actions',
      actions.flatMap((action) => identityManifests(actionIdentity(action))),
    ),
    file('functions', identityManifests(functionsIdentity())),
    file('watcher', identityManifests(watcherIdentity())),
    file('people', peopleManifests()),
  ]);
}

function file(name: string, manifests: readonly Manifest[]): readonly [string, string] {
  const documents = manifests.map((manifest) => stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false }));
  return [`infra/cluster/rbac/${name}.yaml`, header + documents.join('---\n')];
}

if (import.meta.main) {
  const root = new URL('../../', import.meta.url);
  for (const [path, content] of rbacFiles()) await writeFile(new URL(path, root), content);
}
