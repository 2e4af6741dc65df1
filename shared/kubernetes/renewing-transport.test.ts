import { describe, expect, it } from 'vitest';
import { renewingTransport } from './renewing-transport.ts';
import type { ApiResponse, Transport } from './request.ts';

const get = { method: 'GET', path: '/x' } as const;
const unauthorized: ApiResponse = { status: 401, body: { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' } };
const fine: ApiResponse = { status: 200, body: {} };

/** A cluster that takes `accepted` only, and credentials that are `held` and become what `renewed` says when they are refused. */
function aWorld({ held = 'old', renewed = async () => 'new' }: { readonly held?: string; readonly renewed?: () => Promise<string> } = {}) {
  const world = { now: 1_000_000, accepted: 'new', credentials: held, renewals: 0, sent: 0, other: null as ApiResponse | Error | null };
  const transport: Transport = {
    async send() {
      const carried = world.credentials;
      world.sent += 1;
      await Promise.resolve();
      if (world.other instanceof Error) throw world.other;
      if (world.other !== null) return world.other;
      return carried === world.accepted ? fine : unauthorized;
    },
    async *watch() {
      yield { type: 'BOOKMARK', object: {} };
    },
  };
  const clock = { now: () => '', milliseconds: () => world.now, sleep: async () => undefined };
  const renewing = renewingTransport(
    {
      async open(refused) {
        if (refused) {
          world.renewals += 1;
          world.credentials = await renewed();
        }
        return transport;
      },
      refusedRemedy: 'give others',
      unreachedRemedy: 'open the way',
    },
    clock,
  );
  return Object.assign(world, { renewing, ask: () => renewing.send(get, 1_000) });
}

describe('credentials that the API refuses', () => {
  it('are renewed, and the same request is sent once more', async () => {
    const world = aWorld();
    expect(await world.ask()).toEqual(fine);
    expect(world).toMatchObject({ renewals: 1, sent: 2 });
  });

  it('are renewed once for all calls that met the refusal', async () => {
    const world = aWorld();
    expect(await Promise.all([world.ask(), world.ask(), world.ask()])).toEqual([fine, fine, fine]);
    expect(world).toMatchObject({ renewals: 1, sent: 6 });
  });

  it('and are refused again are told with the remedy', async () => {
    const world = aWorld({ renewed: async () => 'revoked' });
    expect(await world.ask()).toMatchObject({ status: 401, body: { reason: 'Unauthorized', message: 'Unauthorized: give others' } });
    expect(world).toMatchObject({ renewals: 1, sent: 2 });
  });

  it('for good are not fetched at each call, but again after a while', async () => {
    const world = aWorld({ renewed: async () => 'revoked' });
    await world.ask();
    world.now += 5_000;
    expect(await world.ask()).toMatchObject({ status: 401, body: { message: 'Unauthorized: give others' } });
    expect(world).toMatchObject({ renewals: 1, sent: 3 });
    world.now += 5_000;
    await world.ask();
    expect(world).toMatchObject({ renewals: 2, sent: 5 });
  });

  it('and cannot be renewed are told by what stands in the way', async () => {
    const world = aWorld({ renewed: () => Promise.reject(new Error('the secret is gone')) });
    await expect(world.ask()).rejects.toThrow('the secret is gone');
  });
});

describe('any other answer', () => {
  it.each<[status: number]>([[200], [403], [409], [429], [500], [503]])('as %i is given as it is, and nothing is repeated', async (status) => {
    const world = Object.assign(aWorld(), { other: { status, body: {}, retryAfterSeconds: 3 } });
    expect(await world.ask()).toBe(world.other);
    expect(world).toMatchObject({ renewals: 0, sent: 1 });
  });

  it.each<[sentence: string, code: string, name: string, message: string]>([
    ['a server that is away', 'ECONNREFUSED', 'ClusterUnreachable', 'GET /x: connect: open the way'],
    ['a name that nobody knows', 'ENOTFOUND', 'ClusterUnreachable', 'GET /x: connect: open the way'],
    ['a stranger in its place', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ClusterUnreachable', 'its certificate is not the one'],
    ['a connection cut in the middle', 'ECONNRESET', 'Error', 'GET /x: connect'],
  ])('as %s is thrown once, with what helps', async (_sentence, code, name, message) => {
    const cause = Object.assign(new Error('connect'), { code });
    const world = Object.assign(aWorld(), { other: new Error('GET /x: connect', { cause }) });
    const error: unknown = await world.ask().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name });
    expect(String(error)).toContain(message);
    expect(world).toMatchObject({ renewals: 0, sent: 1 });
  });
});
