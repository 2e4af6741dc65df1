import type { TrackedClock } from '../tracked-clock.ts';

export interface ScheduleOptions {
  readonly clock: TrackedClock;
  readonly everySeconds: number;
  readonly invoke: () => Promise<unknown>;
  readonly failed: (error: unknown) => void;
}

/** What EventBridge's rate() does: invokes every so often until the signal aborts; an invocation that fails is the next one's business. */
export async function runSchedule({ clock, everySeconds, invoke, failed }: ScheduleOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(everySeconds * 1_000, signal);
    } catch {
      return;
    }
    await clock.track(async () => {
      await invoke().catch(failed);
    });
  }
}
