import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { aContext, anAnalysisIn, crashLooping, type AnalysisOverrides } from '../../test/support/analyses.ts';
import { clusterTwin, refusal, type ClusterTwin } from '../../test/support/cluster-twin.ts';
import { gatherEvidence } from './evidence.ts';

const configMap = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'production' }, data: {} });
const crashing = (configMaps: readonly string[]): AnalysisOverrides => ({
  context: { pods: { total: 3, ready: 2, worst: [crashLooping] }, workload: { ...aContext().workload, configMaps } },
});

/** What was read, and what came of it. */
async function gathered(overrides: AnalysisOverrides, prepare: (cluster: ClusterTwin) => void = () => undefined) {
  const cluster = clusterTwin(['a', 'b', 'c', 'd'].map(configMap));
  const reads: string[] = [];
  prepare(cluster);
  const refuse = cluster.onCall;
  cluster.onCall = (call) => {
    reads.push(`${call.verb} ${call.kind} ${call.name}`);
    refuse(call);
  };
  const { configMaps } = await gatherEvidence(anAnalysisIn('investigating', overrides), { cluster });
  return { reads, found: configMaps.map(({ metadata }) => metadata.name) };
}

describe('evidence', () => {
  it('costs no request where no pod crashes', async () => {
    expect(await gathered({ context: { workload: { ...aContext().workload, configMaps: ['a'] } } })).toEqual({ reads: [], found: [] });
  });

  it('is the ConfigMaps that crashing pods read, three of them', async () => {
    expect(await gathered(crashing(['a', 'b', 'c', 'd']))).toEqual({
      reads: ['get ConfigMap a', 'get ConfigMap b', 'get ConfigMap c'],
      found: ['a', 'b', 'c'],
    });
  });

  it('leaves out what is not there', async () => {
    expect((await gathered(crashing(['gone', 'b']))).found).toEqual(['b']);
  });

  it('leaves out what may not be read', async () => {
    const forbidden = (cluster: ClusterTwin) => {
      cluster.onCall = ({ name }) => {
        if (name === 'a') throw refusal(403, 'Forbidden', 'configmaps "a" is forbidden');
      };
    };
    expect((await gathered(crashing(['a', 'b']), forbidden)).found).toEqual(['b']);
  });

  it('is asked for again where the API is in trouble', async () => {
    const troubled = (cluster: ClusterTwin) => {
      cluster.onCall = () => {
        throw refusal(503, 'ServiceUnavailable', 'etcd is away');
      };
    };
    await expect(gathered(crashing(['a']), troubled)).rejects.toThrow('etcd is away');
  });

  it('is none without a snapshot', async () => {
    expect(await gathered({ context: null })).toEqual({ reads: [], found: [] });
  });
});
