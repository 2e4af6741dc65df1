import type { Transport } from '../../shared/kubernetes/request.ts';
import { followChanges } from '../../infra/local/story/observe.ts';
import { createMoments, type Moments } from './moments.ts';

/** Notes what a watch of the bench's own sees, while `measure` runs. */
export async function withMoments<Result>(admin: Transport, measure: (moments: Moments) => Promise<Result>): Promise<Result> {
  const watching = new AbortController();
  const moments = createMoments();
  const followed = followChanges(admin, (object) => moments.note(object, performance.now()), watching.signal);
  try {
    return await measure(moments);
  } finally {
    watching.abort();
    await followed;
  }
}
