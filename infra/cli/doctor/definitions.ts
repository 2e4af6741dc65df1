import { customResourceDefinition } from '../../../shared/api/crd.ts';
import type { KindDefinition } from '../../../shared/api/definition.ts';
import { contentDigest } from '../../../shared/api/digest.ts';
import { definitions } from '../../../shared/api/kinds.ts';
import { objectPath } from '../../../shared/kubernetes/resource-path.ts';
import { listAt, stringAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { ask, send } from './ask.ts';
import { fail, ok, warn, type Verdict } from './finding.ts';
import type { Check, Patient } from './patient.ts';

const apply = 'helm upgrade as docs/operations.md says, or kubectl apply -f infra/cluster/crds';
const digitsShown = 19; // sha256: and twelve digits

/** The five kinds are served as this version of the product writes them. */
export const definitionsCheck: Check = {
  name: 'definitions',
  needs: 'cluster',
  async look(patient) {
    const faults = (await Promise.all(definitions.map((definition) => faultsOf(definition, patient)))).flat();
    return faults.length === 0 ? [ok(`${definitions.length} kinds are served and stored as v1, by the schemas of this version`)] : faults;
  },
};

async function faultsOf(definition: KindDefinition, patient: Patient): Promise<readonly Verdict[]> {
  const ours = customResourceDefinition(definition);
  const { name } = ours.metadata;
  const request = { method: 'GET', path: objectPath({ apiVersion: ours.apiVersion, kind: ours.kind, name }) } as const;
  const answer = await send(patient, request);
  if (answer.status === 404) return [fail(`${name} is not installed`, apply)];
  const found = answer.status === 200 ? answer.body : await ask(patient, request);
  const [version] = ours.spec.versions;
  const served = listAt(found, 'spec', 'versions').find((candidate) => stringAt(candidate, 'name') === version.name);
  if (valueAt(served, 'served') !== true) return [fail(`${name} does not serve ${version.name}`, apply)];
  const isEstablished = listAt(found, 'status', 'conditions').some(
    (condition) => stringAt(condition, 'type') === 'Established' && stringAt(condition, 'status') === 'True',
  );
  const stored = listAt(found, 'status', 'storedVersions').filter((one) => one !== version.name);
  const [theirs, wanted] = [valueAt(served, 'schema', 'openAPIV3Schema'), version.schema.openAPIV3Schema].map((schema) =>
    contentDigest(schema ?? null).slice(0, digitsShown),
  );
  return [
    ...(isEstablished ? [] : [fail(`${name} is not established: its names are another's`, `kubectl describe crd ${name} says whose`)]),
    ...(valueAt(served, 'storage') === true ? [] : [warn(`${name} stores another version than ${version.name}`, apply)]),
    ...(stored.length === 0
      ? []
      : [warn(`${name} may hold objects stored as ${stored.join(', ')}`, `write each of them once, then take the version from status.storedVersions`)]),
    ...(theirs === wanted ? [] : [warn(`${name} has another schema (${theirs}) than this version (${wanted}): what it does not know is dropped`, apply)]),
  ];
}
