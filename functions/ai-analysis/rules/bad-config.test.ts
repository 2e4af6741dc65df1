import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { aQuestion, crashLooping, oomKilled } from '../../../test/support/analyses.ts';
import { badConfig, knownGoodAnnotation } from './bad-config.ts';

function aConfigMap(data: unknown, knownGood: unknown, name = 'payment-config'): KubernetesObject {
  const annotations = knownGood === undefined ? {} : { [knownGoodAnnotation]: typeof knownGood === 'string' ? knownGood : JSON.stringify(knownGood) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'production', uid: `uid-${name}`, annotations }, data };
}
const diagnose = (configMaps: readonly KubernetesObject[], worst = [crashLooping]) =>
  badConfig(aQuestion({ context: { pods: { total: 3, ready: 1, worst } } }, configMaps));
const changed = aConfigMap({ LEVEL: 'loud', SIZE: '1' }, { LEVEL: 'quiet', SIZE: '1' });

describe('a bad configuration', () => {
  it('is seen where pods crash and what they read differs from what its owner declared to be good', () => {
    expect(diagnose([aConfigMap({ A: '1' }, undefined, 'other'), changed])).toMatchObject({
      finding: {
        id: 'bad-config',
        summary: 'A pod crashes, and ConfigMap payment-config differs from its known good values in LEVEL',
        evidence: [
          { ref: { kind: 'ConfigMap', name: 'payment-config', uid: 'uid-payment-config' }, field: 'data.LEVEL', text: 'differs from the known good value' },
        ],
      },
      candidates: [
        { action: 'patch_configmap', impact: 'high', parameters: { namespace: 'production', configmap: 'payment-config', data: { LEVEL: 'quiet' } } },
      ],
    });
  });

  it('says no value: it may be a secret that somebody put there', () => {
    const { candidates: _candidates, ...told } = diagnose([aConfigMap({ KEY: 'hunter2' }, { KEY: 'hunter3' })]) ?? { candidates: [] };
    expect(JSON.stringify(told)).not.toContain('hunter');
  });

  it('restores a key that is gone', () => {
    expect(diagnose([aConfigMap(undefined, { LEVEL: 'quiet' })])?.candidates[0]?.parameters).toMatchObject({ data: { LEVEL: 'quiet' } });
  });

  it.each<[sentence: string, configMaps: readonly KubernetesObject[]]>([
    ['nothing differs', [aConfigMap({ LEVEL: 'quiet' }, { LEVEL: 'quiet' })]],
    ['nobody declared what is good', [aConfigMap({ LEVEL: 'loud' }, undefined)]],
    ['what is declared is no JSON', [aConfigMap({ LEVEL: 'loud' }, '{"LEVEL":')]],
    ['what is declared is a list', [aConfigMap({ LEVEL: 'loud' }, ['LEVEL'])]],
    ['what is declared is no text', [aConfigMap({ LEVEL: 'loud' }, { LEVEL: 1, OTHER: { a: 'b' } })]],
    ['nothing could be read', []],
  ])('is not seen where %s', (_sentence, configMaps) => {
    expect(diagnose(configMaps)).toBeNull();
  });

  it('is not seen where no pod crashes, or for want of memory only', () => {
    expect(diagnose([changed], [])).toBeNull();
    expect(diagnose([changed], [{ ...oomKilled, waitingReason: 'CrashLoopBackOff' }])).toBeNull();
  });

  it.each<[sentence: string, knownGood: Readonly<Record<string, string>>]>([
    ['more keys than one patch takes', Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`K${index}`, 'v']))],
    ['more bytes than one patch takes', { A: 'a'.repeat(31_000), B: 'b'.repeat(31_000) }],
  ])('is told and not mended where it takes %s: half of a configuration is a third one', (_sentence, knownGood) => {
    const diagnosis = diagnose([aConfigMap({}, knownGood)]);
    expect(diagnosis?.candidates).toEqual([]);
    expect(diagnosis?.finding.evidence.length).toBeGreaterThan(0);
  });

  it('names five keys in a sentence, and shows ten', () => {
    const keys = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`K${index}`, 'v']));
    const diagnosis = diagnose([aConfigMap({}, keys)]);
    expect(diagnosis?.rootCause).toBe('ConfigMap payment-config no longer has its known good value for K0, K1, K2, K3, K4 and 7 more');
    expect(diagnosis?.finding.evidence).toHaveLength(10);
  });
});
