import { desiredReplicasAnnotation, leewayOf, maxReplicasAnnotation, type Deployment } from './deployment.ts';
import { ageOrder, type Generations } from './deployment-history.ts';
import type { ReplicaSet } from './replica-set.ts';

/** How many pods a ReplicaSet is to have. A step names only those that change. */
export interface Scaling {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

/** The next step of a rolling update: the new one up first; old ones down as far as availability allows. */
export function rollingStep(deployment: Deployment, { current, old }: Generations & { readonly current: ReplicaSet }): readonly Scaling[] {
  const { replicas } = deployment.spec;
  const wanted = current.spec.replicas > replicas ? replicas : newReplicas(deployment, current.spec.replicas, sizeOf([current, ...old]));
  if (wanted !== current.spec.replicas) return [{ replicaSet: current, replicas: wanted }];
  return oldStep(deployment, current, old);
}

/** What a new ReplicaSet may start with, or grow to, beside the pods that are there. */
export function newReplicas(deployment: Deployment, present: number, total: number): number {
  const { replicas } = deployment.spec;
  if (deployment.spec.strategy.type === 'Recreate') return replicas;
  const room = replicas + leewayOf(deployment).surge - total;
  return present + Math.max(0, Math.min(room, replicas - present));
}

/** Unhealthy pods of old ReplicaSets go first, since they keep nothing alive; then healthy ones, never below the minimum. */
function oldStep(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): readonly Scaling[] {
  const minAvailable = deployment.spec.replicas - leewayOf(deployment).unavailable;
  const all = [current, ...old];
  const newUnavailable = current.spec.replicas - availableOf(current);
  let spare = sizeOf(all) - minAvailable - newUnavailable;
  if (spare <= 0) return [];
  const sizes = new Map(old.map((replicaSet) => [replicaSet, replicaSet.spec.replicas]));
  for (const replicaSet of old) {
    const unhealthy = Math.max(0, Math.min(spare, replicaSet.spec.replicas - availableOf(replicaSet)));
    sizes.set(replicaSet, replicaSet.spec.replicas - unhealthy);
    spare -= unhealthy;
  }
  let dispensable = all.reduce((sum, replicaSet) => sum + availableOf(replicaSet), 0) - minAvailable;
  for (const replicaSet of old) {
    const size = sizes.get(replicaSet) ?? 0;
    const down = Math.max(0, Math.min(size, dispensable));
    sizes.set(replicaSet, size - down);
    dispensable -= down;
  }
  return changes([...sizes].map(([replicaSet, replicas]) => ({ replicaSet, replicas })));
}

/** Old pods are to be gone entirely before the first new one. */
export function scaledToNothing(replicaSets: readonly ReplicaSet[]): readonly Scaling[] {
  return changes(replicaSets.map((replicaSet) => ({ replicaSet, replicas: 0 })));
}

/** The wanted number changed, or the Deployment is paused: nothing rolls, but every part gets its share of the difference. */
export function scaleStep(deployment: Deployment, { current, old }: Generations): readonly Scaling[] {
  const { replicas, strategy } = deployment.spec;
  const all = current === undefined ? old : [...old, current];
  const active = all.filter(({ spec }) => spec.replicas > 0);
  if (active.length <= 1) {
    const only = active[0] ?? current ?? old.at(-1);
    return only === undefined ? [] : outdated(deployment, [{ replicaSet: only, replicas }]);
  }
  if (current !== undefined && isSaturated(deployment, current)) return scaledToNothing(old);
  const shares =
    strategy.type === 'RollingUpdate'
      ? proportionalShares(deployment, active)
      : active.map((replicaSet) => ({ replicaSet, replicas: replicaSet.spec.replicas }));
  return outdated(deployment, shares);
}

/** The wanted number is no longer the one that the ReplicaSets were made for. */
export function wasScaled(deployment: Deployment, replicaSets: readonly ReplicaSet[]): boolean {
  return replicaSets.some((replicaSet) => replicaSet.spec.replicas > 0 && remembersAnotherNumber(deployment, replicaSet));
}

function remembersAnotherNumber({ spec }: Deployment, { metadata }: ReplicaSet): boolean {
  const desired = metadata.annotations[desiredReplicasAnnotation];
  return desired !== undefined && desired !== String(spec.replicas);
}

/** One whose share stays the same is named too, to remember the new number: else the Deployment would count as being scaled for ever. */
function outdated(deployment: Deployment, scalings: readonly Scaling[]): readonly Scaling[] {
  return scalings.filter(
    ({ replicaSet, replicas }) => replicaSet.spec.replicas !== replicas || (replicas > 0 && remembersAnotherNumber(deployment, replicaSet)),
  );
}

/** Larger parts first; what rounding leaves over goes to the largest. */
function proportionalShares(deployment: Deployment, active: readonly ReplicaSet[]): readonly Scaling[] {
  const allowed = deployment.spec.replicas > 0 ? deployment.spec.replicas + leewayOf(deployment).surge : 0;
  const difference = allowed - sizeOf(active);
  const sorted = active.toSorted((a, b) => b.spec.replicas - a.spec.replicas || (difference > 0 ? ageOrder(b, a) : ageOrder(a, b)));
  let left = difference;
  const shared = sorted.map((replicaSet) => {
    const share = difference === 0 ? 0 : shareOf(deployment, replicaSet, left);
    left -= share;
    return { replicaSet, replicas: replicaSet.spec.replicas + share };
  });
  return shared.map((scaling, index) => (index === 0 ? { ...scaling, replicas: Math.max(0, scaling.replicas + left) } : scaling));
}

function shareOf(deployment: Deployment, { spec, metadata }: ReplicaSet, left: number): number {
  if (deployment.spec.replicas === 0) return Math.max(-spec.replicas, left);
  const before = Number(metadata.annotations[maxReplicasAnnotation] ?? deployment.spec.replicas) || 1;
  const now = deployment.spec.replicas + leewayOf(deployment).surge;
  const share = Math.round((spec.replicas * now) / before) - spec.replicas;
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}

function isSaturated({ spec: { replicas } }: Deployment, current: ReplicaSet): boolean {
  const desired = current.metadata.annotations[desiredReplicasAnnotation];
  return current.spec.replicas === replicas && desired === String(replicas) && availableOf(current) === replicas;
}

function availableOf({ status }: ReplicaSet): number {
  return status.availableReplicas ?? 0;
}

export function sizeOf(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, { spec }) => sum + spec.replicas, 0);
}

function changes(scalings: readonly Scaling[]): readonly Scaling[] {
  return scalings.filter(({ replicaSet, replicas }) => replicaSet.spec.replicas !== replicas);
}
