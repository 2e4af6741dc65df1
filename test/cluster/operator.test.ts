import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import { approvalOf } from '../../functions/workflow-execution/approval.ts';
import {
  approveAnnotation,
  decidedAtAnnotation,
  decidedByAnnotation,
  pausedAnnotation,
  planDigestAnnotation,
  rejectAnnotation,
} from '../../shared/api/labels.ts';
import { instantFromMilliseconds } from '../../shared/api/time.ts';
import { parseWorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { ownerReferenceTo, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { valueAt } from '../../shared/kubernetes/unstructured.ts';
import { anOperatorWorld, writeStatus, type OperatorWorld } from '../support/operator-world.ts';
import { aRequestIn, type RequestOverrides } from '../support/requests.ts';
import { aWorkflow, type WorkflowOverrides } from '../support/workflows.ts';

let world: OperatorWorld;
let count = 0;

beforeAll(async () => {
  world = await anOperatorWorld();
  await world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } });
});
afterAll(() => world.close());
beforeEach(() => {
  count += 1;
});

const namespace = 'kubernaut-system';
const requestKind = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', namespace } as const;
const workflowKind = { apiVersion: 'workflow.kubernaut.io/v1', kind: 'WorkflowExecution', namespace } as const;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

interface Pair {
  readonly request: string;
  readonly workflow: string;
  readonly digest: string;
}

/** A request of this test and its workflow, which asks for approval until in an hour unless `workflow` says otherwise. */
async function aPair(overrides: { readonly request?: RequestOverrides; readonly workflow?: WorkflowOverrides } = {}): Promise<Pair> {
  const name = `rr-test-${count}`;
  const asked = { strategy: { approvalRequired: true }, status: { approval: { expiresAt: inAnHour() } }, ...overrides.workflow };
  const given = aWorkflow(asked);
  const request = aRequestIn('executing', overrides.request);
  const { status, ...bare } = request;
  const stored = await world.put({ ...bare, metadata: { name, namespace } });
  const { remediationRequestRef: _ref, ...spec } = given.spec;
  const metadata = {
    name: `${name}-workflow`,
    namespace,
    ownerReferences: [ownerReferenceTo({ ...stored, metadata: { ...stored.metadata, uid: stored.metadata.uid ?? '' } })],
  };
  const workflow = await world.put({ ...given, spec, metadata } as KubernetesObject);
  const workflowRef = { apiVersion: workflow.apiVersion, kind: workflow.kind, name: workflow.metadata.name, namespace, uid: workflow.metadata.uid ?? '' };
  const { aiAnalysisRef: _analysis, remediationProcessingRef: _processing, leaseRefs: _leases, ...rest } = status ?? { phase: 'executing' };
  await writeStatus(world.functions, stored, { ...rest, workflowRef } as JsonObject);
  return { request: name, workflow: workflow.metadata.name, digest: given.status?.executionPlan?.digest ?? '' };
}

/** What the workflow's function makes of the stamped decision, once it is there. */
async function takeDecision(name: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const workflow = await world.cluster.get({ ...workflowKind, name });
    const answer = workflow === null ? null : approvalOf(parseWorkflowExecution(workflow), instantFromMilliseconds(Date.now()));
    if (workflow !== null && (answer?.kind === 'given' || answer?.kind === 'refused') && answer.telling.status !== undefined) {
      await writeStatus(world.functions, workflow, answer.telling.status as JsonObject);
      return;
    }
    await wait(50);
  }
}

async function takeRejection(name: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const annotations = (await world.cluster.get({ ...workflowKind, name }))?.metadata.annotations ?? {};
    if (annotations[rejectAnnotation] !== undefined) return takeDecision(name);
    await wait(50);
  }
}

function annotation(name: string, annotations: JsonObject) {
  const path = `/apis/${workflowKind.apiVersion}/namespaces/${namespace}/workflowexecutions/${name}`;
  return { method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { metadata: { annotations } } } as const;
}

const request = (name: string) => world.cluster.get({ ...requestKind, name });

