import type { StoryStack } from '../../infra/local/stack/story-stack.ts';
import { jobKind, listAll, phaseIsTerminal, requestKind, workflowKind, type Followed } from '../../infra/local/story/observe.ts';
import type { Story } from '../../infra/local/story/story.ts';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { voidAnnotation } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { collectionPath } from '../../shared/kubernetes/resource-path.ts';
import type { Weather } from './weather.ts';

/** What people do while a remediation runs. */
export type Meddling = (stack: StoryStack, weather: Weather) => Promise<void>;

const analysisKind: Followed = { apiVersion: kinds.AIAnalysis.apiVersion, kind: 'AIAnalysis' };
const executionKind: Followed = { apiVersion: kinds.KubernetesExecution.apiVersion, kind: 'KubernetesExecution' };

const timeoutMilliseconds = 10_000;
const patienceSeconds = 900; // for something to be there at all; what never comes is not meddled with

/** At a moment of the seed, before, while or after anything is changed. */
export const cancels: Meddling = async (stack, weather) => {
  const request = await first(stack, requestKind);
  if (request === null) return;
  await stack.clock.sleep(weather.between(0, 150) * 1_000);
  await patch(stack, request, { spec: { cancel: true } });
};

/** Just when the next stage is made: that create may still be on its way. */
export const cancelsAtTheBrink: Meddling = async (stack, weather) => {
  const brink = await first(stack, weather.oneOf([analysisKind, workflowKind, executionKind]));
  const request = brink === null ? null : await first(stack, requestKind);
  if (request === null) return;
  await stack.clock.sleep(weather.between(0, 10) * 1_000);
  await patch(stack, request, { spec: { cancel: true } });
};

export const pausesForAWhile: Meddling = async (stack, weather) => {
  const request = await first(stack, requestKind);
  if (request === null) return;
  await stack.clock.sleep(weather.between(0, 20) * 1_000);
  await patch(stack, request, { spec: { pause: true } });
  await stack.clock.sleep(weather.between(10, 600) * 1_000);
  await patch(stack, request, { spec: { pause: false } });
};

/** kubectl delete: in the foreground the pod goes first, in the background it may outlive its Job. */
export const deletesTheJob: Meddling = async (stack, weather) => {
  const job = await first(stack, jobKind);
  if (job === null) return;
  await stack.clock.sleep(weather.between(0, 4) * 1_000);
  const propagationPolicy = weather.oneOf(['Foreground', 'Background', 'Orphan']);
  await stack.admin.send({ method: 'DELETE', path: pathOf(job), body: { propagationPolicy } }, timeoutMilliseconds);
};

/** A node that is drained takes the executor's pod along. */
export const deletesThePod: Meddling = async (stack, weather) => {
  const pod = await first(stack, { apiVersion: 'v1', kind: 'Pod' });
  if (pod === null) return;
  await stack.clock.sleep(weather.between(0, 3) * 1_000);
  await stack.admin.send({ method: 'DELETE', path: pathOf(pod), body: {} }, timeoutMilliseconds);
};

/** The same alert about the same target under other names: each is a remediation of its own. */
export function withRivals(story: Story, count: number): Story {
  const rivals = Array.from({ length: count }, (_, index) => story.notifications.map((notification) => renamed(notification, index + 1))).flat();
  return { ...story, notifications: [...story.notifications, ...rivals] };
}

function renamed(notification: JsonObject, number: number): JsonObject {
  const alerts = (notification['alerts'] as readonly JsonObject[]).map((alert) => ({
    ...alert,
    fingerprint: `${number}${(stringAt(alert, 'fingerprint') ?? '').slice(1)}`,
    labels: { ...(alert['labels'] as JsonObject), rival: String(number) },
  }));
  return { ...notification, alerts };
}

async function first(stack: StoryStack, kind: Followed): Promise<KubernetesObject | null> {
  const end = stack.clock.milliseconds() + patienceSeconds * 1_000;
  while (stack.clock.milliseconds() < end) {
    const found = await listAll(stack.admin, kind);
    const [object] = found.filter((each) => each.metadata.annotations?.[voidAnnotation] === undefined && !phaseIsTerminal(each));
    if (object !== undefined) return object;
    await stack.clock.sleep(500);
  }
  return null;
}

async function patch({ admin }: StoryStack, object: KubernetesObject, body: JsonValue): Promise<void> {
  await admin.send({ method: 'PATCH', path: pathOf(object), patchType: 'application/merge-patch+json', body }, timeoutMilliseconds);
}

function pathOf(object: KubernetesObject): string {
  return `${collectionPath(object, object.metadata.namespace)}/${object.metadata.name}`;
}
