import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { findKubectl } from '../../infra/local/node/find-kubectl.ts';
import { aloneMilliseconds, connectControlPlane, enterAlone } from '../support/control-plane.ts';
import { chartDirectory, findHelm, render, requiredValues, runHelm } from '../support/helm.ts';

/** As for policies.test.ts: a cluster that is there to be played with. The chart is installed in it, upgraded and removed. */
const kubeconfigFile = process.env['KUBERNAUT_CONTROL_PLANE'] ?? '';
const helm = await findHelm();
const kubectl = await findKubectl({ environment: process.env, cacheDirectory: join(tmpdir(), 'no-cache') });
const missing = [
  ...(kubeconfigFile === '' ? ['KUBERNAUT_CONTROL_PLANE names no kubeconfig'] : []),
  ...(helm === null ? ['there is no helm'] : []),
  ...(kubectl === null ? ['there is no kubectl'] : []),
];
const which = missing.length === 0 ? 'of a real kube-apiserver' : `NOT TESTED: ${missing.join(', ')}`;

const run = promisify(execFile);
const namespaceFile = join(chartDirectory, '../rbac/namespace.yaml');
const release = ['kubernaut', '--kubeconfig', kubeconfigFile, '--namespace', 'kubernaut-system'];

describe.skipIf(missing.length > 0)(`the chart in the hands ${which}`, () => {
  let directory = '';
  let leave = async () => {};

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubernaut-chart-'));
    leave = await enterAlone(connectControlPlane(kubeconfigFile).admin);
    await runKubectl('apply', '--server-side', '--force-conflicts', '-f', namespaceFile);
  }, aloneMilliseconds);

  afterAll(async () => {
    if (helm === null || directory === '') return;
    await runHelm(helm, ['uninstall', ...release, '--ignore-not-found']);
    await leave();
    await rm(directory, { recursive: true, force: true });
  });

  async function runKubectl(...argv: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const path = kubectl?.path ?? '';
    return run(path, ['--kubeconfig', kubeconfigFile, '--cache-dir', join(directory, 'cache'), ...argv], { env: { HOME: directory } });
  }

  async function helmDoes(argv: readonly string[], values?: object): Promise<string> {
    if (helm === null) throw new Error('no helm');
    const { code, stdout, stderr } = await runHelm(helm, argv, values);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  const watcher = (values: object) => ({ ...requiredValues, watcher: { ...requiredValues.watcher, ...values } });

  it.each<[sentence: string, values: object]>([
    ['as it comes', requiredValues],
    [
      'with two watchers, and everything that a pod may have',
      watcher({ replicas: 2, awsRegion: 'eu-central-1', credentialsSecret: 'aws', priorityClassName: 'x' }),
    ],
    ['with metrics for nobody', watcher({ networkPolicy: { metricsFrom: [] } })],
    ['with actions held to a namespace', { ...requiredValues, actions: { namespaces: ['default'] } }],
    ['with no action', { ...requiredValues, actions: { enabled: false } }],
    ['for an IAM role', { ...requiredValues, functions: { serviceAccount: { create: false }, users: ['arn:aws:iam::123456789012:role/f'], groups: ['g'] } }],
    ['protecting more', { ...requiredValues, policies: { protectedNamespaces: ['vault'] } }],
  ])('is taken without a warning: %s', async (_sentence, values) => {
    if (helm === null) throw new Error('no helm');
    const { objects } = await render(helm, values);
    const file = join(directory, 'manifest.yaml');
    await writeFile(file, objects.map((object) => stringify(object)).join('---\n'));
    const { stdout, stderr } = await runKubectl('apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', file);
    expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('WARNING: version difference'))).toEqual([]);
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
  });

  it('is installed, upgraded with its definitions, removed without them, and installed over what stayed', async () => {
    const definition = 'crd/remediationrequests.remediation.kubernaut.io';
    const install = ['upgrade', '--install', '--take-ownership', ...release, chartDirectory];
    expect(await helmDoes(install, requiredValues)).toContain('KUBERNAUT_NAMESPACE=kubernaut-system');
    await runKubectl('patch', definition, '--type=json', '-p', '[{"op":"remove","path":"/spec/names/shortNames"}]');
    expect(await helmDoes(install, { ...requiredValues, policies: { enabled: false } })).toContain('WARNING: policies.enabled is false');
    expect((await runKubectl('get', definition, '-o', 'jsonpath={.spec.names.shortNames}')).stdout).toBe('["rr"]');
    await helmDoes(['uninstall', ...release]);
    expect((await runKubectl('get', definition, '-o', 'name')).stdout.trim()).toMatch(/remediationrequests/);
    expect((await runKubectl('get', 'clusterroles', '-o', 'name')).stdout).not.toContain('kubernaut');
    expect(await helmDoes(['install', ...release, chartDirectory], requiredValues)).toContain('STATUS: deployed');
  });

  it('says when its namespace lets through what ours never needs', async () => {
    const label = 'pod-security.kubernetes.io/enforce';
    const upgrade = ['upgrade', '--install', '--take-ownership', ...release, chartDirectory];
    expect(await helmDoes(upgrade, requiredValues)).not.toContain('Pod Security');
    await runKubectl('label', 'namespace', 'kubernaut-system', `${label}-`);
    expect(await helmDoes(upgrade, requiredValues)).toContain(`kubectl label namespace kubernaut-system ${label}=restricted`);
    await runKubectl('label', 'namespace', 'kubernaut-system', `${label}=restricted`);
  });
});