describe('kubernaut approvals', () => {
  it('lists what waits, with all that a decision needs', async () => {
    const { request: name, workflow, digest } = await aPair();
    const text = await world.kubernaut(['approvals']);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain(`${name}: Deployment production/payment-api, PodMemoryHigh (critical)`);
    expect(text.stdout).toContain('scale_deployment namespace=production deployment=payment-api replicas=5');
    expect(text.stdout).toContain(`npx kubernaut approve ${name} --digest ${digest}`);
    const json = await world.kubernaut(['approvals', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ request: name, workflow, digest })]) });
    const table = await world.kubernaut(['approvals', '-o', 'table']);
    expect(table.stdout).toMatch(/^REQUEST +WORKFLOW +TARGET +ACTIONS +EXPIRES IN +DIGEST\n/);
  });
});

describe('kubernaut approve', () => {
  it('shows the plan, writes its digest, and says who approved and when', async () => {
    const { request: name, workflow, digest } = await aPair();
    const [approved] = await Promise.all([world.kubernaut(['approve', name, '--digest', digest]), takeDecision(workflow)]);
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    expect(approved.stdout).toContain('scale_deployment namespace=production');
    const annotations = (await world.cluster.get({ ...workflowKind, name: workflow }))?.metadata.annotations ?? {};
    expect(annotations).toEqual({
      [approveAnnotation]: digest,
      [decidedByAnnotation]: 'ada',
      [decidedAtAnnotation]: expect.stringMatching(/^20\d\d-.*Z$/),
      [planDigestAnnotation]: digest,
    });
    const decided = `${workflow} was approved by ada at ${annotations[decidedAtAnnotation] ?? ''}`;
    expect(approved.stdout).toContain(`${decided}; it goes on with plan ${digest}`);
    const again = await world.kubernaut(['approve', name]);
    expect(again).toEqual({ code: 1, stdout: '', stderr: `error: ${decided}: there is nothing left to decide\n` });
  });

  it('refuses another plan than the one that was looked at, and writes nothing', async () => {
    const { workflow } = await aPair();
    const refused = await world.kubernaut(['approve', workflow, '--digest', 'sha256:0']);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('and not sha256:0: look at it again with npx kubernaut approvals') });
    expect((await world.cluster.get({ ...workflowKind, name: workflow }))?.metadata.annotations ?? {}).toEqual({});
  });

  it('says what is missing when nobody takes the decision', async () => {
    const { workflow } = await aPair();
    const waited = await world.kubernaut(['approve', workflow, '--timeout', '0', '-o', 'json']);
    expect(waited).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nothing took it within 0 s') });
  });

  it('ends with 130 when it is interrupted, and says that the decision stands', async () => {
    const { workflow } = await aPair();
    const approving = world.commandLine.start(['approve', workflow], { KUBECONFIG: world.kubeconfig });
    for (let tries = 0; tries < 600; tries += 1) {
      if ((await world.cluster.get({ ...workflowKind, name: workflow }))?.metadata.annotations?.[approveAnnotation] !== undefined) break;
      await wait(50);
    }
    approving.interrupt();
    const { code, stderr } = await approving.ended;
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/^error: interrupted by SIGINT; [^\n]*the decision is written on \S+, and counts all the same\n$/),
    });
  });

  it.each<[string, WorkflowOverrides, string]>([
    ['is too late', { status: { approval: { expiresAt: '2026-01-15T10:35:00Z' } } }, 'could be decided until 2026-01-15T10:35:00Z'],
    ['is not asked for', { strategy: { approvalRequired: false }, status: {} }, 'asks for no approval'],
    [
      'comes after the end',
      { status: { phase: 'failed', reason: 'approval_expired', message: 'nobody decided' } },
      'is over: failed: approval_expired: nobody decided',
    ],
  ])('is refused where it %s', async (_sentence, workflow, words) => {
    const { request: name } = await aPair({ workflow });
    expect(await world.kubernaut(['approve', name])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) });
  });
});

describe('kubernaut reject', () => {
  it('keeps the reason, and prints JSON for programs', async () => {
    const { workflow } = await aPair();
    const [rejected] = await Promise.all([world.kubernaut(['reject', workflow, '--reason', 'not today', '-o', 'json']), takeDecision(workflow)]);
    expect(rejected).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(rejected.stdout)).toMatchObject({ workflow, approval: { decision: 'rejected', user: 'ada', reason: 'not today' } });
  });
});

