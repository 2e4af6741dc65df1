import { describe, expect, it } from 'vitest';
import { installProduct } from '../local/stack/install.ts';
import { watcherUser } from '../local/stack/identities.ts';
import type { JsonValue } from '../../shared/api/json.ts';
import type { Queues } from '../../shared/queue/ports.ts';
import { aRequest } from '../../test/support/requests.ts';
import { aWorld } from '../../test/support/sandbox.ts';
import { startWatcher } from './watcher.ts';

const root = `${import.meta.dirname}/../..`;

/** The watcher as its own account in a sandbox with the product, before queues that work or not. */
async function aWatcher(send?: Queues['send']) {
  const { clock, sandbox, transport: admin } = aWorld();
  await installProduct(admin, root, { clock });
  const sent: string[] = [];
  const warnings: string[] = [];
  const keep: Queues['send'] = async (queue, messages) => void sent.push(...messages.map(({ body }) => `${queue} ${(body as { name: string }).name}`));
  const watcher = startWatcher({
    transport: sandbox.transport(watcherUser),
    queues: { send: send ?? keep },
    clock,
    cluster: 'primary-cluster',
    namespace: 'kubernaut-system',
    random: () => 1,
    warn: (message, fields) => void warnings.push(`${message}: ${fields['error'] ?? ''}`),
    track: (work) => clock.track(work),
  });
  const elapse = async (seconds: number) => {
    const end = clock.milliseconds() + seconds * 1_000;
    void clock.sleep(seconds * 1_000);
    await clock.run(() => clock.milliseconds() >= end, { virtualSeconds: seconds + 1 });
  };
  await elapse(1);
  return {
    watcher,
    sent,
    warnings,
    elapse,
    clock,
    async make(name: string) {
      const { apiVersion, kind, spec } = aRequest();
      const path = '/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests';
      const body = { apiVersion, kind, metadata: { name }, spec } as unknown as JsonValue;
      const answer = await admin.send({ method: 'POST', path, body }, 1_000);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    },
    /** Seconds that it takes to stop. */
    async stop() {
      const begun = clock.milliseconds();
      let isStopped = false;
      const stopping = watcher.stop().then(() => (isStopped = true));
      await clock.run(() => isStopped, { virtualSeconds: 60 });
      await stopping;
      return (clock.milliseconds() - begun) / 1_000;
    },
  };
}

describe('the watcher', () => {
  it('forwards a change with the permissions of its own account, and stops at once', async () => {
    const { watcher, sent, warnings, make, elapse, stop } = await aWatcher();
    await make('rr-a');
    await elapse(1);
    expect(sent).toEqual(['remediation-requests rr-a']);
    expect(warnings).toEqual([]);
    expect(watcher.metrics.illness()).toBeNull();
    expect(watcher.metrics.render({ pendingCount: watcher.pendingCount() })).toContain('kubernaut_watcher_forwarded_total{queue="remediation-requests"} 1');
    expect(await stop()).toBe(0);
  });

  it('sends nothing of what changes after it was told to stop', async () => {
    const { sent, make, elapse, stop } = await aWatcher();
    await stop();
    await make('rr-a');
    await elapse(60);
    expect(sent).toEqual([]);
  });

  it('sends what is pending before it stops, when the queue comes back in time', async () => {
    let failures = 3;
    const sent: number[] = [];
    const { watcher, make, elapse, stop } = await aWatcher(async (_queue, messages) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the queue is away');
      sent.push(messages.length);
    });
    await make('rr-a');
    await elapse(0);
    expect(watcher.pendingCount()).toBe(1);
    expect(await stop()).toBeLessThan(10);
    expect(sent).toEqual([1]);
    expect(watcher.pendingCount()).toBe(0);
  });

  it('gives up after ten seconds, and says how often it failed', async () => {
    const { watcher, warnings, make, elapse, stop } = await aWatcher(() => Promise.reject(new Error('AccessDenied')));
    await make('rr-a');
    await elapse(0);
    expect(await stop()).toBe(10);
    expect(watcher.pendingCount()).toBe(1);
    expect(warnings.length).toBeGreaterThan(2);
    expect(new Set(warnings)).toEqual(new Set(['sending failed, retrying: Error: AccessDenied']));
  });
});
