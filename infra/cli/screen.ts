import type { WriteStream } from 'node:tty';

export interface Screen {
  /** Stays. */
  line(text: string): void;
  /** One line under all others that is written over by the next; on a terminal only. Null: none. */
  progress(text: string | null): void;
}

const clearLine = '\r\u001b[2K';

/** Lines for people: on a terminal with a live line at the bottom, elsewhere plain. */
export function createScreen(stream: WriteStream): Screen {
  let live = false;
  const clear = () => {
    if (live) stream.write(clearLine);
    live = false;
  };
  return {
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    progress(text) {
      if (!stream.isTTY) return;
      clear();
      if (text === null) return;
      stream.write(text.slice(0, stream.columns - 1));
      live = true;
    },
  };
}
