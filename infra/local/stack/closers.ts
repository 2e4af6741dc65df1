export type Close = () => Promise<void> | void;

export interface Closers {
  /** To be closed before everything that was added earlier. */
  add(close: Close): void;
  /** Closes all of it, last in first out, once. What fails to close keeps nothing else open; its error is thrown at the end. */
  close(): Promise<void>;
}

/** What was opened, in order: whether a start fails half way or a stack is stopped, nothing is left running. */
export function createClosers(): Closers {
  const pending: Close[] = [];
  return {
    add(close) {
      pending.push(close);
    },
    async close() {
      const errors: unknown[] = [];
      for (let close = pending.pop(); close !== undefined; close = pending.pop()) {
        try {
          await close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}

/** Opens parts one after another; when one fails, those before it are closed again. */
export async function opening<T>(open: (closers: Closers) => Promise<T>): Promise<T> {
  const closers = createClosers();
  try {
    return await open(closers);
  } catch (error) {
    await closers.close().catch(() => undefined); // the first error says what went wrong
    throw error;
  }
}
