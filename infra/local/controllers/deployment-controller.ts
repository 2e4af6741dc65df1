import type { JsonObject } from '../../../shared/api/json.ts';
import { ownKey, ownerKey, type ControlDecision, type Controller, type ControllerKey } from './controller.ts';
import { currentAnnotations, currentRevision, generationsOf, replicaSetFor, revisionOf, scaleAnnotations, type Generations } from './deployment-history.ts';
import { newReplicas, rollingStep, scaledToNothing, scaleStep, sizeOf, wasScaled, type Scaling } from './deployment-scaling.ts';
import { isComplete, secondsUntilTimeout, statusOf, type Step } from './deployment-status.ts';
import { deploymentKind, deploymentSchema, revisionAnnotation, templateHashLabel, type Deployment } from './deployment.ts';
import { mergePatchBetween } from './merge-patch.ts';
import { isFinished, podKind, podSchema, type Pod } from './pod.ts';
import { replicaSetKind, replicaSetSchema, type ReplicaSet } from './replica-set.ts';
import { isControlledBy, keyOf, readObject, readObjects, regarding, selectorText } from './stored-object.ts';
import type { Write } from './write.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';

export interface Observed {
  readonly deployment: Deployment;
  /** Those that it controls. */
  readonly replicaSets: readonly ReplicaSet[];
  /** All that its selector finds; only Recreate waits for their end. */
  readonly pods: readonly Pod[];
}

/** Turns a change of the template into ReplicaSets that grow and shrink. */
export const deploymentController: Controller<Observed> = {
  name: 'deployment-controller',
  watched: [
    { kind: deploymentKind, keysOf: ownKey },
    { kind: replicaSetKind, keysOf: ownerKey('Deployment') },
    { kind: podKind, keysOf: deploymentOfPod },
  ],

  async observe(client, key) {
    const found = await client.get({ ...deploymentKind, ...key });
    const deployment = found && readObject(deploymentSchema, found);
    if (deployment === null) return null;
    const within = { namespace: key.namespace, labelSelector: selectorText(deployment.spec.selector) };
    const replicaSets = readObjects(replicaSetSchema, (await client.list(replicaSetKind, within)).items);
    const pods = deployment.spec.strategy.type === 'Recreate' ? readObjects(podSchema, (await client.list(podKind, within)).items) : [];
    return { deployment, replicaSets: replicaSets.filter((replicaSet) => isControlledBy(replicaSet, deployment)), pods };
  },

  decide(observed, { now }): ControlDecision {
    const { deployment } = observed;
    const generations = generationsOf(deployment, observed.replicaSets);
    const { writes, step } =
      deployment.metadata.deletionTimestamp === undefined ? nextStep(observed, generations) : { writes: [], step: { kind: 'scaling' as const } };
    const status = statusOf(deployment, generations, step, now);
    return { writes: [...writes, ...statusWrite(deployment, status)], againAfterSeconds: secondsUntilTimeout(deployment, status, now) };
  },
};

interface Plan {
  readonly writes: readonly Write[];
  readonly step: Step;
}

function nextStep(observed: Observed, generations: Generations): Plan {
  const { deployment, replicaSets } = observed;
  if (deployment.spec.paused || wasScaled(deployment, replicaSets)) {
    return { writes: scale(deployment, scaleStep(deployment, generations)), step: { kind: 'scaling' } };
  }
  return deployment.spec.strategy.type === 'Recreate' ? recreate(observed, generations) : roll(deployment, generations);
}

function roll(deployment: Deployment, { current, old }: Generations): Plan {
  if (current === undefined) return create(deployment, { current, old }, newReplicas(deployment, 0, sizeOf(old)));
  const generations = { current, old };
  return {
    writes: [...mark(deployment, generations), ...scale(deployment, rollingStep(deployment, generations)), ...cleanUp(deployment, generations)],
    step: { kind: 'rolling' },
  };
}

