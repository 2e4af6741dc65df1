import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { findKubectl } from '../../infra/local/node/find-kubectl.ts';
import { customResourceDefinition } from '../../shared/api/crd.ts';
import { definitions } from '../../shared/api/kinds.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { aKubectlWorld, type KubectlWorld, type Outcome } from '../support/kubectl.ts';

const kubectl = await findKubectl({ environment: process.env, cacheDirectory: join(tmpdir(), 'no-cache') });
const which = kubectl === null ? 'NOT TESTED: neither KUBECTL nor PATH has one of 1.30 or later' : kubectl.version;

const requestsPath = '/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests';

function aRequest(name: string): JsonObject {
  return {
    apiVersion: 'remediation.kubernaut.io/v1',
    kind: 'RemediationRequest',
    metadata: { name, namespace: 'kubernaut-system' },
    spec: {
      alertFingerprint: 'a1b2c3d4e5f60718',
      alertName: 'KubePodCrashLooping',
      severity: 'critical',
      target: { kind: 'Deployment', name: 'payment-api', namespace: 'production' },
      firingTime: '2026-01-15T10:34:00Z',
      receivedTime: '2026-01-15T10:34:30Z',
    },
  };
}

const labels = { app: 'payment-api' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'api', image: 'registry.example.com/payment:1.0' }] } };

function aDeployment(name: string): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'production' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  };
}