describe('kubernaut reject, after an approval', () => {
  it('takes it back while the plan has not begun', async () => {
    const { workflow } = await aPair();
    await Promise.all([world.admin.send(annotation(workflow, { [approveAnnotation]: 'true' }), 10_000), takeDecision(workflow)]);
    const [rejected] = await Promise.all([world.kubernaut(['reject', workflow, '--reason', 'on second thought']), takeRejection(workflow)]);
    expect(rejected).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(new RegExp(`^${workflow} was rejected by ada at 20\\S+Z: on second thought; nothing was changed\\n$`)),
    });
    const { [approveAnnotation]: approved, ...annotations } = (await world.cluster.get({ ...workflowKind, name: workflow }))?.metadata.annotations ?? {};
    expect(approved).toBeUndefined();
    expect(annotations).toMatchObject({ [rejectAnnotation]: 'on second thought', [decidedByAnnotation]: 'ada' });
  });
});

describe('kubernaut pause, resume and cancel', () => {
  it('hold one request, and let it go', async () => {
    const { request: name } = await aPair({ request: { status: { phase: 'analyzing' } } });
    const paused = await world.kubernaut(['pause', name]);
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(paused.stdout).toContain(`RemediationRequest ${name} is paused: npx kubernaut resume ${name} ends that\n`);
    expect(paused.stdout).toContain(`  ${name} (analyzing): goes on to look and to analyse, and is held before it acts\n`);
    expect(valueAt(await request(name), 'spec', 'pause')).toBe(true);
    const resumed = await world.kubernaut(['resume', name, '-o', 'json']);
    expect(JSON.parse(resumed.stdout)).toEqual({
      resumed: { kind: 'request', name },
      requests: [{ request: name, phase: 'analyzing', held: false, message: 'goes on, within a minute or two' }],
    });
    expect(valueAt(await request(name), 'spec', 'pause')).toBe(false);
  });

  it('hold a namespace, and say which remediation that does not hold', async () => {
    const { request: name } = await aPair({ workflow: { status: { phase: 'executing', currentStep: 1 } } });
    const paused = await world.kubernaut(['pause', '--namespace', 'production']);
    expect(paused.stdout).toContain('namespace production is paused: npx kubernaut resume --namespace production ends that\n');
    expect(paused.stdout).toContain(`  ${name} (executing): not paused: it already executes, 1 of 1 step started; npx kubernaut cancel ${name} ends it`);
    const namespaceKey = { apiVersion: 'v1', kind: 'Namespace', name: 'production' };
    expect((await world.cluster.get(namespaceKey))?.metadata.annotations).toMatchObject({ [pausedAnnotation]: 'true' });
    const resumed = await world.kubernaut(['resume', name]);
    expect(resumed.stdout).toContain('still held by namespace production');
    expect(await world.kubernaut(['resume', '-n', 'production'])).toMatchObject({ code: 0 });
    expect((await world.cluster.get(namespaceKey))?.metadata.annotations ?? {}).toEqual({});
  });

  it('end a remediation, and say how', async () => {
    const { request: name, workflow } = await aPair({ workflow: { status: { phase: 'executing', currentStep: 1 } } });
    const cancelled = await world.kubernaut(['cancel', workflow]);
    expect(cancelled).toMatchObject({ code: 0, stderr: '' });
    expect(cancelled.stdout).toContain(
      `RemediationRequest ${name} is asked to cancel: it already executes, 1 of 1 step started: a Job that runs is not cut off`,
    );
    expect(valueAt(await request(name), 'spec', 'cancel')).toBe(true);
    expect((await world.kubernaut(['cancel', name])).stdout).toContain('was asked to cancel before');
  });
});

