import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import { readKubernetesContext } from '../../shared/api/kubernetes-context.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import type { Ports } from './ports.ts';
import type { Question } from './provider.ts';
import { crashLooping } from './rules/crash-loop.ts';

const configMapsMax = 3; // with these, evidence stays well below the twelve requests that an investigation may cost

/** What the snapshot does not hold: the ConfigMaps that crashing pods read, and nothing where no pod crashes. */
export async function gatherEvidence({ spec }: AIAnalysis, { cluster }: Pick<Ports, 'cluster'>): Promise<Question> {
  const context = readKubernetesContext(spec.kubernetesContext);
  const question: Question = { spec, context, configMaps: [] };
  const { namespace } = spec.target;
  if (namespace === undefined || crashLooping(question).length === 0) return question;
  const names = (context?.workload.configMaps ?? []).slice(0, configMapsMax);
  const found = await Promise.all(names.map((name) => readable(() => cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }))));
  return { ...question, configMaps: found.filter((object) => object !== null) };
}

/** Evidence that may not be read is evidence that is not there. */
async function readable(read: () => Promise<KubernetesObject | null>): Promise<KubernetesObject | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  }
}