function namespaced(name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** Rows of a table, each as its cells; columns are two blanks apart at least. */
function rows({ stdout }: Outcome): readonly (readonly string[])[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
}

describe.skipIf(kubectl === null)(`kubectl over HTTPS (${which})`, () => {
  let world: KubectlWorld;

  beforeAll(async () => {
    world = await aKubectlWorld(kubectl?.path ?? '');
    const manifest = await world.manifest('crds', ...definitions.map(customResourceDefinition), namespaced('kubernaut-system'), namespaced('production'));
    const applied = await world.run('apply', '-f', manifest);
    if (applied.code !== 0) throw new Error(`kubectl apply: ${applied.stderr}`);
  });

  afterAll(async () => {
    await world?.close();
  });

  /** Fails with kubectl's own words. */
  async function kubectlDoes(...argv: readonly string[]): Promise<Outcome> {
    const outcome = await world.run(...argv);
    expect(outcome, `kubectl ${argv.join(' ')}: ${outcome.stderr}`).toMatchObject({ code: 0 });
    return outcome;
  }

  async function created(name: string): Promise<void> {
    await kubectlDoes('create', '--validate=false', '-f', await world.manifest(name, aRequest(name)));
  }

  async function patchStatus(path: string, status: JsonObject): Promise<void> {
    expect(await world.api('PATCH', `${path}/status`, { status }, 'application/merge-patch+json')).toMatchObject({ status: 200 });
  }

  it('prints our kinds by their short names and category, with the columns of their definitions', async () => {
    await created('rr-print');
    await patchStatus(`${requestsPath}/rr-print`, { phase: 'executing', reason: 'because', topAction: 'scale_deployment' });
    const [heading, row] = rows(await kubectlDoes('get', 'rr', 'rr-print'));
    expect(heading).toEqual(['NAME', 'PHASE', 'ALERT', 'TARGET', 'ACTION', 'OUTCOME', 'AGE']);
    expect(row?.slice(0, 5)).toEqual(['rr-print', 'executing', 'KubePodCrashLooping', 'payment-api', 'scale_deployment']);
    expect((await kubectlDoes('get', 'kubernaut', '-A')).stdout).toContain('remediationrequest.remediation.kubernaut.io/rr-print');
    expect((await kubectlDoes('get', 'rr,wf,ke', '-A')).stdout).toMatch(/^NAMESPACE {2,}NAME/);
  });

  it('says by what a request is held, where a wide table is asked for', async () => {
    await created('rr-held');
    await patchStatus(`${requestsPath}/rr-held`, { phase: 'blocked', reason: 'target_busy' });
    const [heading = [], row = []] = rows(await kubectlDoes('get', 'rr', 'rr-held', '-o', 'wide'));
    expect(heading).toContain('REASON');
    expect(row.slice(-3)).toEqual(['target_busy', 'critical', 'primary-cluster']);
  });

  it('gives the object itself as YAML and as JSON', async () => {
    await created('rr-object');
    expect(parse((await kubectlDoes('get', 'rr', 'rr-object', '-o', 'yaml')).stdout)).toMatchObject({
      spec: { severity: 'critical', source: 'manual', dryRun: false },
    });
    expect(JSON.parse((await kubectlDoes('get', 'rr', '-A', '-o', 'json')).stdout)).toMatchObject({ kind: 'List' });
  });

  it('watches: one heading, then a line for each change', async () => {
    await created('rr-watch');
    const watching = world.start('get', 'rr', 'rr-watch', '-w');
    await vi.waitFor(() => expect(watching.printed()).toContain('rr-watch'), { timeout: 20_000 });
    await patchStatus(`${requestsPath}/rr-watch`, { phase: 'processing' });
    await patchStatus(`${requestsPath}/rr-watch`, { phase: 'analyzing' });
    await vi.waitFor(() => expect(watching.printed()).toContain('analyzing'), { timeout: 20_000 });
    watching.stop();
    expect(rows(await watching.outcome).map((cells) => cells.slice(0, 2).join(' '))).toEqual([
      'NAME PHASE',
      'rr-watch KubePodCrashLooping',
      'rr-watch processing',
      'rr-watch analyzing',
    ]);
  });

  it('waits for a condition', async () => {
    await created('rr-wait');
    const waiting = world.start('wait', '--for=condition=Succeeded', 'rr/rr-wait', '--timeout=20s');
    const conditions = [{ type: 'Succeeded', status: 'True', reason: 'Completed', message: '', lastTransitionTime: '2026-01-15T10:40:00Z' }];
    await patchStatus(`${requestsPath}/rr-wait`, { phase: 'completed', conditions });
    expect(await waiting.outcome).toMatchObject({ code: 0, stdout: 'remediationrequest.remediation.kubernaut.io/rr-wait condition met\n' });
  });

  it('describes our kinds, with their events', async () => {
    await created('rr-describe');
    const { body } = await world.api('GET', `${requestsPath}/rr-describe`);
    const { uid } = Object(Object(body).metadata);
    const involvedObject = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-describe', namespace: 'kubernaut-system', uid };
    const event = {
      metadata: { name: 'rr-describe.1' },
      involvedObject,
      type: 'Normal',
      reason: 'RemediationStarted',
      message: 'processing began',
      firstTimestamp: '2026-01-15T10:35:00Z',
      lastTimestamp: '2026-01-15T10:35:00Z',
      count: 1,
    };
    expect(await world.api('POST', '/api/v1/namespaces/kubernaut-system/events', event)).toMatchObject({ status: 201 });
    const { stdout } = await kubectlDoes('describe', 'rr', 'rr-describe');
    expect(stdout).toMatch(/Alert Name: +KubePodCrashLooping/);
    expect(stdout).toMatch(/Normal +RemediationStarted .* processing began/);
    expect((await kubectlDoes('get', 'events', '--sort-by=.lastTimestamp')).stdout).toContain('remediationrequest/rr-describe');
  });

  it('deletes, and says when it is done', async () => {
    await created('rr-delete');
    expect((await kubectlDoes('delete', 'rr', 'rr-delete')).stdout).toContain('"rr-delete" deleted');
    expect(await world.run('get', 'rr', 'rr-delete')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('remediationrequests.remediation.kubernaut.io "rr-delete" not found'),
    });
  });

  it('is told what is wrong with an object, field by field', async () => {
    const wrong = { ...aRequest('rr-wrong'), spec: { ...Object(aRequest('x')['spec']), severity: 'huge' } };
    const refused = await world.run('create', '--validate=false', '-f', await world.manifest('wrong', wrong));
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('spec.severity: Unsupported value: "huge": supported values: "critical", "warning", "info"'),
    });
    const misspelt = { ...aRequest('rr-misspelt'), spec: { ...Object(aRequest('x')['spec']), severty: 'critical' } };
    const unknown = await world.run('apply', '-f', await world.manifest('misspelt', misspelt));
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('unknown field "spec.severty"') });
    await created('rr-fixed');
    const changed = await world.run('patch', 'rr', 'rr-fixed', '--type=merge', '-p', '{"spec":{"severity":"info"}}');
    expect(changed).toMatchObject({ code: 1, stderr: expect.stringContaining('may change after creation') });
    await kubectlDoes('patch', 'rr', 'rr-fixed', '--type=merge', '-p', '{"spec":{"pause":true}}');
  });

  it('applies, again and again', async () => {
    const manifest = await world.manifest('apply', aDeployment('applied'));
    expect(await kubectlDoes('apply', '-f', manifest)).toMatchObject({ stdout: 'deployment.apps/applied created\n' });
    expect(await kubectlDoes('apply', '-f', manifest)).toMatchObject({ stdout: 'deployment.apps/applied unchanged\n' });
    expect(
      await kubectlDoes(
        'apply',
        '--validate=false',
        '-f',
        await world.manifest('apply', { ...aDeployment('applied'), metadata: { name: 'applied', namespace: 'production', labels } }),
      ),
    ).toMatchObject({
      stdout: 'deployment.apps/applied configured\n',
    });
  });

  it('changes workloads as the actions do', async () => {
    await kubectlDoes('apply', '-f', await world.manifest('changed', aDeployment('changed')));
    await kubectlDoes('scale', 'deployment', 'changed', '--namespace=production', '--replicas=5');
    await kubectlDoes('set', 'resources', 'deployment', 'changed', '--namespace=production', '--containers=api', '--limits=memory=256Mi');
    await kubectlDoes('set', 'image', 'deployment/changed', '--namespace=production', 'api=registry.example.com/payment:2.0');
    await kubectlDoes(
      'patch',
      'deployment',
      'changed',
      '--namespace=production',
      '--type=strategic',
      '-p',
      '{"spec":{"template":{"metadata":{"annotations":{"restarted":"now"}}}}}',
    );
    expect(await world.api('GET', '/apis/apps/v1/namespaces/production/deployments/changed')).toMatchObject({
      body: {
        spec: {
          replicas: 5,
          template: {
            metadata: { annotations: { restarted: 'now' } },
            spec: { containers: [{ name: 'api', image: 'registry.example.com/payment:2.0', resources: { limits: { memory: '256Mi' } } }] },
          },
        },
      },
    });
  });

  it('waits for a rollout', async () => {
    await kubectlDoes('apply', '-f', await world.manifest('rolled', aDeployment('rolled')));
    const waiting = world.start('rollout', 'status', 'deployment/rolled', '--namespace=production', '--timeout=20s');
    const counts = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
    await patchStatus('/apis/apps/v1/namespaces/production/deployments/rolled', { observedGeneration: 1, ...counts });
    expect(await waiting.outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('deployment "rolled" successfully rolled out') });
    expect(rows(await kubectlDoes('get', 'deploy', 'rolled', '-n', 'production'))[1]?.slice(0, 4)).toEqual(['rolled', '2/2', '2', '2']);
  });

  it('describes a pod and follows its log to the end', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'logging' },
      spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'busybox:1' }] },
    };
    const { body } = await world.api('POST', '/api/v1/namespaces/production/pods', pod);
    const uid = String(Object(Object(body).metadata).uid);
    const path = '/api/v1/namespaces/production/pods/logging';
    await patchStatus(path, { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }] });
    world.sandbox.appendLog(uid, 'main', 'first\nsecond\n');
    expect(await kubectlDoes('logs', 'logging', '-n', 'production', '--tail=1')).toMatchObject({ stdout: 'second\n' });
    const following = world.start('logs', '-f', 'logging', '-n', 'production');
    await vi.waitFor(() => expect(following.printed()).toBe('first\nsecond\n'), { timeout: 20_000 });
    world.sandbox.appendLog(uid, 'main', 'third\n');
    await vi.waitFor(() => expect(following.printed()).toContain('third'), { timeout: 20_000 });
    world.sandbox.appendLog(uid, 'main', 'last\n');
    await patchStatus(path, { phase: 'Succeeded' });
    expect(await following.outcome).toMatchObject({ code: 0, stdout: 'first\nsecond\nthird\nlast\n' });
    expect((await kubectlDoes('describe', 'pod', 'logging', '-n', 'production')).stdout).toMatch(/Status: +Succeeded/);
  });

  it('sends what it sends as protobuf', async () => {
    const job = {
      metadata: { labels },
      spec: {
        backoffLimit: 0,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1', command: ['true'], env: [{ name: 'A', value: '1' }] }] } },
      },
    };
    const cronJob = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly', namespace: 'production' },
      spec: { schedule: '@daily', jobTemplate: job },
    };
    await kubectlDoes('apply', '-f', await world.manifest('cronjob', cronJob));
    await kubectlDoes('create', 'job', 'retried', '--from=cronjob/nightly', '-n', 'production');
    expect(await world.api('GET', '/apis/batch/v1/namespaces/production/jobs/retried')).toMatchObject({
      body: { metadata: { labels, ownerReferences: [{ kind: 'CronJob', name: 'nightly' }] }, spec: { backoffLimit: 0, template: job.spec.template } },
    });
    expect(await kubectlDoes('create', 'namespace', 'staging')).toMatchObject({ stdout: 'namespace/staging created\n' });
  });

  it('acts as a ServiceAccount, by token and by impersonation, within its role', async () => {
    await kubectlDoes('create', 'serviceaccount', 'reader', '-n', 'production');
    const token = (await kubectlDoes('create', 'token', 'reader', '-n', 'production')).stdout.trim();
    const username = 'system:serviceaccount:production:reader';
    const denied = `User "${username}" cannot list resource "pods" in API group "" in the namespace "production"`;
    expect(await world.run('get', 'pods', '-n', 'production', `--as=${username}`)).toMatchObject({ code: 1, stderr: expect.stringContaining(denied) });
    expect(await world.run('auth', 'can-i', 'list', 'pods', '-n', 'production', `--as=${username}`)).toMatchObject({ code: 1, stdout: 'no\n' });
    await kubectlDoes('create', 'role', 'reads', '--verb=get,list', '--resource=pods', '-n', 'production');
    await kubectlDoes('create', 'rolebinding', 'reads', '--role=reads', '--serviceaccount=production:reader', '-n', 'production');
    expect(await world.run('auth', 'can-i', 'list', 'pods', '-n', 'production', `--as=${username}`)).toMatchObject({ code: 0, stdout: 'yes\n' });
    expect(await world.run('get', 'pods', '-n', 'production', `--as=${username}`)).toMatchObject({ code: 0 });
    expect(await world.run('get', 'deployments', '-n', 'production', `--as=${username}`)).toMatchObject({ code: 1 });
    expect(token.split('.')).toHaveLength(3);
  });
});
