import { describe, expect, it } from 'vitest';
import type { PodsContext } from '../../../shared/api/kubernetes-context.ts';
import { aPodContext, aQuestion, crashLooping, oomKilled } from '../../../test/support/analyses.ts';
import { resolvedTarget } from '../../../test/support/requests.ts';
import { crashLoop } from './crash-loop.ts';

const diagnose = (pods: Partial<PodsContext> = {}) => crashLoop(aQuestion({ context: { pods: { total: 3, ready: 2, worst: [crashLooping], ...pods } } }));

describe('a crash loop', () => {
  it('of one pod among healthy ones is in the pod, and a new one may not have it', () => {
    expect(diagnose()).toMatchObject({
      finding: {
        id: 'crash-loop',
        confidence: 0.85,
        summary: '1 of 3 pods crash again and again, 2 are ready',
        evidence: [{ ref: { kind: 'Pod', name: 'payment-api-2', namespace: 'production' }, text: 'CrashLoopBackOff after 7 restarts, last exit code 1' }],
      },
      candidates: [
        { action: 'restart_pod', confidence: 0.85, impact: 'medium', parameters: { namespace: 'production', pod: 'payment-api-2' }, findings: ['crash-loop'] },
      ],
    });
  });

  it('of every pod is a doubtful case for a restart', () => {
    expect(diagnose({ ready: 0 })).toMatchObject({
      rootCause: 'Unknown; every pod of the workload crashes',
      candidates: [{ confidence: 0.65, impact: 'low' }],
    });
  });

  it('offers three pods at most, and shows ten', () => {
    const worst = Array.from({ length: 12 }, (_, index) => aPodContext(`p-${index}`, { waitingReason: 'CrashLoopBackOff' }));
    expect(diagnose({ total: 20, worst })?.candidates).toHaveLength(3);
    expect(diagnose({ total: 20, worst })?.finding.evidence).toHaveLength(10);
  });

  it('is the same between two back-offs, while the container runs for a moment', () => {
    const between = aPodContext('payment-api-2', { ready: false, restarts: 2, lastTerminatedReason: 'Error', lastExitCode: 1, container: 'api' });
    expect(diagnose({ worst: [between] })).toMatchObject({
      finding: { evidence: [{ field: 'status.containerStatuses[api].lastState.terminated.reason', text: 'Error after 2 restarts, last exit code 1' }] },
      candidates: [{ action: 'restart_pod', parameters: { pod: 'payment-api-2' } }],
    });
  });

  it.each<[sentence: string, pods: Partial<PodsContext>]>([
    ['a container ended once and is not ready yet', { worst: [aPodContext('a', { ready: false, restarts: 1, lastTerminatedReason: 'Error' })] }],
    ['containers ended now and then and are ready', { worst: [aPodContext('a', { restarts: 5, lastTerminatedReason: 'Error' })] }],
    ['pods run out of memory between two back-offs', { worst: [aPodContext('a', { ready: false, restarts: 3, lastTerminatedReason: 'OOMKilled' })] }],
    ['pods are well', { worst: [aPodContext('a')] }],
    ['pods crash for want of memory', { worst: [{ ...oomKilled, waitingReason: 'CrashLoopBackOff' }] }],
    ['pods wait for something else', { worst: [aPodContext('a', { waitingReason: 'ImagePullBackOff' })] }],
  ])('is not seen where %s', (_sentence, pods) => {
    expect(diagnose(pods)).toBeNull();
  });

  it('is not seen on what belongs to no namespace, or without a context', () => {
    const { namespace: _namespace, ...node } = { ...resolvedTarget, kind: 'Node' };
    expect(crashLoop(aQuestion({ spec: { target: node }, context: { pods: { total: 1, ready: 0, worst: [crashLooping] } } }))).toBeNull();
    expect(crashLoop(aQuestion({ context: null }))).toBeNull();
  });
});
