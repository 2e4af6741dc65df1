import { afterEach, describe, expect, it } from 'vitest';
import { aWorld } from '../../../test/support/sandbox.ts';
import { createApiClient } from '../controllers/api-client.ts';
import type { Running } from '../controllers/controller.ts';
import { startHeartbeat } from './heartbeat.ts';

let heartbeat: Running | undefined;
afterEach(() => heartbeat?.stop());

const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease', name: 'one' };

describe('heartbeat', () => {
  it('makes the Lease of a node and renews it, until it is stopped', async () => {
    const { clock, transport } = aWorld();
    const client = createApiClient(transport, 'test');
    const trouble: string[] = [];
    heartbeat = startHeartbeat({ transport, clock, nodeNames: ['one'], report: (message) => void trouble.push(message) });
    await clock.run(async () => (await client.get(lease)) !== null, { virtualSeconds: 1 });
    expect(await client.get(lease)).toMatchObject({ spec: { holderIdentity: 'one', leaseDurationSeconds: 40, renewTime: '2026-01-15T10:30:00.000000Z' } });
    await clock.run(async () => clock.now() >= '2026-01-15T10:31:00Z', { virtualSeconds: 61 });
    expect(await client.get(lease)).toMatchObject({ spec: { renewTime: '2026-01-15T10:31:00.000000Z' } });
    await heartbeat.stop();
    await expect(clock.run(() => false, { virtualSeconds: 60 })).rejects.toThrow('nobody sleeps');
    expect(trouble).toEqual([]);
  });

  it('reports that it could not, and tries again', async () => {
    let isDown = true;
    const away = { status: 503, body: { message: 'away', reason: 'ServiceUnavailable' } };
    const { clock, transport } = aWorld({ beforeServe: async ({ path }) => (isDown && path.includes('/leases') ? away : null) });
    const client = createApiClient(transport, 'test');
    const trouble: string[] = [];
    heartbeat = startHeartbeat({ transport, clock, nodeNames: ['one'], report: (message) => void trouble.push(message) });
    await clock.run(() => trouble.length === 2, { virtualSeconds: 60 });
    expect(trouble[0]).toMatch(/^renewing the lease of node one: .*away$/);
    isDown = false;
    await clock.run(async () => (await client.get(lease)) !== null, { virtualSeconds: 60 });
    expect(trouble).toHaveLength(2);
  });
});
