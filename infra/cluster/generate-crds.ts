import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { customResourceDefinition } from '../../shared/api/crd.ts';
import { definitions } from '../../shared/api/kinds.ts';

const header = '# Generated from shared/api: change the schema of the kind there and generate again.\n';

/** Path from the root of the repository → content of every CRD file. */
export function crdFiles(): ReadonlyMap<string, string> {
  const files = definitions.map((definition) => {
    const path = `infra/cluster/crds/${definition.group}_${definition.plural}.yaml`;
    return [path, header + stringify(customResourceDefinition(definition), { lineWidth: 0, aliasDuplicateObjects: false })] as const;
  });
  return new Map(files);
}

if (import.meta.main) {
  const root = new URL('../../', import.meta.url);
  for (const [path, content] of crdFiles()) await writeFile(new URL(path, root), content);
}
