import { isJsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { cutLog } from '../container-logs.ts';
import { listAt, objectAt, stringAt } from './object.ts';
import { existing } from './read.ts';
import { podLogOptions } from './pod-log-options.ts';
import type { ResourceCall } from './resource-call.ts';
import type { ServerContext } from './server-context.ts';
import { badRequest } from './status-object.ts';

const followSecondsMax = 1_800; // twice what an executor Job may take; then the client asks again

/** `pods/log`, as text. With follow it answers when the pod has ended: there is no answer line by line here. */
export async function readPodLog(server: ServerContext, call: ResourceCall): Promise<ApiResponse> {
  const { query, name } = call;
  const options = podLogOptions(query, name);
  const pod = existing(server, call);
  const container = containerOf(pod, options.container);
  if (stringAt(objectAt(pod, 'spec'), 'nodeName') === '') return { status: 204, body: '' }; // nobody to ask yet
  if (options.previous) throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  const uid = pod.metadata.uid ?? '';
  if (isWaiting(pod) && server.logs.read(uid, container) === undefined) {
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ContainerCreating`);
  }
  const before = server.logs.read(uid, container) ?? '';
  const text = options.follow && !hasEnded(pod) ? await followed(server, { uid, container, before }) : before;
  return { status: 200, body: cutLog(text, options.bounds) };
}

function containerOf({ metadata, ...pod }: KubernetesObject, asked: string): string {
  const spec = objectAt(pod, 'spec');
  const names = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')].filter(isJsonObject).map((container) => stringAt(container, 'name'));
  const [first = '', ...others] = names;
  if (asked === '' && others.length > 0) throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`);
  const container = asked === '' ? first : asked;
  if (!names.includes(container)) throw badRequest(`container ${container} is not valid for pod ${metadata.name}`);
  return container;
}

function phaseOf(pod: KubernetesObject): string {
  return stringAt(objectAt(pod, 'status'), 'phase');
}

function isWaiting(pod: KubernetesObject): boolean {
  return ['', 'Pending'].includes(phaseOf(pod));
}

function hasEnded(pod: KubernetesObject): boolean {
  return ['Succeeded', 'Failed'].includes(phaseOf(pod));
}

interface Followed {
  readonly uid: string;
  readonly container: string;
  readonly before: string;
}

/** Resolves with the whole log when the pod has ended. A pod that is deleted takes its log along: what was seen before is answered. */
async function followed({ store, clock, logs }: ServerContext, { uid, container, before }: Followed): Promise<string> {
  const done = new AbortController();
  const stop = store.observe(({ object, kind }) => {
    if (object.metadata.uid === uid && (kind === 'DELETED' || hasEnded(object))) done.abort();
  });
  await clock.sleep(followSecondsMax * 1_000, done.signal).catch(() => undefined);
  stop();
  return logs.read(uid, container) ?? before;
}
