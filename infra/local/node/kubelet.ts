import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { isConflict } from '../../../shared/kubernetes/errors.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { createApiClient, type ApiClient, type Kind } from '../controllers/api-client.ts';
import type { Running } from '../controllers/controller.ts';
import { runInformer } from '../controllers/informer.ts';
import { mergePatchBetween } from '../controllers/merge-patch.ts';
import { podKind, podSchema, type Pod } from '../controllers/pod.ts';
import { keyOf, readObject, regarding } from '../controllers/stored-object.ts';
import { createWorkQueue } from '../controllers/work-queue.ts';
import { applyWrites, type Write } from '../controllers/write.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { createBoundPods, podKey } from './bound-pods.ts';
import type { Told } from './container-life.ts';
import { hanging } from './executor-fault.ts';
import type { Executor } from './executor.ts';
import { createExecutorRuns, type ExecutorRuns } from './executor-runs.ts';
import { nodeKind } from './node-object.ts';
import { stepPod, type PodStep } from './pod-life.ts';
import type { PodLogs } from './pod-logs.ts';
import { scenarioOf } from './scenario.ts';

export interface KubeletOptions {
  readonly transport: Transport;
  readonly clock: TrackedClock;
  readonly logs: PodLogs;
  readonly executor: Executor;
  /** Node name → its address. */
  readonly nodes: Readonly<Record<string, string>>;
  readonly report: (message: string) => void;
}

const component = 'kubelet';
const configMapKind = { apiVersion: 'v1', kind: 'ConfigMap' } as const;

/** Plays the kubelets of its nodes: brings every pod that is bound to one of them forward, as time and the scenario say. */
export function startKubelet({ transport, clock, logs, executor, nodes, report }: KubeletOptions): Running {
  const client = createApiClient(transport, component);
  const abort = new AbortController();
  const isOurs = (nodeName: string): boolean => Object.hasOwn(nodes, nodeName);
  const bound = createBoundPods(isOurs);

  async function pass(key: string): Promise<void> {
    const pod = await readPod(client, key);
    const nodeName = pod?.spec.nodeName ?? '';
    if (pod === null || !isOurs(nodeName)) return;
    const nowMilliseconds = clock.milliseconds();
    const node = { address: nodes[nodeName] ?? '', ready: bound.nodeIsReady(nodeName), executorFault: bound.executorFault(nodeName) };
    const step = stepPod({ pod, node, configValue: await configValueOf(client, pod), run: runs.of(pod), nowMilliseconds });
    // An API server that dies may have stored the status and not have said so: the next pass then finds what it says, and that nothing has begun.
    if (step.action === 'start') runs.intend(pod);
    await applyWrites(client, [...statusWrite(pod, step), ...eventsOf(pod, step.told), ...removal(pod, step)], { component, host: nodeName, now: clock.now() });
    for (const told of step.told) if (told.kind === 'log') logs.appendLog(pod.metadata.uid, told.container, told.text);
    act(runs, pod, step);
    if (step.dueMilliseconds !== undefined) queue.addAfter(key, Math.max(0, step.dueMilliseconds - nowMilliseconds));
  }

  const failed = (about: string, error: unknown): void => {
    if (!isConflict(error)) report(`${component} ${about}: ${error instanceof Error ? error.message : String(error)}`);
  };
  const queue = createWorkQueue({ clock, workers: Object.keys(nodes).length, pass, failed }); // as many as there are kubelets
  const hangs = ({ spec }: Pod) => bound.executorFault(spec.nodeName ?? '') === 'hang';
  const runs = createExecutorRuns({ clock, executor: hanging(executor, clock, hangs), logs, ended: (pod) => queue.add(podKey(pod)) });

  const forget = (uid: string): void => {
    runs.forget(uid);
    logs.forgetLogs?.(uid);
  };
  const follow = (kind: Kind, changed: (object: KubernetesObject, gone: boolean) => readonly string[]): Promise<void> =>
    runInformer({
      client,
      transport,
      clock,
      kind,
      signal: abort.signal,
      changed: (object, gone) => {
        for (const key of changed(object, gone)) queue.add(key);
        if (gone) forget(object.metadata.uid ?? '');
      },
      failed: (error) => failed(`following ${kind.kind}`, error),
    });
  const informers = [follow(nodeKind, bound.nodeChanged), follow(podKind, bound.podChanged), follow(configMapKind, bound.configMapChanged)];

  return {
    async stop() {
      abort.abort();
      await queue.stop();
      await runs.stopAll();
      await Promise.all(informers);
    },
  };
}

async function readPod(client: ApiClient, key: string): Promise<Pod | null> {
  const [namespace = '', name = ''] = key.split('/');
  const found = await client.get({ ...podKind, namespace, name });
  return found && readObject(podSchema, found);
}

async function configValueOf(client: ApiClient, pod: Pod): Promise<string | undefined> {
  const fault = scenarioOf(pod).failsIfConfigMap;
  if (fault === undefined) return undefined;
  const configMap = await client.get({ ...configMapKind, namespace: pod.metadata.namespace, name: fault.name });
  return stringAt(configMap, 'data', fault.key) ?? undefined;
}

function statusWrite(pod: Pod, { status }: PodStep): readonly Write[] {
  const change = mergePatchBetween(pod.status as JsonObject, status as JsonObject);
  if (change === null) return [];
  return [{ kind: 'PatchObject', key: keyOf(pod), resourceVersion: pod.metadata.resourceVersion, subresource: 'status', patch: { status: change } }];
}

function eventsOf(pod: Pod, told: readonly Told[]): readonly Write[] {
  return told.flatMap((each) =>
    each.kind === 'event' ? [{ kind: 'TellEvent' as const, type: each.type, reason: each.reason, message: each.message, regarding: regarding(pod) }] : [],
  );
}

/** Nothing of the pod is left on the node: the API may forget it. */
function removal(pod: Pod, { action }: PodStep): readonly Write[] {
  return action === 'remove' ? [{ kind: 'DeleteObject', key: keyOf(pod), uid: pod.metadata.uid, gracePeriodSeconds: 0 }] : [];
}

function act(runs: ExecutorRuns, pod: Pod, { action }: PodStep): void {
  switch (action) {
    case 'start':
      return runs.start(pod);
    case 'stop':
      return runs.stop(pod);
    case 'none':
    case 'remove':
      return;
  }
}
