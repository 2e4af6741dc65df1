import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { metadataOf, objectAt, type Subject } from '../subject.ts';

export const jobs = 'batch/v1';

/** A Job of one pod that behaves as its annotations say (infra/local/node/scenario.ts); by default it runs on and on. */
export function task(
  name: string,
  spec: JsonObject = {},
  { scenario = {}, metadata = {} }: { readonly scenario?: JsonObject; readonly metadata?: JsonObject } = {},
) {
  const annotations = Object.fromEntries(
    Object.entries({ 'start-after-seconds': '0', 'runs-for-seconds': '3600', ...scenario }).map(([key, value]) => [`sandbox.kubernaut.io/${key}`, value]),
  );
  const containers = [{ name: 'task', image: 'registry.example/task:1.0.0' }];
  const podSpec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, automountServiceAccountToken: false, containers };
  return { metadata: { name, ...metadata }, spec: { backoffLimit: 0, template: { metadata: { annotations }, spec: podSpec }, ...spec } };
}

export const succeeds = { scenario: { 'exit-code': '0', 'runs-for-seconds': '0' } };
export const fails = { scenario: { 'exit-code': '3', 'runs-for-seconds': '0' } };

export interface JobView {
  readonly at: string;
  get(): Promise<ApiResponse>;
  status(): Promise<JsonObject>;
  pods(): Promise<readonly JsonObject[]>;
  /** `TYPE=reason` of each condition that is True. */
  conditions(): Promise<readonly string[]>;
  /** Waits for a condition to be True; the whole Job then. */
  until(condition: string): Promise<JsonObject>;
  untilPods(holds: (pods: readonly JsonObject[]) => boolean): Promise<readonly JsonObject[]>;
  /** `reason` of every Event about it. */
  told(): Promise<readonly string[]>;
}

/** Makes the Job, and looks at it and at its pods. */
export async function started({ send, path, eventually }: Subject, job: JsonObject): Promise<JobView> {
  const made = await send('POST', path('jobs', jobs), job);
  if (made.status !== 201) throw new Error(`the Job was not made: ${JSON.stringify(made.body)}`);
  const name = String(metadataOf(made)['name'] as string);
  const uid = String(metadataOf(made)['uid'] as string);
  const at = path(`jobs/${name}`, jobs);
  const get = () => send('GET', at);
  const listPods = () => send('GET', path('pods'), undefined, { labelSelector: `batch.kubernetes.io/controller-uid=${uid}` });
  return {
    at,
    get,
    status: async () => objectAt((await get()).body, 'status'),
    pods: async () => itemsOf((await listPods()).body),
    conditions: async () => trueConditions((await get()).body),
    async until(condition) {
      const answer = await eventually(get, ({ body }) => trueConditions(body).some((each) => each.startsWith(`${condition}=`)));
      return objectAt({ job: answer.body }, 'job');
    },
    untilPods: async (holds) => itemsOf((await eventually(listPods, ({ body }) => holds(itemsOf(body)))).body),
    async told() {
      const { body } = await send('GET', path('events'), undefined, { fieldSelector: `involvedObject.uid=${uid}` });
      return itemsOf(body).map(({ reason }) => String(reason as string));
    },
  };
}

export function trueConditions(body: JsonValue): readonly string[] {
  const { conditions } = objectAt(body, 'status');
  const list = Array.isArray(conditions) ? (conditions as readonly JsonObject[]) : [];
  return list.filter(({ status }) => status === 'True').map(({ type, reason }) => `${String(type as string)}=${String((reason as string) ?? '')}`);
}

export function itemsOf(body: JsonValue): readonly JsonObject[] {
  const { items } = body as JsonObject;
  return Array.isArray(items) ? (items as readonly JsonObject[]) : [];
}

export function phaseOf(pod: JsonObject): unknown {
  return objectAt(pod, 'status')['phase'];
}

export const allRun = (pods: readonly JsonObject[]): boolean => pods.length > 0 && pods.every((pod) => phaseOf(pod) === 'Running');
