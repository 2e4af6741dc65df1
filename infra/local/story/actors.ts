import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { ActFailed } from './act-failed.ts';
import { perform, type Scene } from './deeds.ts';
import type { Act } from './script.ts';
import { actStep, type Step } from './trail.ts';

/** People, other controllers and Alertmanager, who do what a story's script says when its moment has come. */
export interface Actors {
  /** Sets going what begins with the story. */
  begin(): void;
  /** Takes every change, of whom the trail tells it, and the step that it makes. */
  note(object: KubernetesObject, subject: string, step: Step | null): void;
  /** Whether nobody is about to act. Throws what an act failed with. */
  rest(): boolean;
  haveAllBegun(): boolean;
  /** Throws ActFailed for an act whose moment never came. */
  conclude(): void;
}

export interface Casting {
  readonly acts: readonly Act[];
  readonly clock: TrackedClock;
  readonly signal: AbortSignal;
  readonly scene: Omit<Scene, 'seen' | 'now'>;
  /** Told of each act directly before it is done: what follows from it comes after it in the trail. */
  readonly acted: (step: Step) => void;
}

export function castActors({ acts, clock, signal, scene, acted }: Casting): Actors {
  const seen = new Map<string, KubernetesObject>();
  const counts = new Map<Act, number>();
  const begun = new Set<Act>();
  const failures: unknown[] = [];
  let busy = 0;
  const stage: Scene = { ...scene, now: () => clock.now(), seen: (subject) => seen.get(subject) ?? null };

  async function actOnTime(act: Act): Promise<void> {
    if (act.afterSeconds > 0) await clock.sleep(act.afterSeconds * 1_000, signal); // even no time at all would pass only when nothing else happens any more
    acted(actStep(act.says, clock.now()));
    await perform(act, stage);
  }

  function start(act: Act): void {
    begun.add(act);
    busy += 1;
    clock
      .track(() => actOnTime(act))
      .catch((error: unknown) => failures.push(error))
      .finally(() => (busy -= 1));
  }

  function isDue(act: Act, { subject, to, reason }: Step): boolean {
    const { when } = act;
    if (when === undefined || begun.has(act)) return false;
    if (when.subject !== subject || when.state !== to || (when.reason ?? reason) !== reason) return false;
    counts.set(act, (counts.get(act) ?? 0) + 1);
    return counts.get(act) === when.nth;
  }

  return {
    begin() {
      for (const act of acts) if (act.when === undefined) start(act);
    },
    note(object, subject, step) {
      seen.set(subject, object);
      if (step !== null) for (const act of acts) if (isDue(act, step)) start(act);
    },
    rest() {
      if (failures.length > 0) throw failures[0];
      return busy === 0;
    },
    haveAllBegun: () => acts.every((act) => begun.has(act)),
    conclude() {
      const missed = acts.find((act) => !begun.has(act));
      if (missed !== undefined) throw new ActFailed(`"${missed.says}" never came: ${missed.when?.subject} did not become ${missed.when?.state}`);
    },
  };
}
