import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { request } from '../own-kinds.ts';
import { fails, succeeds, task } from '../workloads/living-job.ts';
import type { Outcome, ServedSubject } from './subject.ts';

const group = 'remediation.kubernaut.io/v1';
const quick = { 'sandbox.kubernaut.io/start-after-seconds': '0', 'sandbox.kubernaut.io/ready-after-seconds': '0' };

export function web(name: string, more: Readonly<Record<string, string>> = {}, spec: JsonObject = {}): JsonObject {
  const labels = { app: name };
  const containers = [{ name: 'web', image: 'registry.example/web:1' }];
  const template = {
    metadata: { labels, annotations: { ...quick, ...more } },
    spec: { automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, containers },
  };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas: 2, selector: { matchLabels: labels }, template, ...spec } };
}

export function kubectlWaits(subject: () => ServedSubject): void {
  const ran = async (...argv: readonly string[]): Promise<Outcome> => {
    const outcome = await subject().kubectl(...argv);
    expect(outcome, `kubectl ${argv.join(' ')}: ${outcome.stderr}`).toMatchObject({ code: 0 });
    return outcome;
  };
  const made = async (name: string): Promise<string> => {
    const { send, path } = subject();
    await send('POST', path('remediationrequests', group), request(name));
    return path(`remediationrequests/${name}`, group);
  };
  const told = (type: string) => ({ type, status: 'True', reason: 'Done', message: '', lastTransitionTime: '2026-01-15T10:40:00Z' });

  // Each waits for something of its own: one after another they would take their times together.
  describe.concurrent('kubectl wait', () => {
    it('sees a condition that is there already', async () => {
      const at = await made('wait-there');
      await subject().patch('merge', `${at}/status`, { status: { conditions: [told('Succeeded')] } });
      expect((await ran('wait', '--for=condition=Succeeded', 'rr/wait-there', '--timeout=20s')).stdout).toContain('condition met');
    });

    it('sees a condition that comes while it waits', async () => {
      const at = await made('wait-comes');
      const waiting = ran('wait', '--for=condition=Succeeded', 'rr/wait-comes', '--timeout=30s');
      await subject().elapse(1);
      await subject().patch('merge', `${at}/status`, { status: { conditions: [told('Succeeded')] } });
      expect((await waiting).stdout).toContain('condition met');
    });

    it('sees a field by its path', async () => {
      const at = await made('wait-path');
      const waiting = ran('wait', '--for=jsonpath={.status.phase}=completed', 'rr/wait-path', '--timeout=30s');
      await subject().elapse(1);
      await subject().patch('merge', `${at}/status`, { status: { phase: 'completed' } });
      expect((await waiting).stdout).toContain('condition met');
    });

    it('sees the end of an object, held by a finalizer or not', async () => {
      const at = await made('wait-gone');
      await subject().patch('merge', at, { metadata: { finalizers: ['example.com/held'] } });
      await subject().send('DELETE', at);
      const waiting = ran('wait', '--for=delete', 'rr/wait-gone', '--timeout=30s');
      await subject().elapse(1);
      await subject().patch('merge', at, { metadata: { finalizers: null } });
      await waiting;
      expect((await ran('wait', '--for=delete', 'rr/wait-gone', '--timeout=5s')).code).toBe(0);
    });

    it('gives up when its time is over, and fails for what is not there', async () => {
      await made('wait-vain');
      const vain = await subject().kubectl('wait', '--for=condition=Succeeded', 'rr/wait-vain', '--timeout=2s');
      expect(vain).toMatchObject({ code: 1, stderr: expect.stringContaining('timed out waiting for the condition') as string });
      const absent = await subject().kubectl('wait', '--for=condition=Succeeded', 'rr/wait-absent', '--timeout=2s');
      expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('not found') as string });
    });

    it.each([
      ['complete', succeeds],
      ['failed', fails],
    ] as const)('sees a Job that is %s', async (condition, scenario) => {
      const { send, path } = subject();
      await send('POST', path('jobs', 'batch/v1'), task(`wait-${condition}`, {}, scenario));
      expect((await ran('wait', `--for=condition=${condition}`, `job/wait-${condition}`, '--timeout=30s')).stdout).toContain('condition met');
    });

    it('sees pods that get ready, all of a selection', async () => {
      const { send, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), web('wait-ready'));
      await ran('wait', '--for=condition=Available', 'deployment/wait-ready', '--timeout=30s');
      const { stdout } = await ran('wait', '--for=condition=Ready', 'pods', '-l', 'app=wait-ready', '--timeout=30s');
      expect(stdout.trim().split('\n')).toHaveLength(2);
      await send('DELETE', path('deployments/wait-ready', 'apps/v1'));
    });
  });

  describe.concurrent('kubectl rollout status', () => {
    it('follows a rollout to its end, and back to what was before', async () => {
      const { send, path, patch } = subject();
      await send('POST', path('deployments', 'apps/v1'), web('roll'));
      expect((await ran('rollout', 'status', 'deployment/roll', '--timeout=30s')).stdout).toContain('deployment "roll" successfully rolled out');
      const change = { spec: { template: { spec: { containers: [{ name: 'web', image: 'registry.example/web:2' }] } } } };
      await patch('strategic', path('deployments/roll', 'apps/v1'), change);
      const { stdout } = await ran('rollout', 'status', 'deployment/roll', '--timeout=30s');
      expect(stdout).toContain('successfully rolled out');
      expect((await ran('rollout', 'history', 'deployment/roll')).stdout).toMatch(/REVISION[^]*1[^]*2/);
      await ran('rollout', 'undo', 'deployment/roll');
      await ran('rollout', 'status', 'deployment/roll', '--timeout=30s');
      expect((await send('GET', path('deployments/roll', 'apps/v1'))).body).toMatchObject({
        metadata: { annotations: { 'deployment.kubernetes.io/revision': '3' } },
        spec: { template: { spec: { containers: [{ image: 'registry.example/web:1' }] } } },
      });
      await send('DELETE', path('deployments/roll', 'apps/v1'));
    });

    it('gives up when its time is over', async () => {
      const { send, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), web('roll-stuck', { 'sandbox.kubernaut.io/never-ready': 'true' }));
      const outcome = await subject().kubectl('rollout', 'status', 'deployment/roll-stuck', '--timeout=2s');
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('timed out waiting for the condition') as string });
      await send('DELETE', path('deployments/roll-stuck', 'apps/v1'));
    });

    it('says that a rollout has failed', async () => {
      const { send, path } = subject();
      await send('POST', path('deployments', 'apps/v1'), web('roll-failed', { 'sandbox.kubernaut.io/never-ready': 'true' }, { progressDeadlineSeconds: 2 }));
      const outcome = await subject().kubectl('rollout', 'status', 'deployment/roll-failed', '--timeout=30s');
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('exceeded its progress deadline') as string });
      await send('DELETE', path('deployments/roll-failed', 'apps/v1'));
    });
  });
}
