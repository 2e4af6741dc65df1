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
  let watchdog = new AbortController();
  const arm = () => {
    watchdog = new AbortController();
    clock.sleep(milliseconds, watchdog.signal).then(
      () => broken.abort(),
      () => undefined, // it was called off
    );
  };
  arm();
  return {
    signal: AbortSignal.any([broken.signal, outer]),
    isBroken: () => broken.signal.aborted,
    restart() {
      watchdog.abort();
      arm();
    },
    end: () => watchdog.abort(),
  };
}
