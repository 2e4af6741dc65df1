import { fieldManager, managedByLabel } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { counted } from '../../../shared/api/text.ts';
import { secondsBetween, type Instant } from '../../../shared/api/time.ts';
import { totalsOf } from '../stack/counts.ts';
import type { LocalStack } from '../stack/local-stack.ts';
import { castActors } from './actors.ts';
import { followChanges, listAll, requestKind } from './observe.ts';
import { bringFaults, faultsShow, hasEnded, hasFaults, hasSettled, postNotifications, setScene } from './play.ts';
import type { Story } from './story.ts';
import { createTrailRecorder, type Step } from './trail.ts';
import { waitUntil } from './wait-until.ts';

export interface Audience {
  readonly signal: AbortSignal;
  /** How long the story itself may take, from the alert to the last verdict. */
  readonly storySeconds: number;
  /** Told of each stage before the alert. */
  readonly stage: (text: string) => void;
  /** Told of every change of a resource or Job of ours, with the step that it makes, if it makes one. */
  readonly changed: (object: KubernetesObject, step: Step | null, begun: Instant) => void;
  /** Told of everything that somebody does in the story. */
  readonly acted: (step: Step, begun: Instant) => void;
}

export interface PlayedInRealTime {
  readonly begun: Instant;
  readonly steps: readonly Step[];
}

const sceneSeconds = 60;
const afterwardsSeconds = 30;
const missedActSeconds = 30; // an alert that somebody posts becomes a request a moment later: the end before it is none
const quietMilliseconds = 1_200; // longer than the audit-writer's batching window

/** Plays a story on a running stack: the world, what breaks in it, the alert over HTTP; then waits for the end, and until everything that follows from it is written. */
export async function playInRealTime(stack: LocalStack, story: Story, audience: Audience): Promise<PlayedInRealTime> {
  const { admin, clock } = stack;
  await arrange(stack, story, audience);
  audience.stage(`posting ${counted(story.notifications.length, 'notification')} to the webhook`);
  const earlier = new Set((await listAll(admin, requestKind)).map(({ metadata: { uid = '' } }) => uid));
  const begun = clock.now();
  const recorder = createTrailRecorder();
  const watching = new AbortController();
  const webhook = { url: stack.webhookUrl, token: stack.webhookToken };
  const actors = castActors({
    acts: story.script.acts,
    clock,
    signal: AbortSignal.any([watching.signal, audience.signal]),
    scene: { admin, notifications: story.notifications, post: fetch, webhook },
    acted: (step) => {
      recorder.add(step);
      audience.acted(step, begun);
    },
  });
  const followed = followChanges(
    admin,
    (object) => {
      const step = recorder.note(object, clock.now());
      audience.changed(object, step, begun);
      actors.note(object, recorder.subjectOf(object), step);
    },
    AbortSignal.any([watching.signal, audience.signal]),
  );
  try {
    actors.begin();
    await postNotifications(fetch, story.notifications, webhook);
    const wait = { clock, signal: audience.signal };
    const elapsedSeconds = () => secondsBetween(begun, clock.now());
    let endedMilliseconds: number | null = null;
    const isOver = async () => {
      const ended = actors.rest() && (await hasEnded(admin, story, { earlier, elapsedSeconds }));
      endedMilliseconds = ended ? (endedMilliseconds ?? clock.milliseconds()) : null;
      if (endedMilliseconds === null) return false;
      return actors.haveAllBegun() || clock.milliseconds() - endedMilliseconds > missedActSeconds * 1_000;
    };
    await waitUntil(isOver, { ...wait, what: endOf(story), secondsMax: audience.storySeconds });
    actors.conclude();
    await waitUntil(quiet(stack), { ...wait, what: 'locks were released and the audit was written', secondsMax: afterwardsSeconds });
  } finally {
    watching.abort();
    await followed.catch(() => undefined); // the story's own error, if any, is the one to tell
  }
  return { begun, steps: recorder.steps };
}

function endOf({ script: { ends } }: Story): string {
  if (typeof ends === 'object') return `${ends.afterSeconds} s had passed`;
  return ends === 'terminal' ? 'every request reached a terminal phase' : 'every request had its outcome';
}

async function arrange({ admin, clock }: LocalStack, story: Story, { signal, stage }: Audience): Promise<void> {
  const settled = () => waitUntil(() => hasSettled(admin, story), { clock, signal, what: 'every pod of the scene ran', secondsMax: sceneSeconds });
  if (story.cluster.length === 0) return;
  stage(`creating ${story.cluster.map(({ kind, metadata: { name } }) => `${kind} ${name}`).join(', ')}`);
  await setScene(admin, story);
  await settled();
  if (hasFaults(story)) stage('letting its pods fail as the story says');
  await bringFaults(admin, story);
  await waitUntil(() => faultsShow(admin, story), { clock, signal, what: 'the pods failed', secondsMax: sceneSeconds });
  await settled();
}

/** Nothing was invoked for a while, no target is locked, and no audit row waits in its queue. */
function quiet({ admin, clock, counts, queues }: LocalStack): () => Promise<boolean> {
  let last = { invocations: -1, since: 0 };
  return async () => {
    const { functionInvocations: invocations } = totalsOf(counts);
    if (invocations !== last.invocations) last = { invocations, since: clock.milliseconds() };
    if (clock.milliseconds() - last.since < quietMilliseconds) return false;
    const leases = await listAll(admin, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', labelSelector: `${managedByLabel}=${fieldManager}` });
    const locks = leases.filter(({ metadata: { name } }) => name.startsWith('target-')); // that an alert is over is remembered by a Lease too, for two weeks
    return locks.length === 0 && (await queues.depth('audit')) === 0;
  };
}
