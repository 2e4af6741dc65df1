import { describe, expect, it } from 'vitest';
import type { KubernetesContext } from '../../shared/api/kubernetes-context.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { aContext, aJudged, anAnalysisWith } from '../../test/support/analyses.ts';
import { knownCallsOf } from './calls.ts';
import { quotaFault } from './quota.ts';

const scale = (deployment: string, currentReplicas: number, targetReplicas: number, namespace = 'production') => ({
  deployment,
  namespace,
  currentReplicas,
  targetReplicas,
});
const quota = (hard: Readonly<Record<string, string>>, used: Readonly<Record<string, string>> = {}) => [{ name: 'compute', hard, used }];

function fault(quotas: ReturnType<typeof quota>, calls: readonly JsonObject[] = [scale('payment-api', 3, 5)], context: Partial<KubernetesContext> = {}) {
  const { spec } = anAnalysisWith('recommending', [], { context });
  const steps = calls.map((parameters, index) => ({ name: `s${index}`, action: 'scale_deployment', parameters, dependencies: [] }));
  return quotaFault(knownCallsOf(aJudged({ steps })), spec, quotas);
}

// Two more pods: each requests 256Mi and 100m, and is limited to 512Mi and 500m.
describe('quotaFault', () => {
  it.each<[resource: string, hard: string, used: string, sentence: string]>([
    ['pods', '10', '9', 'quota compute has room for 1 of pods, 2 more are wanted'],
    ['count/pods', '1k', '999', 'quota compute has room for 1 of count/pods, 2 more are wanted'],
    ['requests.memory', '1Gi', '600Mi', 'quota compute has room for 424Mi of requests.memory, 512Mi more are wanted'],
    ['memory', '1Gi', '600Mi', 'quota compute has room for 424Mi of memory, 512Mi more are wanted'],
    ['limits.memory', '4Gi', '3.5Gi', 'quota compute has room for 512Mi of limits.memory, 1Gi more are wanted'],
    ['requests.cpu', '1', '900m', 'quota compute has room for 100m of requests.cpu, 200m more are wanted'],
    ['cpu', '1', '900m', 'quota compute has room for 100m of cpu, 200m more are wanted'],
    ['limits.cpu', '2', '1500m', 'quota compute has room for 500m of limits.cpu, 1000m more are wanted'],
    ['pods', '3', '9', 'quota compute has room for 0 of pods, 2 more are wanted'],
  ])('is met by %s of %s with %s used', (resource, hard, used, sentence) => {
    expect(fault(quota({ [resource]: hard }, { [resource]: used }))).toBe(sentence);
  });

  it.each<[sentence: string, quotas: ReturnType<typeof quota>, calls: readonly JsonObject[]]>([
    ['there is just enough room', quota({ pods: '10', 'limits.memory': '1Gi' }, { pods: '8' }), [scale('payment-api', 3, 5)]],
    ['it bounds something else', quota({ 'requests.storage': '1' }), [scale('payment-api', 3, 5)]],
    ['what it says is no quantity', quota({ pods: 'few' }), [scale('payment-api', 3, 5)]],
    ['fewer are wanted', quota({ pods: '1' }, { pods: '5' }), [scale('payment-api', 5, 4)]],
    ['it is of another namespace', quota({ pods: '1' }, { pods: '1' }), [scale('payment-api', 3, 5, 'shop')]],
    ['nobody knows what a pod of another workload takes', quota({ 'limits.memory': '1Mi' }), [scale('worker', 3, 5)]],
  ])('is not met where %s', (_sentence, quotas, calls) => {
    expect(fault(quotas, calls)).toBeNull();
  });

  it('is not met where a container does not say what it takes', () => {
    const workload = {
      ...aContext().workload,
      containers: [
        { name: 'a', image: 'a', memoryLimit: '1Gi' },
        { name: 'b', image: 'b' },
      ],
    };
    expect(fault(quota({ 'limits.memory': '1Mi' }), undefined, { workload })).toBeNull();
  });

  it('counts the pods of all steps together', () => {
    const calls = [scale('payment-api', 3, 5), scale('worker', 1, 3)];
    expect(fault(quota({ pods: '10' }, { pods: '7' }), calls)).toBe('quota compute has room for 3 of pods, 4 more are wanted');
  });
});
