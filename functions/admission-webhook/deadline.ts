import type { Clock } from '../../shared/clock.ts';

export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

const inTime = new Error('the work was faster'); // one for all: making an error costs as much as a decision

/** The result of the work; throws TookTooLong once the time is over, whatever the work goes on to do. */
export async function within<T>(milliseconds: number, clock: Pick<Clock, 'sleep'>, work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const timeout = clock.sleep(milliseconds, ended.signal).then(
    () => Promise.reject(new TookTooLong(`no answer within ${milliseconds} ms`)),
    () => new Promise<never>(() => undefined), // the work was faster: nobody waits for this any more
  );
  try {
    return await Promise.race([work, timeout]);
  } finally {
    ended.abort(inTime);
  }
}
