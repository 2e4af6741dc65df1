import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { StoryStack } from '../../infra/local/stack/story-stack.ts';
import { phaseIsTerminal } from '../../infra/local/story/observe.ts';
import { bringFaults, faultsShow, hasSettled, postNotifications, setScene } from '../../infra/local/story/play.ts';
import type { Story } from '../../infra/local/story/story.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { queueNames } from '../../shared/queue/ports.ts';
import { readFamily } from './witness.ts';

export const root = join(import.meta.dirname, '../..');

const sceneSeconds = 300;
const endSeconds = 6 * 3_600; // a message that died with its invocation comes back after six minutes, and may die again
const afterwardsSeconds = 130; // two runs of the sweeper: what the last pass could not tidy

/** The world before the alert: everything runs, and what the story wants broken has broken. */
export async function setTheScene({ admin, clock }: StoryStack, story: Story): Promise<void> {
  await setScene(admin, story);
  await clock.run(() => hasSettled(admin, story), { virtualSeconds: sceneSeconds });
  await bringFaults(admin, story);
  await clock.run(() => faultsShow(admin, story), { virtualSeconds: sceneSeconds });
  await clock.run(() => hasSettled(admin, story), { virtualSeconds: sceneSeconds });
}

/** Until the trouble is over and everything has come to its end, and then what the sweeper does afterwards. */
export async function comeToItsEnd(stack: StoryStack, troubleIsOver: () => boolean): Promise<void> {
  const { clock } = stack;
  await clock.run(async () => troubleIsOver() && (await isOver(stack)), { virtualSeconds: endSeconds });
  await passSeconds(stack, afterwardsSeconds);
  await clock.run(() => isOver(stack), { virtualSeconds: endSeconds });
}

/** As Alertmanager does: a notification that got no 200 is sent again. */
export async function postUntilAccepted(stack: StoryStack, { notifications }: Story): Promise<void> {
  for (const notification of notifications) {
    let accepted = false;
    while (!accepted) {
      accepted = await postNotifications(stack.webhook, [notification], { url: 'http://webhook.invalid/alerts', token: stack.webhookToken }).then(
        () => true,
        () => false,
      );
      if (!accepted) await passSeconds(stack, 10);
    }
  }
}

async function passSeconds({ clock }: StoryStack, seconds: number): Promise<void> {
  const waiting = beginning(clock.sleep(seconds * 1_000));
  await clock.run(waiting.hasEnded, { virtualSeconds: seconds });
}

/** Virtual time stands still for whoever awaits: what takes some is begun, and the clock runs until it has ended. */
export function beginning(work: Promise<void>): { readonly hasEnded: () => boolean } {
  let hasEnded = false;
  void work.finally(() => {
    hasEnded = true;
  });
  return { hasEnded: () => hasEnded };
}

/** After a failure in the middle some invocations still wait for their time to pass. */
export async function end(stack: StoryStack): Promise<void> {
  const stopped = stack.stop();
  const stopping = beginning(stopped);
  await stack.clock.run(stopping.hasEnded, { virtualSeconds: endSeconds }).catch(() => undefined);
  await stopped;
}

/** No message is on its way, and all that was begun has ended. */
async function isOver({ queues, admin }: StoryStack): Promise<boolean> {
  for (const name of queueNames) if ((await queues.depth(name)) > 0) return false;
  const family = await readFamily(admin);
  return family.RemediationRequest.length > 0 && Object.values(family).every((objects) => objects.every(phaseIsTerminal));
}

export async function empty(database: Kysely<Database>): Promise<void> {
  await database.deleteFrom('audit_event').execute();
  await database.deleteFrom('action_outcome').execute();
}

export function verdictOf(status: unknown): string {
  const { phase = '', reason = '' } = (status ?? {}) as { readonly phase?: string; readonly reason?: string };
  return reason === '' ? phase : `${phase} ${reason}`;
}
