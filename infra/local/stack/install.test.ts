import { describe, expect, it } from 'vitest';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { aWorld } from '../../../test/support/sandbox.ts';
import { installProduct } from './install.ts';

const root = `${import.meta.dirname}/../../..`;

/** An API server that takes our definitions at once, and serves what they define this much later, as a kube-apiserver does. */
function servingLater(seconds: number) {
  const { transport } = aWorld();
  let elapsed = 0;
  const clock = {
    now: () => '2026-01-15T10:30:00Z',
    milliseconds: () => elapsed,
    sleep: async (delayMilliseconds: number) => void (elapsed += delayMilliseconds),
  };
  const isEarly = (path: string) => path.includes('.kubernaut.io/v1/namespaces/') && elapsed < seconds * 1_000;
  const late: Transport = {
    ...transport,
    send: async (request, timeoutMilliseconds) =>
      isEarly(request.path) ? { status: 404, headers: {}, body: '404 page not found' } : transport.send(request, timeoutMilliseconds),
  };
  return { transport: late, clock };
}

const requests = '/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests';

describe('an installation', () => {
  it.each([
    ['at once', 0],
    ['a moment later', 3],
  ])('is done when the kinds are served, be it %s', async (_sentence, seconds) => {
    const { transport, clock } = servingLater(seconds);
    await installProduct(transport, root, { clock });
    expect(await transport.send({ method: 'GET', path: requests }, 1_000)).toMatchObject({ status: 200 });
  });

  it('gives up on an API server that never serves them', async () => {
    const { transport, clock } = servingLater(60);
    await expect(installProduct(transport, root, { clock })).rejects.toThrow('gave up after 30 s of waiting until the API serves our kinds');
  });
});
