import { describe, expect, it } from 'vitest';
import { aWorld } from '../../../test/support/sandbox.ts';
import { webhookConfigurations } from '../../cluster/webhook-configurations.ts';
import { awaitAdmission } from './admission-in-force.ts';
import { createObject, installProduct } from './install.ts';

const root = `${import.meta.dirname}/../../..`;
const namespace = 'kubernaut-system';
const never = Number.POSITIVE_INFINITY;

/** An API server that asks our webhooks from these seconds on, whatever it said when they were registered; nobody answers there yet. */
async function askingLater({ mutate, validate }: { readonly mutate: number; readonly validate: number }) {
  const { transport, clock: still } = aWorld();
  await installProduct(transport, root, { clock: still });
  const [mutating, validating] = webhookConfigurations({ url: 'https://admission.invalid/secret', namespace });
  if (mutating === undefined || validating === undefined) throw new Error('there are two configurations');
  const due = [
    { configuration: mutating, seconds: mutate },
    { configuration: validating, seconds: validate },
  ];
  let elapsed = 0;
  const clock = {
    now: () => '2026-01-15T10:30:00Z',
    milliseconds: () => elapsed,
    async sleep(delayMilliseconds: number) {
      const before = elapsed;
      elapsed += delayMilliseconds;
      for (const { configuration, seconds } of due) {
        if (seconds * 1_000 > before && seconds * 1_000 <= elapsed) await createObject(transport, configuration);
      }
    },
  };
  for (const { configuration, seconds } of due) if (seconds === 0) await createObject(transport, configuration);
  return { transport, clock, elapsedSeconds: () => elapsed / 1_000 };
}

describe('an installation of admission', () => {
  it.each([
    ['both at once', 0, 0, 0],
    ['the mutating one later', 3, 0, 3],
    ['the validating one later', 0, 3, 3],
    ['both later', 2, 3, 3],
  ])('is in force when the API asks %s', async (_sentence, mutate, validate, seconds) => {
    const { transport, clock, elapsedSeconds } = await askingLater({ mutate, validate });
    await awaitAdmission(transport, { clock });
    expect(elapsedSeconds()).toBeCloseTo(seconds, 5);
    const requests = `/apis/remediation.kubernaut.io/v1/namespaces/${namespace}/remediationrequests`;
    expect(await transport.send({ method: 'GET', path: requests }, 1_000)).toMatchObject({ body: { items: [] } });
  });

  it.each([
    ['mutate', { mutate: never, validate: 0 }],
    ['validate', { mutate: 0, validate: never }],
  ])('gives up on an API that never asks the one to %s', async (door, moments) => {
    const { transport, clock } = await askingLater(moments);
    await expect(awaitAdmission(transport, { clock })).rejects.toThrow(`gave up after 30 s of waiting until the API asks ${door}.admission.kubernaut.io`);
  });
});