describe('people of the chart’s roles', () => {
  it('see everything as a viewer, and are told what they may not', async () => {
    const { request: name, workflow } = await aPair();
    const asEve = { KUBECONFIG: await world.kubeconfigOf('eve') };
    const subjects = [{ kind: 'ServiceAccount', name: 'eve', namespace }];
    const [apiGroup, apiVersion] = ['rbac.authorization.k8s.io', 'rbac.authorization.k8s.io/v1'];
    const roleRef = { apiGroup, kind: 'ClusterRole', name: 'kubernaut-viewer' };
    await world.put({ apiVersion, kind: 'RoleBinding', metadata: { name: 'eve', namespace }, roleRef, subjects });
    const seen = await world.kubernaut(['approvals'], asEve);
    expect(seen).toMatchObject({ code: 0, stdout: expect.stringContaining(name) });
    for (const argv of [
      ['approve', workflow],
      ['reject', workflow, '--reason', 'no'],
    ]) {
      const stderr = expect.stringMatching(/^error: not permitted: [^\n]*cannot patch resource[^\n]*\n$/);
      expect([argv[0], await world.kubernaut(argv, asEve)]).toEqual([argv[0], expect.objectContaining({ code: 1, stderr })]);
    }
  });

  it('resume a request where they may see no namespaces, and are told what that means', async () => {
    const { request: name } = await aPair({ request: { status: { phase: 'analyzing' } } });
    const asBob = { KUBECONFIG: await world.kubeconfigOf('bob') };
    const subjects = [{ kind: 'ServiceAccount', name: 'bob', namespace }];
    const [apiGroup, apiVersion] = ['rbac.authorization.k8s.io', 'rbac.authorization.k8s.io/v1'];
    const roleRef = { apiGroup, kind: 'ClusterRole', name: 'kubernaut-operator' };
    await world.put({ apiVersion, kind: 'RoleBinding', metadata: { name: 'bob', namespace }, roleRef, subjects });
    expect(await world.kubernaut(['pause', name], asBob)).toMatchObject({ code: 0, stderr: '' });
    const resumed = await world.kubernaut(['resume', name], asBob);
    expect(resumed).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('unless a namespace is paused: you may not list namespaces') });
    expect(valueAt(await request(name), 'spec', 'pause')).toBe(false);
  });
});

describe('what a person got wrong', () => {
  it.each<[string, readonly string[], Readonly<Record<string, string>>, number, string]>([
    ['no kubeconfig', ['approvals'], { KUBECONFIG: '' }, 1, 'no kubeconfig: set KUBECONFIG, give --kubeconfig FILE'],
    ['a kubeconfig that is not there', ['approvals', '--kubeconfig', '/none'], {}, 1, '--kubeconfig names /none, which does not exist'],
    ['a file that is no kubeconfig', ['approvals', '--kubeconfig', 'package.json'], {}, 1, 'error: '],
    ['a context that is not there', ['approvals', '--context', 'prod'], {}, 1, 'has no context "prod": it has '],
    ['a name that is nearly right', ['cancel', 'rr-tset-1'], {}, 1, 'did you mean rr-test-1?'],
    ['the wrong namespace', ['cancel', 'rr-test-1', '--system-namespace', 'default'], {}, 1, 'there is no RemediationRequest in namespace default of'],
    ['a namespace that is not there', ['pause', '-n', 'prodution'], {}, 1, 'there is no namespace prodution at'],
    ['nothing to pause', ['pause'], {}, 2, 'give exactly one of NAME, --namespace and --all'],
    ['too much to pause', ['pause', 'rr-1', '--all'], {}, 2, 'give exactly one of NAME, --namespace and --all'],
    ['a rejection without a reason', ['reject', 'rr-1'], {}, 2, "required option '--reason <text>' not specified"],
    ['an approval of nothing', ['approve'], {}, 2, "missing required argument 'name'"],
    ['an output that is none', ['approvals', '-o', 'yaml'], {}, 2, 'Allowed choices are wide, table, json'],
  ])('is told in one sentence: %s', async (_sentence, argv, environment, code, words) => {
    const ended = await world.kubernaut(argv, environment);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(/^error: [^\n]*\n$/);
    expect(ended.stderr).toContain(words);
  });

  it('is told when nothing answers', async () => {
    const kubeconfig = await world.kubeconfigOf('late');
    const { readFile, writeFile } = await import('node:fs/promises');
    await writeFile(kubeconfig, (await readFile(kubeconfig, 'utf8')).replace(/server: .*/, 'server: https://127.0.0.1:1'));
    const { code, stderr } = await world.kubernaut(['approvals'], { KUBECONFIG: kubeconfig });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the Kubernetes API at https:\/\/127\.0\.0\.1:1 cannot be reached \([^\n]*ECONNREFUSED[^\n]*\): is it running[^\n]*\n$/);
  });

  it('is told when the user may not', async () => {
    const { code, stderr } = await world.kubernaut(['approvals'], { KUBECONFIG: await world.kubeconfigOf('nobody') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: not permitted: [^\n]*cannot list resource[^\n]*; ask whoever administers the cluster for that verb[^\n]*\n$/);
  });
});
