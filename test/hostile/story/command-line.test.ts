import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { ownerReferenceTo, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { aDeployment } from '../../support/actions.ts';
import { anOperatorWorld, writeStatus, type OperatorWorld } from '../../support/operator-world.ts';
import { aRequestIn } from '../../support/requests.ts';
import { aWorkflow } from '../../support/workflows.ts';
import { aHostileNotification, controls, marker, secrets } from './hostile-alert.ts';

const namespace = 'kubernaut-system';
const alertName = `PodMemoryHigh\n${marker}\u001b[31m\u202e`;

let world: OperatorWorld;
let alertFile: string;

/** A request of a hostile alert, whose workflow waits for a person; and the target that the alert names. */
beforeAll(async () => {
  world = await anOperatorWorld();
  await world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } });
  await world.put(aDeployment());
  const { status, spec, ...bare } = aRequestIn('executing');
  const stored = await world.put({ ...bare, spec: { ...spec, alertName }, metadata: { name: 'rr-hostile', namespace } } as unknown as KubernetesObject);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const given = aWorkflow({ strategy: { approvalRequired: true }, status: { approval: { expiresAt } } });
  const { remediationRequestRef: _ref, ...workflowSpec } = given.spec;
  const owner = ownerReferenceTo({ ...stored, metadata: { ...stored.metadata, uid: stored.metadata.uid ?? '' } });
  const workflow = await world.put({
    ...given,
    spec: workflowSpec,
    metadata: { name: 'rr-hostile-workflow', namespace, ownerReferences: [owner] },
  } as unknown as KubernetesObject);
  const workflowRef = { apiVersion: workflow.apiVersion, kind: workflow.kind, name: workflow.metadata.name, namespace, uid: workflow.metadata.uid ?? '' };
  const { aiAnalysisRef: _analysis, remediationProcessingRef: _processing, leaseRefs: _leases, ...rest } = status ?? { phase: 'executing' };
  await writeStatus(world.functions, stored, { ...rest, workflowRef } as JsonObject);
  alertFile = join(world.commandLine.runtimeDirectory, 'hostile.json');
  await writeFile(alertFile, JSON.stringify(aHostileNotification()));
});
afterAll(() => world.close());

describe('what the command line prints of a hostile alert', () => {
  it.each<[sentence: string, argv: () => readonly string[]]>([
    ['approvals', () => ['approvals']],
    ['approvals as a table', () => ['approvals', '-o', 'table']],
    ['a plan', () => ['plan', '--alert', alertFile]],
    ['a plan, told at length', () => ['plan', '--alert', alertFile, '--verbose']],
  ])('%s: control characters are shown, and not sent', async (_sentence, argv) => {
    const { stdout, stderr } = await world.kubernaut(argv());
    expect(stdout).toContain(argv()[0] === 'plan' ? marker : 'rr-hostile');
    expect(`${stdout}${stderr}`).not.toMatch(controls);
    expect(`${stdout}${stderr}`).not.toMatch(new RegExp(Object.values(secrets).join('|')));
    expect(stdout.split('\n').filter((line) => line.startsWith(marker))).toEqual([]);
  });

  it('is one document where programs read it', async () => {
    for (const argv of [
      ['approvals', '-o', 'json'],
      ['plan', '--alert', alertFile, '-o', 'json'],
    ]) {
      const { stdout } = await world.kubernaut(argv);
      expect((JSON.parse(stdout) as { readonly items: readonly unknown[] }).items).toHaveLength(1);
    }
  });
});
