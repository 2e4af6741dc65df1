import { KubeConfig } from '@kubernetes/client-node';
import type { JsonObject } from '../../shared/api/json.ts';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { createRealClock } from '../local/real-clock.ts';
import { readRunningStack, runningStackPath } from '../local/stack/running-stack.ts';
import { StartFailed } from '../local/stack/start-failed.ts';
import { bringFaults, faultsShow, hasSettled, postNotifications, setScene } from '../local/story/play.ts';
import { readStory, type Story } from '../local/story/story.ts';
import { waitUntil } from '../local/story/wait-until.ts';
import { onInterruption } from './interruption.ts';
import { root } from './root.ts';

const sceneSeconds = 60;

/** Sets a story going on the running stack, over HTTPS and the webhook as anybody would. What follows is told where the stack runs. */
export async function play(name: string): Promise<void> {
  const story = readStory(root, name);
  const stack = await readRunningStack(runningStackPath(process.env));
  if (stack === null) throw new StartFailed('no stack of yours is running: start one with npm start, or play the story on its own with npm run demo');
  if (story.analysis !== null)
    throw new StartFailed(`${name} brings its own analysis, which a running stack does not have: npm run demo -- --scenario ${name}`);
  if (story.script.acts.length > 0 || Object.keys(story.script.variables).length > 0)
    throw new StartFailed(`${name} needs a stack of its own, where others act beside you: npm run demo -- --scenario ${name}`);
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(stack.kubeconfig);
  const admin = httpsTransport(kubeconfig);
  const interruption = onInterruption();
  try {
    await arrange(admin, story, interruption.signal);
    await postNotifications(fetch, firingNow(story.notifications), { url: stack.webhookUrl, token: stack.webhookToken });
  } finally {
    interruption.release();
  }
  console.log('the alert is accepted: kubectl get rr -w');
}

async function arrange(admin: Transport, story: Story, signal: AbortSignal): Promise<void> {
  const clock = createRealClock();
  await setScene(admin, story); // what was played before is there, and is as its file says once more
  await waitUntil(() => hasSettled(admin, story), { clock, signal, what: 'every pod of the scene ran', secondsMax: sceneSeconds });
  await bringFaults(admin, story);
  await waitUntil(() => faultsShow(admin, story), { clock, signal, what: 'the pods failed', secondsMax: sceneSeconds });
}

/** A firing is named by when it began: with the time of the fixture a second play would be a repeat of the first. */
function firingNow(notifications: readonly JsonObject[]): readonly JsonObject[] {
  const startsAt = new Date().toISOString();
  return notifications.map((notification) => ({
    ...notification,
    alerts: (notification['alerts'] as readonly JsonObject[]).map((alert) => ({ ...alert, startsAt })),
  }));
}