function recreate({ deployment, pods }: Observed, { current, old }: Generations): Plan {
  const down = scaledToNothing(old);
  if (down.length > 0) return { writes: scale(deployment, down), step: { kind: 'rolling' } };
  const oldPodsRun = pods.some((pod) => !isFinished(pod) && old.some((replicaSet) => isControlledBy(pod, replicaSet)));
  if (oldPodsRun) return { writes: [], step: { kind: 'rolling' } };
  if (current === undefined) return create(deployment, { current, old }, deployment.spec.replicas);
  const up = current.spec.replicas === deployment.spec.replicas ? [] : [{ replicaSet: current, replicas: deployment.spec.replicas }];
  const generations = { current, old };
  return { writes: [...mark(deployment, generations), ...scale(deployment, up), ...cleanUp(deployment, generations)], step: { kind: 'rolling' } };
}

function create(deployment: Deployment, generations: Generations, replicas: number): Plan {
  const object = replicaSetFor(deployment, generations, replicas);
  const told = scaled(deployment, object.metadata.name, 0, replicas);
  const writes: readonly Write[] = [{ kind: 'CreateObject', object }, ...(replicas > 0 ? [told] : []), ...markDeployment(deployment, generations)];
  return { writes, step: { kind: 'created', replicaSet: object.metadata.name } };
}

/** Revision, history and the Deployment's own annotations, on the ReplicaSet that is current. */
function mark(deployment: Deployment, generations: Generations & { readonly current: ReplicaSet }): readonly Write[] {
  const { current } = generations;
  const annotations = currentAnnotations(deployment, generations);
  const differs = Object.entries(annotations).some(([key, value]) => current.metadata.annotations[key] !== value);
  const marked: readonly Write[] = differs ? [patch(current, { metadata: { annotations } })] : [];
  return [...marked, ...markDeployment(deployment, generations)];
}

function markDeployment(deployment: Deployment, generations: Generations): readonly Write[] {
  const revision = String(currentRevision(generations));
  return deployment.metadata.annotations[revisionAnnotation] === revision
    ? []
    : [patch(deployment, { metadata: { annotations: { [revisionAnnotation]: revision } } })];
}

function scale(deployment: Deployment, scalings: readonly Scaling[]): readonly Write[] {
  return scalings.flatMap(({ replicaSet, replicas }) => [
    patch(replicaSet, { metadata: { annotations: scaleAnnotations(deployment) }, spec: { replicas } }),
    ...(replicaSet.spec.replicas === replicas ? [] : [scaled(deployment, replicaSet.metadata.name, replicaSet.spec.replicas, replicas)]),
  ]);
}

function scaled(deployment: Deployment, replicaSet: string, from: number, to: number): Write {
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${replicaSet} from ${from} to ${to}`;
  return { kind: 'TellEvent', type: 'Normal', reason: 'ScalingReplicaSet', message, regarding: regarding(deployment) };
}

/** Old ReplicaSets are kept for a rollback, as many as the Deployment says. */
function cleanUp(deployment: Deployment, generations: Generations): readonly Write[] {
  if (!isComplete(deployment, generations)) return [];
  const empty = generations.old.filter(
    ({ spec, status, metadata }) => spec.replicas === 0 && (status.replicas ?? 0) === 0 && metadata.deletionTimestamp === undefined,
  );
  const surplus = Math.max(0, empty.length - deployment.spec.revisionHistoryLimit);
  const oldest = empty.toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus);
  return oldest.map((replicaSet) => ({ kind: 'DeleteObject', key: keyOf(replicaSet), uid: replicaSet.metadata.uid }));
}

function statusWrite(deployment: Deployment, status: Deployment['status']): readonly Write[] {
  const change = mergePatchBetween(deployment.status as JsonObject, status as JsonObject);
  return change === null ? [] : [{ ...patch(deployment, { status: change }), subresource: 'status' }];
}

function patch(object: Deployment | ReplicaSet, body: JsonObject): Extract<Write, { readonly kind: 'PatchObject' }> {
  return { kind: 'PatchObject', key: keyOf(object), resourceVersion: object.metadata.resourceVersion, patch: body };
}

/** A pod names its ReplicaSet, whose name is the Deployment's and the hash. */
function deploymentOfPod(pod: KubernetesObject): readonly ControllerKey[] {
  const suffix = `-${pod.metadata.labels?.[templateHashLabel] ?? ''}`;
  return ownerKey('ReplicaSet')(pod)
    .filter(({ name }) => suffix !== '-' && name.endsWith(suffix))
    .map(({ namespace, name }) => ({ namespace, name: name.slice(0, -suffix.length) }));
}
