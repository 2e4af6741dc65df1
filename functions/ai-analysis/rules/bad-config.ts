import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Question } from '../provider.ts';
import { crashLooping } from './crash-loop.ts';
import type { Diagnosis } from './detector.ts';

const findingId = 'bad-config';

/** Written by whoever owns the ConfigMap: values that are known to work, key → value as JSON. Only these are ever proposed. */
export const knownGoodAnnotation = 'kubernaut.io/known-good';

/** Pods crash, and a ConfigMap that they read differs from what its owner declared to be good. */
export function badConfig(question: Question): Diagnosis | null {
  const crashing = crashLooping(question);
  if (crashing.length === 0) return null;
  const differing = question.configMaps
    .map((configMap) => ({ configMap, wanted: differences(configMap) }))
    .find(({ wanted }) => Object.keys(wanted).length > 0);
  if (differing === undefined) return null;
  const { configMap, wanted } = differing;
  const { name, namespace = '', uid = '' } = configMap.metadata;
  const keys = Object.keys(wanted).join(', ');
  return {
    finding: {
      id: findingId,
      detector: 'config-differs-from-known-good',
      severity: question.spec.alertContext.severity,
      confidence: 0.86,
      summary: `${crashing.length} pods crash, and ConfigMap ${name} differs from its known good values in ${keys}`,
      evidence: Object.keys(wanted)
        .slice(0, 10)
        // The value itself may be a secret that somebody put into a ConfigMap: the key is enough.
        .map((key) => ({
          ref: { apiVersion: 'v1', kind: 'ConfigMap', name, namespace, uid },
          field: `data.${key}`,
          text: 'differs from the known good value',
        })),
    },
    summary: 'Pods crash on a changed configuration',
    rootCause: `ConfigMap ${name} no longer has its known good value for ${keys}`,
    recommendation: `Restore the known good value of ${keys}`,
    candidates: [
      {
        action: 'patch_configmap',
        description: `Restore ${keys} in ConfigMap ${name}`,
        confidence: 0.86,
        impact: 'high',
        parameters: { namespace, configmap: name, data: wanted },
        findings: [findingId],
      },
    ],
  };
}

const keysMax = 16;

function differences({ metadata, ...configMap }: KubernetesObject): Readonly<Record<string, string>> {
  const good = parse(metadata.annotations?.[knownGoodAnnotation]);
  const data = (configMap['data'] ?? {}) as Readonly<Record<string, string>>;
  const entries = Object.entries(good).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && data[entry[0]] !== entry[1]);
  return Object.fromEntries(entries.slice(0, keysMax));
}

function parse(text: string | undefined): JsonObject {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
