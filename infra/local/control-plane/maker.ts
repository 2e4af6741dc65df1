import type { Program } from './release.ts';

/** A way to get programs that are nowhere on this machine. */
export interface Maker {
  /** For people: `the official release`. */
  readonly source: string;
  /** Puts what it can get into the directory, whole, under the program's name. Throws nothing but the signal's reason. */
  make(wanted: readonly Program[], making: Making): Promise<Made>;
}

export interface Making {
  /** There already, and nobody else's. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told of what takes long. */
  readonly tell: (line: string) => void;
}

export interface Made {
  readonly programs: readonly Program[];
  /** Why not all, as the middle of a sentence; null: all are made. */
  readonly why: string | null;
}
