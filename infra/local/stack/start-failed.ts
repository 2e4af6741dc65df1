/** Why a stack could not be started, as one sentence for the person who started it: what is in the way, and what to do about it. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
}

/** What listens, and the option that gives it another port. */
export interface Listener {
  readonly what: string;
  readonly option: string;
  readonly port: number;
}

/** Begins to listen; a port that is taken or forbidden becomes a sentence. */
export async function listening<T>({ what, option, port }: Listener, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') throw new StartFailed(`port ${port} for ${what} is in use: stop what listens there, or give another with ${option}`, { cause });
    if (code === 'EACCES') throw new StartFailed(`port ${port} for ${what} may not be opened by this user: give one above 1023 with ${option}`, { cause });
    throw cause;
  }
}
