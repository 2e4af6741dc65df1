import { readFileSync } from 'node:fs';
import * as z from 'zod';

export interface PostedReview {
  readonly door: 'mutate' | 'validate';
  /** What the recording saw; a bench of reviews that are all refused would measure refusals. */
  readonly isAllowed: boolean;
  readonly body: Buffer;
}

const recordedSchema = z.object({ door: z.enum(['mutate', 'validate']), isAllowed: z.boolean(), review: z.record(z.string(), z.unknown()) });

/** In the minute of the recording an approval is neither too late nor stamped too early. */
export const recordedAt = '2026-11-25T01:53:45Z';

/**
 * What kube-apiserver 1.36.3 asked, byte for byte, while it played the story three-steps with an analysis that is less sure, so that a person had
 * to approve; then a rejection that came too late, a request by hand, its pause, and a request by hand for a protected namespace.
 * `test/bench/admission/recorded-reviews.jsonl` holds a review a line: record them again when the kinds have changed so that the bench says they are judged otherwise.
 */
export function recordedReviews(): readonly PostedReview[] {
  const lines = readFileSync(new URL('recorded-reviews.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const { door, isAllowed, review } = recordedSchema.parse(JSON.parse(line));
    return { door, isAllowed, body: Buffer.from(JSON.stringify(review)) };
  });
}
