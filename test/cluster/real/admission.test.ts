import { expect, it } from 'vitest';
import { expectAdmissionToBeAsked } from '../../support/asked-admission.ts';
import { storyOf, withRealStack } from '../../support/real-stack.ts';

const story = storyOf('payment-api-memory');

it('a stack on a real control plane asks its admission-webhook, and a story goes through it', async () => {
  await withRealStack({ story }, async (stack) => {
    await expectAdmissionToBeAsked(stack.admin);
    await stack.play(story);
    expect(stack.counts.of('admission-webhook').invocations).toBeGreaterThan(3);
  });
});
