import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leewayOf, type Deployment } from './deployment.ts';
import { aDeploymentView, aReplicaSetView } from '../../../test/support/replica-sets.ts';
import { newReplicas, rollingStep, scaleStep, sizeOf, wasScaled } from './deployment-scaling.ts';
import type { ReplicaSet } from './replica-set.ts';

const percent = fc.constantFrom('0%', '25%', '50%', '100%');
const rolling = fc.record({ replicas: fc.integer({ min: 0, max: 12 }), maxSurge: percent, maxUnavailable: percent });

function aRolling({
  replicas,
  maxSurge,
  maxUnavailable,
}: {
  readonly replicas: number;
  readonly maxSurge: string;
  readonly maxUnavailable: string;
}): Deployment {
  return aDeploymentView({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } });
}

describe('leeway of a rolling update', () => {
  it.each<[replicas: number, surge: number, unavailable: number]>([
    [1, 1, 0],
    [2, 1, 0],
    [3, 1, 0],
    [4, 1, 1],
    [10, 3, 2],
    [0, 0, 0],
  ])('of %i pods with the default 25 %% is %i above and %i below', (replicas, surge, unavailable) => {
    expect(leewayOf(aDeploymentView({ replicas }))).toEqual({ surge, unavailable });
  });

  it('is never nothing at all: one pod may then be unavailable', () => {
    expect(leewayOf(aRolling({ replicas: 5, maxSurge: '0%', maxUnavailable: '0%' }))).toEqual({ surge: 0, unavailable: 1 });
  });
});

describe('a rolling update, step by step', () => {
  /** The world between two steps: every pod that is wanted exists, and so many are available. */
  function settle({ metadata: { name } }: ReplicaSet, replicas: number, available: number): ReplicaSet {
    return aReplicaSetView({ name, replicas, available });
  }

  it('ends with the new pods alone, and never breaks its bounds on the way', () => {
    fc.assert(
      fc.property(rolling, (settings) => {
        const deployment = aRolling(settings);
        const { surge, unavailable } = leewayOf(deployment);
        const { replicas } = deployment.spec;
        let old = aReplicaSetView({ name: 'old', replicas, available: replicas });
        const first = newReplicas(deployment, 0, replicas);
        let current = aReplicaSetView({ name: 'new', replicas: first, available: first });
        for (let step = 0; step < 60; step += 1) {
          expect(sizeOf([old, current])).toBeLessThanOrEqual(replicas + surge);
          const steps = rollingStep(deployment, { current, old: [old] });
          const size = (replicaSet: ReplicaSet): number => steps.find((scaling) => scaling.replicaSet === replicaSet)?.replicas ?? replicaSet.spec.replicas;
          const staying = size(old) + Math.min(size(current), current.spec.replicas); // what the step adds is not ready yet
          expect(staying).toBeGreaterThanOrEqual(Math.max(0, replicas - unavailable));
          old = settle(old, size(old), size(old));
          current = settle(current, size(current), size(current));
        }
        expect([old.spec.replicas, current.spec.replicas]).toEqual([0, replicas]);
      }),
    );
  });

  it('keeps the minimum available when the new pods never are', () => {
    fc.assert(
      fc.property(rolling, (settings) => {
        const deployment = aRolling(settings);
        const { replicas } = deployment.spec;
        let old = aReplicaSetView({ name: 'old', replicas, available: replicas });
        let current = aReplicaSetView({ name: 'new', replicas: newReplicas(deployment, 0, replicas), available: 0 });
        for (let step = 0; step < 30; step += 1) {
          for (const { replicaSet, replicas: wanted } of rollingStep(deployment, { current, old: [old] })) {
            if (replicaSet === old) old = settle(old, wanted, wanted);
            else current = settle(current, wanted, 0);
          }
          expect(old.spec.replicas).toBeGreaterThanOrEqual(Math.max(0, replicas - leewayOf(deployment).unavailable));
        }
      }),
    );
  });

  it('takes unhealthy old pods first, since they keep nothing alive', () => {
    const deployment = aRolling({ replicas: 4, maxSurge: '0%', maxUnavailable: '25%' });
    const broken = aReplicaSetView({ name: 'broken', replicas: 2, available: 0 });
    const healthy = aReplicaSetView({ name: 'healthy', replicas: 2, available: 2 });
    const current = aReplicaSetView({ name: 'new', replicas: 0, available: 0 });
    expect(rollingStep(deployment, { current, old: [broken, healthy] })).toMatchObject([{ replicaSet: { metadata: { name: 'broken' } }, replicas: 1 }]);
  });
});

describe('scaling in the middle of a rollout', () => {
  it('ends with exactly what is allowed, nobody below zero, and the larger part gets more', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 30 }), (before, replicas) => {
        const wanted = before.reduce((sum, size) => sum + size, 0);
        const deployment = aDeploymentView({ replicas });
        const all = before.map((size, index) =>
          aReplicaSetView({ name: `rs-${index}`, replicas: size, available: 0, desired: wanted, max: wanted + Math.ceil(wanted / 4) }),
        );
        const [current, ...old] = all;
        if (current === undefined) return;
        const scaled = scaleStep(deployment, { current, old });
        const after = all.map((replicaSet) => scaled.find((scaling) => scaling.replicaSet === replicaSet)?.replicas ?? replicaSet.spec.replicas);
        expect(Math.min(...after)).toBeGreaterThanOrEqual(0);
        expect(after.reduce((sum, size) => sum + size, 0)).toBe(replicas + leewayOf(deployment).surge);
      }),
    );
  });

  it('is over once every part remembers the new number', () => {
    const deployment = aDeploymentView({ replicas: 5 });
    expect(wasScaled(deployment, [aReplicaSetView({ replicas: 3, available: 3, desired: 3 })])).toBe(true);
    expect(wasScaled(deployment, [aReplicaSetView({ replicas: 5, available: 3, desired: 5 })])).toBe(false);
    expect(wasScaled(deployment, [aReplicaSetView({ replicas: 0, available: 0, desired: 3 })])).toBe(false);
  });

  it('lets a part whose share stays the same remember it too', () => {
    const deployment = aDeploymentView({ replicas: 3 });
    const only = aReplicaSetView({ replicas: 3, available: 3, desired: 2 });
    expect(scaleStep(deployment, { current: only, old: [] })).toEqual([{ replicaSet: only, replicas: 3 }]);
  });
});
