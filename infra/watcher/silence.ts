import type { Clock } from '../../shared/clock.ts';

export interface Silence {
  /** Aborts when nothing came for too long, or when the outer signal does. */
  readonly signal: AbortSignal;
  readonly isBroken: () => boolean;
  /** Something came. */
  restart(): void;
  end(): void;
}

/** Breaks a connection on which nothing comes any more: a watch ends without an error when the way to the server is gone. */
export function createSilence({ clock, milliseconds, outer }: { readonly clock: Clock; readonly milliseconds: number; readonly outer: AbortSignal }): Silence {
  const broken = new AbortController();
  const ended = new AbortController();
  let heardMilliseconds = clock.milliseconds();
  // A busy watch hears thousands of things in a second: a time is noted for each, and the one timer looks at it when it is due.
  const listen = async (): Promise<void> => {
    for (;;) {
      const rest = heardMilliseconds + milliseconds - clock.milliseconds();
      if (rest <= 0) break;
      await clock.sleep(rest, ended.signal);
    }
    broken.abort();
  };
  listen().catch(() => undefined); // it was called off
  return {
    signal: AbortSignal.any([broken.signal, outer]),
    isBroken: () => broken.signal.aborted,
    restart() {
      heardMilliseconds = clock.milliseconds();
    },
    end: () => ended.abort(),
  };
}
