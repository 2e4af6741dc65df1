import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { actionReference } from '../../shared/actions/reference.ts';
import { chartFiles } from '../cluster/generate-chart.ts';
import { crdFiles } from '../cluster/generate-crds.ts';
import { policyFiles } from '../cluster/generate-policies.ts';
import { rbacFiles } from '../cluster/generate-rbac.ts';
import { root } from './root.ts';

/** Everything in the repository that follows from the code: path from its root → content. */
function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([...crdFiles(), ...rbacFiles(), ...policyFiles(), ...chartFiles(), ['docs/actions.md', actionReference()]]);
}

/** Writes the generated files; or, to check, only names those that differ. Answers the exit code. */
export async function generate({ check }: { readonly check: boolean }): Promise<number> {
  const files = [...generatedFiles()];
  const contents = await Promise.all(files.map(([path]) => readFile(join(root, path), 'utf8').catch(() => null)));
  const stale = files.filter(([, content], index) => contents[index] !== content);
  if (check) {
    for (const [path] of stale) console.error(`${path} differs from what the code says: run npx kubernaut generate`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const [path, content] of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    console.log(`wrote ${path}`);
  }
  if (stale.length === 0) console.log(`${files.length} files, all of them up to date`);
  return 0;
}
