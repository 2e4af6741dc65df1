import { createObject } from '../../../infra/local/stack/install.ts';
import { TookTooLong, waitUntil } from '../../../infra/local/story/wait-until.ts';
import { createRealClock } from '../../../infra/local/real-clock.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { ownerReferenceTo, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { isAlreadyExists } from '../../../shared/kubernetes/errors.ts';
import { mapAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { writeStatus } from '../../support/operator-world.ts';
import type { Started } from './executor.ts';
import { anExecutionOf, aWorkflowOf, namespace, type GatesWorld } from './world.ts';

export interface Wanted {
  readonly action: string;
  readonly parameters: JsonObject;
}

/** What came of it: the process that was started, or the reason why none was. */
export type CarriedOut = { readonly kind: 'started'; readonly started: Started } | { readonly kind: 'stopped'; readonly reason: string };

const passesMax = 5; // admitted, validated, acted: the third makes the Job
const triesMax = 3;
const startSecondsMax = 30; // a Job, its pod and a process take less than one on a machine that is idle
const clock = createRealClock();
let carried = 0;

/** The targets are there. A pod that a busy machine does not get to start is given up for another: what counts is what a process is given. */
export async function carryOut(world: GatesWorld, wanted: Wanted): Promise<CarriedOut> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await actOnce(world, wanted);
    } catch (error) {
      if (!(error instanceof TookTooLong) || tries === triesMax) throw error;
    }
  }
}

/** From an execution that its workflow has named to the process that its Job's pod runs, through the function's own passes. */
async function actOnce(world: GatesWorld, { action, parameters }: Wanted): Promise<CarriedOut> {
  const name = `harmless-${(carried += 1)}`;
  const owner = await createObject(world.admin, aWorkflowOf(`${name}-owner`, action, parameters));
  const execution = anExecutionOf(name, action, parameters);
  const reference = ownerReferenceTo({ ...owner, metadata: { ...owner.metadata, uid: owner.metadata.uid ?? '' } });
  const stored = await createObject(world.admin, { ...execution, metadata: { ...execution.metadata, ownerReferences: [reference] } });
  const executionRef = { apiVersion: stored.apiVersion, kind: stored.kind, name, namespace, uid: stored.metadata.uid ?? '' };
  const begun = new Date().toISOString();
  const stepStatuses = [{ stepName: 'step', phase: 'executing', startTime: begun, executionRef }];
  await writeStatus(world.admin, owner, { phase: 'executing', startTime: begun, phaseStartTime: begun, stepStatuses });
  const key = { apiVersion: stored.apiVersion, kind: stored.kind, name, namespace };
  for (let pass = 0; pass < passesMax; pass += 1) {
    await world.deliver('KubernetesExecution', [name]);
    const found = await world.cluster.get(key);
    if (Object.keys(mapAt(found, 'status', 'jobRef')).length > 0) return { kind: 'started', started: await startedFor(world, name) };
    const phase = stringAt(found, 'status', 'phase');
    if (phase === 'failed' || phase === 'completed') return { kind: 'stopped', reason: stringAt(found, 'status', 'reason') ?? phase };
  }
  throw new Error(`${name} made no Job in ${passesMax} passes`);
}

async function startedFor({ executor }: GatesWorld, execution: string): Promise<Started> {
  const find = () => executor.started.find((started) => started.execution === execution);
  await waitUntil(() => Promise.resolve(find() !== undefined), {
    clock,
    signal: new AbortController().signal,
    what: `kubectl runs for ${execution}`,
    secondsMax: startSecondsMax,
  });
  const found = find();
  if (found === undefined) throw new Error(`nothing was started for ${execution}`);
  return found;
}

interface Workload {
  readonly containers: readonly string[];
  readonly replicas: number;
}

/** Everything that the parameters name: whoever is asked for it finds it. */
export async function provideTargets(world: GatesWorld, wanted: readonly Wanted[]): Promise<void> {
  const text = (parameters: JsonObject, name: string, otherwise: string) => stringAt(parameters, name) ?? otherwise;
  const workloads = new Map<string, Workload>();
  const objects: KubernetesObject[] = [];
  for (const { action, parameters } of wanted) {
    const within = text(parameters, 'namespace', 'production');
    objects.push({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: within } });
    if (action === 'restart_pod') objects.push(...aPodOf(within, text(parameters, 'pod', '')));
    if (action === 'patch_configmap') objects.push(aConfigMap(within, text(parameters, 'configmap', '')));
    const workload = stringAt(parameters, 'deployment') ?? stringAt(parameters, 'name') ?? stringAt(parameters, 'restart', 'name');
    if (workload !== null) {
      const { containers, replicas } = workloads.get(`${within}/${workload}`) ?? { containers: ['app'], replicas: 0 };
      const all = new Set([...containers, text(parameters, 'container', 'app')]);
      // From two it may grow to five. No other needs a pod, and the one node has room for a hundred, and 16Gi.
      workloads.set(`${within}/${workload}`, { containers: [...all], replicas: action === 'scale_deployment' ? 2 : replicas });
    }
  }
  objects.push(...[...workloads].map(([place, workload]) => aDeploymentAt(place, workload)));
  const first = objects.filter(({ kind }) => kind === 'Namespace' || kind === 'StatefulSet');
  for (const object of [...first, ...objects.filter((each) => !first.includes(each))]) await provide(world, object);
}

async function provide(world: GatesWorld, object: KubernetesObject): Promise<void> {
  const { owner, ...metadata } = object.metadata as KubernetesObject['metadata'] & { readonly owner?: string };
  const set =
    owner === undefined ? null : await world.cluster.get({ apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: metadata.namespace ?? '', name: owner });
  const ownerReferences =
    set === null ? [] : [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: set.metadata.name, uid: set.metadata.uid ?? '', controller: true }];
  try {
    await createObject(world.admin, { ...object, metadata: { ...metadata, ...(ownerReferences.length > 0 && { ownerReferences }) } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

const template = (containers: readonly string[], labels: JsonObject) => ({
  metadata: { labels },
  spec: {
    containers: containers.map((name) => ({
      name,
      image: 'web:1',
      resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { memory: '512Mi' } },
      envFrom: [{ configMapRef: { name: 'app-config' } }],
    })),
  },
});

function aDeploymentAt(place: string, { containers, replicas }: Workload): KubernetesObject {
  const [within = '', name = ''] = place.split('/');
  const labels = { app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: within },
    spec: { replicas, selector: { matchLabels: labels }, template: template(containers, labels) },
  };
}

function aPodOf(within: string, name: string): readonly KubernetesObject[] {
  const labels = { app: 'db' };
  const set = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: within },
    spec: { replicas: 1, serviceName: 'db', selector: { matchLabels: labels }, template: template(['app'], labels) },
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: within, labels, owner: 'db' },
    spec: { containers: [{ name: 'app', image: 'web:1' }] },
  };
  return [set, pod];
}

/** Keys that are taken away have to be there before. */
function aConfigMap(within: string, name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: within }, data: { level: 'info' } };
}
