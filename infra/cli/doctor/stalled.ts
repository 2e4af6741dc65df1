import { KindName, kinds } from '../../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { listAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { ok, warn } from './finding.ts';
import type { Check } from './patient.ts';

const pageMax = 500;
const namedMax = 3;

/** Resources whose message was given up and which nothing has moved since. */
export const stalledCheck: Check = {
  name: 'remediations',
  needs: 'definitions',
  async look(patient) {
    const { cluster } = patient.connection();
    const pages = await Promise.all(
      KindName.map((kind) => cluster.listPage({ apiVersion: kinds[kind].apiVersion, kind }, { namespace: patient.systemNamespace, limit: pageMax })),
    );
    const stalled = pages.flatMap(({ items }) => items).flatMap(stalledBy);
    if (stalled.length === 0) return [ok('none is stalled')];
    const more = stalled.length > namedMax ? ` and ${stalled.length - namedMax} more` : '';
    return [warn(`stalled: ${stalled.slice(0, namedMax).join(', ')}${more}`, 'mend what the condition Stalled says; the sweeper goes on within 15 minutes')];
  },
};

function stalledBy(object: KubernetesObject): readonly string[] {
  const condition = listAt(object, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Stalled' && stringAt(one, 'status') === 'True');
  return condition === undefined ? [] : [`${object.kind} ${object.metadata.name} (${stringAt(condition, 'reason') ?? 'without a reason'})`];
}
