import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { configMap } from '../objects.ts';
import { request } from '../own-kinds.ts';
import { web } from './kubectl-waits.ts';
import type { Outcome, ServedSubject } from './subject.ts';

const group = 'remediation.kubernaut.io/v1';

export function kubectlCommands(subject: () => ServedSubject): void {
  const ran = async (...argv: readonly string[]): Promise<Outcome> => {
    const outcome = await subject().kubectl(...argv);
    expect(outcome, `kubectl ${argv.join(' ')}: ${outcome.stderr}`).toMatchObject({ code: 0 });
    return outcome;
  };
  const deploymentAt = (name: string): string => subject().path(`deployments/${name}`, 'apps/v1');
  const aDeployment = async (name: string, replicas = 0): Promise<string> => {
    await subject().send('POST', subject().path('deployments', 'apps/v1'), web(name, {}, { replicas }));
    return deploymentAt(name);
  };
  const rows = ({ stdout }: Outcome): readonly (readonly string[])[] =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));

  beforeAll(async () => {
    const { send, patch, path } = subject();
    await send('POST', path('remediationrequests', group), request('printed'));
    await patch('merge', path('remediationrequests/printed/status', group), { status: { phase: 'executing', topAction: 'scale_deployment' } });
  });

  describe.concurrent('kubectl get', () => {
    it('prints our kinds by their short name, with their columns', async () => {
      const [heading, row] = rows(await ran('get', 'rr', 'printed'));
      expect(heading).toEqual(['NAME', 'PHASE', 'ALERT', 'TARGET', 'ACTION', 'OUTCOME', 'AGE']);
      expect(row?.slice(0, 5)).toEqual(['printed', 'executing', 'KubePodCrashLooping', 'payment-api', 'scale_deployment']);
    });

    it('finds all of a category', async () => {
      expect((await ran('get', 'kubernaut')).stdout).toContain('remediationrequest.remediation.kubernaut.io/printed');
    });

    it('prints names, JSON and paths', async () => {
      expect((await ran('get', 'rr', 'printed', '-o', 'name')).stdout).toBe('remediationrequest.remediation.kubernaut.io/printed\n');
      expect(JSON.parse((await ran('get', 'rr', 'printed', '-o', 'json')).stdout)).toMatchObject({ kind: 'RemediationRequest', spec: { source: 'manual' } });
      expect((await ran('get', 'rr', 'printed', '-o', 'jsonpath={.status.phase}')).stdout).toBe('executing');
      expect((await ran('get', 'rr', 'printed', '-o', 'custom-columns=N:.metadata.name,S:.spec.severity', '--no-headers')).stdout).toMatch(
        /^printed +critical\n$/,
      );
    });

    it('selects, sorts and shows labels', async () => {
      const { send, path } = subject();
      for (const [name, order] of [
        ['sorted-b', '1'],
        ['sorted-a', '2'],
      ] as const)
        await send('POST', path('configmaps'), configMap(name, { order }, { labels: { sorted: order } }));
      expect((await ran('get', 'cm', '-l', 'sorted', '--sort-by=.data.order', '-o', 'name')).stdout).toBe('configmap/sorted-b\nconfigmap/sorted-a\n');
      expect(rows(await ran('get', 'cm', '-l', 'sorted', '--show-labels'))[1]?.at(-1)).toBe('sorted=2');
    });

    it('fails for what is not there, and for what is not known', async () => {
      expect(await subject().kubectl('get', 'rr', 'absent')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Error from server (NotFound)') as string,
      });
      expect(await subject().kubectl('get', 'nothings')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('the server doesn\'t have a resource type "nothings"') as string,
      });
    });
  });

  describe.concurrent('kubectl', () => {
    it('applies a manifest, again and again, and prunes nothing of others', async () => {
      const { manifest, patch, send, path } = subject();
      const object: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', ...configMap('applied', { a: '1' }) };
      const file = await manifest('applied', object);
      expect((await ran('apply', '-f', file)).stdout).toBe('configmap/applied created\n');
      expect((await ran('apply', '-f', file)).stdout).toBe('configmap/applied unchanged\n');
      await patch('merge', path('configmaps/applied'), { data: { other: 'kept' } });
      expect((await ran('apply', '-f', await manifest('applied', { ...object, data: { b: '2' } }))).stdout).toBe('configmap/applied configured\n');
      expect((await send('GET', path('configmaps/applied'))).body).toMatchObject({ data: { b: '2', other: 'kept' } });
      expect((await send('GET', path('configmaps/applied'))).body).not.toHaveProperty('data.a');
    });

    it('rehearses what it would apply', async () => {
      const { manifest, send, path } = subject();
      const file = await manifest('rehearsed', { apiVersion: 'v1', kind: 'ConfigMap', ...configMap('rehearsed') });
      expect((await ran('apply', '-f', file, '--dry-run=server')).stdout).toBe('configmap/rehearsed created (server dry run)\n');
      expect((await send('GET', path('configmaps/rehearsed'))).status).toBe(404);
    });

    it('is told of a misspelt field of ours', async () => {
      const misspelt = { ...request('misspelt'), spec: { ...Object(request('misspelt')['spec']), severty: 'critical' } };
      const outcome = await subject().kubectl('apply', '-f', await subject().manifest('misspelt', misspelt));
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('unknown field "spec.severty"') as string });
    });

    it('scales, where the number is as expected', async () => {
      const { send } = subject();
      const at = await aDeployment('scaled-by-hand');
      await ran('scale', 'deployment', 'scaled-by-hand', '--replicas=1');
      expect((await send('GET', at)).body).toMatchObject({ spec: { replicas: 1 } });
      expect((await subject().kubectl('scale', 'deployment', 'scaled-by-hand', '--replicas=2', '--current-replicas=7')).code).toBe(1);
      await ran('scale', 'deployment', 'scaled-by-hand', '--replicas=0', '--current-replicas=1');
      expect((await send('GET', at)).body).toMatchObject({ spec: { replicas: 0 } });
    });

    it('sets resources, images and env of one container', async () => {
      const { send } = subject();
      const at = await aDeployment('set-by-hand');
      await ran('set', 'resources', 'deployment', 'set-by-hand', '--containers=web', '--limits=memory=256Mi', '--requests=memory=128Mi');
      await ran('set', 'image', 'deployment/set-by-hand', 'web=registry.example/web:3');
      await ran('set', 'env', 'deployment/set-by-hand', 'MODE=debug');
      const resources = { limits: { memory: '256Mi' }, requests: { memory: '128Mi' } };
      expect((await send('GET', at)).body).toMatchObject({
        spec: { template: { spec: { containers: [{ image: 'registry.example/web:3', resources, env: [{ name: 'MODE', value: 'debug' }] }] } } },
      });
    });

    it('patches by each type', async () => {
      const { send } = subject();
      const at = await aDeployment('patched-by-hand');
      await ran('patch', 'deployment', 'patched-by-hand', '--type=merge', '-p', '{"spec":{"minReadySeconds":1}}');
      await ran(
        'patch',
        'deployment',
        'patched-by-hand',
        '--type=json',
        '-p',
        '[{"op":"test","path":"/spec/minReadySeconds","value":1},{"op":"replace","path":"/spec/minReadySeconds","value":2}]',
      );
      await ran('patch', 'deployment', 'patched-by-hand', '--type=strategic', '-p', '{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}');
      expect((await send('GET', at)).body).toMatchObject({ spec: { minReadySeconds: 2, template: { metadata: { annotations: { a: 'b' } } } } });
      const stale = await subject().kubectl(
        'patch',
        'deployment',
        'patched-by-hand',
        '--type=json',
        '-p',
        '[{"op":"test","path":"/spec/minReadySeconds","value":1}]',
      );
      expect(stale).toMatchObject({ code: 1, stderr: expect.stringContaining('the server rejected our request due to an error in our request') as string });
    });

    it('labels and annotates, and does not overwrite unless it is told to', async () => {
      const { send, path } = subject();
      await send('POST', path('configmaps'), configMap('labelled'));
      await ran('label', 'cm', 'labelled', 'a=1');
      expect((await subject().kubectl('label', 'cm', 'labelled', 'a=2')).code).toBe(1);
      await ran('label', 'cm', 'labelled', 'a=2', '--overwrite');
      await ran('annotate', 'cm', 'labelled', 'note=said');
      await ran('label', 'cm', 'labelled', 'a-');
      expect((await send('GET', path('configmaps/labelled'))).body).toMatchObject({ metadata: { annotations: { note: 'said' } } });
      expect((await send('GET', path('configmaps/labelled'))).body).not.toHaveProperty('metadata.labels');
    });

    it('deletes an incarnation by raw options, and no other', async () => {
      const { send, path } = subject();
      await send('POST', path('configmaps'), configMap('raw'));
      const options = await subject().manifest('options', {});
      const write = async (uid: string) => {
        await writeFile(options, JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } }));
      };
      await write('another');
      expect(await subject().kubectl('delete', '--raw', path('configmaps/raw'), '-f', options)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Conflict') as string,
      });
      const { body } = await send('GET', path('configmaps/raw'));
      await write(String(Object(Object(body)['metadata'])['uid']));
      await ran('delete', '--raw', path('configmaps/raw'), '-f', options);
      expect((await send('GET', path('configmaps/raw'))).status).toBe(404);
    });

    it('deletes, and waits until it is done', async () => {
      const { send, path } = subject();
      await send('POST', path('remediationrequests', group), request('removed'));
      expect((await ran('delete', 'rr', 'removed')).stdout).toContain('"removed" deleted');
      expect((await send('GET', path('remediationrequests/removed', group))).status).toBe(404);
      expect((await ran('delete', 'rr', 'removed', '--ignore-not-found')).stdout).toBe('');
    });

    it('asks what an account may do, and hands out its token', async () => {
      const { account } = subject();
      await ran('create', 'serviceaccount', 'asked');
      expect(await subject().kubectl('auth', 'can-i', 'list', 'pods', `--as=${account('asked')}`)).toMatchObject({ code: 1, stdout: 'no\n' });
      await ran('create', 'role', 'asked', '--verb=get,list', '--resource=pods');
      await ran('create', 'rolebinding', 'asked', '--role=asked', `--serviceaccount=${subject().namespace}:asked`);
      const allowed = await subject().eventually(
        async () => ({ status: (await subject().kubectl('auth', 'can-i', 'list', 'pods', `--as=${account('asked')}`)).code, body: null }),
        ({ status }) => status === 0,
      );
      expect(allowed.status).toBe(0);
      expect((await ran('create', 'token', 'asked', '--duration=10m')).stdout.trim().split('.')).toHaveLength(3);
    });

    it('makes a Job of a CronJob', async () => {
      const { manifest, send, path } = subject();
      const container = { name: 'main', image: 'registry.example/nightly:1' };
      const template = { spec: { restartPolicy: 'Never', containers: [container] } };
      const cronJob = {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'nightly' },
        spec: { schedule: '@yearly', jobTemplate: { spec: { suspend: true, template } } },
      };
      await ran('apply', '-f', await manifest('nightly', cronJob));
      await ran('create', 'job', 'by-hand', '--from=cronjob/nightly');
      expect((await send('GET', path('jobs/by-hand', 'batch/v1'))).body).toMatchObject({
        metadata: { ownerReferences: [{ kind: 'CronJob', name: 'nightly' }], annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' } },
        spec: { template: { spec: { containers: [container] } } },
      });
    });

    it('describes an object with what was told of it', async () => {
      const { send, path, namespace } = subject();
      await send('POST', path('remediationrequests', group), request('described'));
      const { body } = await send('GET', path('remediationrequests/described', group));
      const { uid } = Object(Object(body)['metadata']) as { readonly uid: string };
      const involvedObject = { apiVersion: group, kind: 'RemediationRequest', name: 'described', namespace, uid };
      const times = { firstTimestamp: '2026-01-15T10:35:00Z', lastTimestamp: '2026-01-15T10:35:00Z', count: 1 };
      await send('POST', path('events'), {
        metadata: { name: 'described.1' },
        involvedObject,
        type: 'Normal',
        reason: 'RemediationStarted',
        message: 'processing began',
        ...times,
      });
      const { stdout } = await ran('describe', 'rr', 'described');
      expect(stdout).toMatch(/Alert Name: +KubePodCrashLooping/);
      expect(stdout).toMatch(/Normal +RemediationStarted .* processing began/);
    });
  });
}
