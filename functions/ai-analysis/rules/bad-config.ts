import { configBytesMax, configKeysMax } from '../../../shared/actions/limits.ts';
import { isJsonObject, jsonBytesOf, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { stringsAt } from '../../../shared/kubernetes/unstructured.ts';
import type { Candidate } from '../answer.ts';
import type { Question } from '../provider.ts';
import { crashLooping } from './crash-loop.ts';
import type { Diagnosis } from './detector.ts';

const findingId = 'bad-config';
const confidence = 0.86;
const evidenceMax = 10;
const namedKeysMax = 5; // in a sentence; the evidence has more, and the parameters all

/** Written by whoever owns the ConfigMap: values that are known to work, key → value as JSON. Only these are ever proposed. */
export const knownGoodAnnotation = 'kubernaut.io/known-good';

/** Pods crash, and a ConfigMap that they read differs from what its owner declared to be good. */
export function badConfig(question: Question): Diagnosis | null {
  const crashing = crashLooping(question);
  const found = crashing.length === 0 ? undefined : question.configMaps.map(differing).find(({ keys }) => keys.length > 0);
  if (found === undefined) return null;
  const { configMap, keys, wanted } = found;
  const { name, namespace, uid } = configMap.metadata;
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) };
  return {
    finding: {
      id: findingId,
      detector: 'config-differs-from-known-good',
      severity: question.spec.alertContext.severity,
      confidence,
      summary: `${crashing.length === 1 ? 'A pod crashes' : `${crashing.length} pods crash`}, and ConfigMap ${name} differs from its known good values in ${named(keys)}`,
      // The value itself may be a secret that somebody put into a ConfigMap: the key is enough.
      evidence: keys.slice(0, evidenceMax).map((key) => ({ ref, field: `data.${key}`, text: 'differs from the known good value' })),
    },
    summary: 'Pods crash on a changed configuration',
    rootCause: `ConfigMap ${name} no longer has its known good value for ${named(keys)}`,
    recommendation: `Restore the known good value of ${named(keys)}`,
    candidates: restore(configMap, keys, wanted),
  };
}

/** All or nothing: half of a configuration is a third one, which nobody has declared to be good. */
function restore({ metadata: { name, namespace } }: KubernetesObject, keys: readonly string[], wanted: JsonObject): readonly Candidate[] {
  if (namespace === undefined || keys.length > configKeysMax || jsonBytesOf(wanted) > configBytesMax) return [];
  return [
    {
      action: 'patch_configmap',
      description: `Restore ${named(keys)} in ConfigMap ${name}`,
      confidence,
      impact: 'high',
      parameters: { namespace, configmap: name, data: wanted },
      findings: [findingId],
    },
  ];
}

interface Differing {
  readonly configMap: KubernetesObject;
  readonly keys: readonly string[];
  readonly wanted: Readonly<Record<string, string>>;
}

function differing(configMap: KubernetesObject): Differing {
  const data = stringsAt(configMap, 'data');
  const good = stringsAt(parse(configMap.metadata.annotations?.[knownGoodAnnotation]));
  const wanted = Object.entries(good).filter(([key, value]) => data[key] !== value);
  return { configMap, keys: wanted.map(([key]) => key), wanted: Object.fromEntries(wanted) };
}

function named(keys: readonly string[]): string {
  const rest = keys.length - namedKeysMax;
  return `${keys.slice(0, namedKeysMax).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function parse(text: string | undefined): JsonObject {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
