import { writeFile } from 'node:fs/promises';
import { Document, isScalar, visit } from 'yaml';
import { actionOriginPolicy, actionReachPolicy } from './action-policies.ts';
import { policyManifests, type AdmissionPolicy } from './admission-policy.ts';
import type { Manifest } from './identity.ts';
import { jobShapePolicy } from './job-policy.ts';
import { plainSettings, type PolicySettings } from './policy-settings.ts';

const header = '# Generated from infra/cluster/*-polic*.ts: change the rule there and generate again.\n';

/** The three that refuse what RBAC cannot. */
export function admissionPolicies(settings: PolicySettings): readonly AdmissionPolicy[] {
  return [actionOriginPolicy(settings), actionReachPolicy(settings), jobShapePolicy(settings)];
}

/** Path from the root of the repository → content of every policy file. */
export function policyFiles(): ReadonlyMap<string, string> {
  const files = admissionPolicies(plainSettings).map((policy) => [`infra/cluster/policies/${policy.name}.yaml`, header + policyYaml(policy)] as const);
  return new Map(files);
}

export function policyYaml(policy: AdmissionPolicy): string {
  return policyManifests(policy).map(manifestYaml).join('---\n');
}

/** Expressions and messages as blocks: CEL is full of quotes, and so are the chart's templates in it. */
export function manifestYaml(manifest: Manifest): string {
  const document = new Document(manifest, { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_key, { key, value }) {
      if (isScalar(key) && (key.value === 'expression' || key.value === 'message') && isScalar(value)) value.type = 'BLOCK_LITERAL';
    },
  });
  return document.toString({ lineWidth: 0 });
}

if (import.meta.main) {
  const root = new URL('../../', import.meta.url);
  for (const [path, content] of policyFiles()) await writeFile(new URL(path, root), content);
}
