import { readdirSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readObjects } from '../../../infra/local/stack/install.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { chartRelease } from '../../support/chart-release.ts';
import { create, eventually, succeeded } from '../../support/control-plane.ts';
import { everything } from '../../support/everything.ts';
import { chartDirectory, requiredValues } from '../../support/helm.ts';
import { ownControlPlane } from '../../support/own-control-plane.ts';
import { aRequest } from '../../support/requests.ts';

const infraCluster = join(chartDirectory, '..');
const objectsIn = (folder: string) => readdirSync(join(infraCluster, folder)).flatMap((name) => readObjects(join(infraCluster, folder, name)));
const requestsDefinition = 'crds/remediation.kubernaut.io_remediationrequests.yaml';
const definitionPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/remediationrequests.remediation.kubernaut.io';
const requestPath = '/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests/rr-1';
const definitionNames = [
  'aianalyses.aianalysis.kubernaut.io',
  'kubernetesexecutions.executor.kubernaut.io',
  'remediationprocessings.remediation.kubernaut.io',
  'remediationrequests.remediation.kubernaut.io',
  'workflowexecutions.workflow.kubernaut.io',
];

const definitions = definitionNames.map((name) => `+ customresourcedefinitions.apiextensions.k8s.io ${name}`);

interface Definition {
  readonly spec: { readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: Schema } }] };
}
interface Schema {
  readonly properties: { readonly spec: { readonly properties: Record<string, unknown> } };
}

/** Of the field that the older version of the definition lacks. */
function pauseOf(definition: unknown): unknown {
  return propertiesOf(definition)['pause'];
}

function propertiesOf(definition: unknown): Record<string, unknown> {
  const [{ schema }] = (definition as Definition).spec.versions;
  return schema.openAPIV3Schema.properties.spec.properties;
}

/** The chart as an earlier release might have been: another version, and a definition without one of today's fields. */
async function anOlderChart(directory: string): Promise<string> {
  const older = join(directory, 'older-chart');
  await cp(chartDirectory, older, { recursive: true });
  const manifest = parse(await readFile(join(older, 'Chart.yaml'), 'utf8')) as object;
  await writeFile(join(older, 'Chart.yaml'), stringify({ ...manifest, version: '0.0.1' }));
  const definition = parse(await readFile(join(older, 'generated', requestsDefinition), 'utf8')) as object;
  delete propertiesOf(definition)['pause'];
  await writeFile(join(older, 'generated', requestsDefinition), stringify(definition));
  return older;
}

describe('a release of the chart', () => {
  const controlPlane = ownControlPlane();
  const release = chartRelease(controlPlane);
  let before: readonly string[] = [];
  let older = '';

  /** What is there that was not, or is gone: `+ name`, `- name`. */
  async function changes(): Promise<readonly string[]> {
    const now = await everything(controlPlane().admin);
    return [
      ...now.filter((name) => !before.includes(name)).map((name) => `+ ${name}`),
      ...before.filter((name) => !now.includes(name)).map((name) => `- ${name}`),
    ];
  }

  /** The same, once the collector has taken what belonged to what was removed: when no more than that many are left, or it takes too long. */
  async function changesOnce(count: number): Promise<readonly string[]> {
    for (let look = 0; look < 20 && (await changes()).length > count; look += 1) await new Promise((resolve) => setTimeout(resolve, 500));
    return changes();
  }

  beforeAll(async () => {
    const { admin, apply, directory } = controlPlane();
    for (const object of readObjects(join(infraCluster, 'rbac/namespace.yaml'))) await apply(object);
    // Controllers give every namespace its account and its certificate: from then on the cluster stands still.
    for (const namespace of ['default', 'kube-node-lease', 'kube-public', 'kube-system', 'kubernaut-system']) {
      for (const object of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']) {
        await eventually(
          () => admin('GET', `/api/v1/namespaces/${namespace}/${object}`),
          ({ status }) => status === 200,
        );
      }
    }
    before = await everything(admin);
    older = await anOlderChart(directory);
  });

  it('is upgraded with its definitions, keeps every resource, and leaves what its notes name and nothing else', async () => {
    const { admin } = controlPlane();
    await release.install(requiredValues, { chart: older });
    expect(pauseOf(succeeded(await admin('GET', definitionPath)))).toBeUndefined();
    await eventually(
      () => admin('GET', requestPath),
      ({ message }) => message.includes('"rr-1" not found'),
    );
    const { apiVersion, kind, spec } = aRequest();
    await create(admin, { apiVersion, kind, metadata: { name: 'rr-1', namespace: 'kubernaut-system' }, spec } as unknown as KubernetesObject);
    const { spec: stored, ...request } = succeeded(await admin('GET', requestPath));
    // Of a field that the new definition has and the old one had not, the API gives the default.
    const today = { ...request, spec: { ...(stored as object), pause: false } };

    const notes = await release.install(requiredValues);
    expect(pauseOf(succeeded(await admin('GET', definitionPath)))).toMatchObject({ type: 'boolean' });
    expect(succeeded(await admin('GET', requestPath))).toEqual(today);
    expect(await changes()).toContain('+ deployments.apps kubernaut-system/kubernaut-watcher');

    await release.remove();
    const kept = [...definitions, '+ remediationrequests.remediation.kubernaut.io kubernaut-system/rr-1'];
    expect(await changesOnce(kept.length)).toEqual(kept);
    expect(succeeded(await admin('GET', requestPath))).toEqual(today);

    const named = /kubectl delete crd ([^\n]+\\\n[^\n]+)/.exec(notes)?.[1] ?? '';
    const toDelete = named.split(/[\s\\]+/).filter((word) => word !== '');
    expect(toDelete.toSorted()).toEqual(definitionNames);
    for (const name of toDelete) succeeded(await admin('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`));
    expect(await changesOnce(0)).toEqual([]);
  });

  it('takes over what kubectl has installed, and gives back the whole of it but the definitions', async () => {
    const { apply } = controlPlane();
    for (const object of ['crds', 'rbac', 'policies'].flatMap(objectsIn)) await apply(object);
    await release.install(requiredValues);
    await release.remove();
    expect(await changesOnce(definitions.length)).toEqual(definitions);
  });

  it('keeps its definitions when it is told to install none', async () => {
    const { admin } = controlPlane();
    await release.install(requiredValues);
    expect(await release.install({ ...requiredValues, crds: { install: false }, policies: { enabled: false } })).toContain(
      'WARNING: policies.enabled is false',
    );
    expect(await admin('GET', definitionPath)).toMatchObject({ status: 200 });
    expect((await changes()).filter((name) => name.startsWith('+ validatingadmission'))).toEqual([]);
    await release.remove();
    expect(await admin('GET', definitionPath)).toMatchObject({ status: 200 });
  });
});
