import { describe, expect, it } from 'vitest';
import { clusterTwin } from '../../test/support/cluster-twin.ts';
import { anExecution, anOwner, anOwnerObject } from '../../test/support/executions.ts';
import { aRequestObjectOf, aRequestOf, aWorkflow } from '../../test/support/workflows.ts';
import type { Condition } from '../api/condition.ts';
import { addSeconds } from '../api/time.ts';
import type { RemediationRequest } from '../api/remediation-request.ts';
import { judgePermission, notPermittedSince, permittedUpdate, readOwner, readPaused, type Owner, type Permission } from './permission.ts';

const now = '2026-01-15T10:35:20Z';
const open = { pausedBy: null };
const cancelAsked = { annotations: { 'kubernaut.io/cancel-requested': 'true' } };
const notPermitted = (since: string, reason = 'NotNamed'): Condition => ({
  type: 'Permitted',
  status: 'False',
  reason,
  message: '',
  lastTransitionTime: since,
});
const resolvedAlert = { state: 'resolved', lastSeen: now, resolvedAt: now, occurrences: 1 } as const;
const undo = (status = {}) => anExecution({ spec: { rollbackOf: 'rr-1-workflow-scale' }, status });

describe('an execution', () => {
  it.each<[sentence: string, owner: Owner | null, kind: Permission['kind'], message: string]>([
    ['may act when its workflow runs and names it', anOwner(), 'granted', ''],
    ['may act as a named undo too', anOwner({ phase: 'monitoring' }), 'granted', ''],
    ['ends when its workflow has ended', anOwner({ phase: 'failed' }), 'cancelled', 'WorkflowExecution rr-1-workflow has ended'],
    ['ends when its workflow was asked to cancel', anOwner({ metadata: cancelAsked }), 'cancelled', 'was asked to cancel'],
    ["is nobody's without an owner", null, 'orphaned', 'its controlling owner does not exist'],
    ['waits until its workflow names it', anOwner({ names: [] }), 'waiting', 'WorkflowExecution rr-1-workflow does not name it yet'],
    ['waits while another stands in its place', anOwner({ names: ['ke2'] }), 'waiting', 'does not name it yet'],
  ])('%s', (_sentence, owner, kind, message) => {
    const permission = judgePermission(anExecution(), owner, open, now);
    expect(permission.kind).toBe(kind);
    expect('message' in permission ? permission.message : '').toContain(message);
  });

  it('is not held by a pause: half a remediation is not held', () => {
    expect(judgePermission(anExecution(), anOwner(), { pausedBy: 'production' }, now)).toEqual({ kind: 'granted' });
  });
});

describe('an undo', () => {
  it.each<[sentence: string, owner: Owner, kind: Permission['kind']]>([
    ['may act while its workflow rolls back', anOwner({ phase: 'rolling_back' }), 'granted'],
    ['may act all the more when that workflow was cancelled', anOwner({ phase: 'rolling_back', metadata: cancelAsked }), 'granted'],
    ['waits while its workflow does not roll back yet', anOwner({ phase: 'executing' }), 'waiting'],
    ['waits when it is not named', anOwner({ phase: 'rolling_back', names: [] }), 'waiting'],
    ['ends with its workflow', anOwner({ phase: 'failed' }), 'cancelled'],
  ])('%s', (_sentence, owner, kind) => {
    expect(judgePermission(undo(), owner, open, now).kind).toBe(kind);
  });

  it('is named among the steps of the rollback', () => {
    const named = anOwner({ phase: 'rolling_back', names: [] });
    const executionRef = { apiVersion: 'executor.kubernaut.io/v1', kind: 'KubernetesExecution', name: 'x', namespace: 'kubernaut-system', uid: 'ke1' };
    const owner: Owner = {
      ...named,
      status: { phase: 'rolling_back', rollback: { state: 'running', steps: [{ stepName: 'scale', phase: 'executing', executionRef }] } },
    };
    expect(judgePermission(undo(), owner, open, now).kind).toBe('granted');
  });
});

describe('a workflow', () => {
  const workflow = aWorkflow();
  const request = (overrides: Parameters<typeof aRequestOf>[1] = {}): RemediationRequest => aRequestOf(workflow, overrides);

  it.each<[sentence: string, owner: Owner | null, pausedBy: string | null, expected: object]>([
    ['may act when its request runs and names it', request(), null, { kind: 'granted' }],
    [
      'waits while its request is paused',
      request({ spec: { pause: true } }),
      null,
      { kind: 'waiting', reason: 'OwnerPaused', message: 'RemediationRequest rr-1 is paused' },
    ],
    ['waits while a namespace is paused', request(), 'production', { kind: 'waiting', reason: 'OwnerPaused', message: 'namespace production is paused' }],
    ['waits to be named before it asks for a pause', request({ status: { workflowRef: undefined } }), 'production', { kind: 'waiting', reason: 'NotNamed' }],
    ['ends when a person cancels its request', request({ spec: { cancel: true } }), null, { kind: 'cancelled' }],
    ['ends when its request has ended', request({ status: { phase: 'cancelled' } }), null, { kind: 'cancelled' }],
    ['ends when its alert resolved before it acts', request({ status: { alertStatus: resolvedAlert } }), null, { kind: 'cancelled' }],
    ['ends even when it is paused', request({ spec: { pause: true, cancel: true } }), 'production', { kind: 'cancelled' }],
  ])('%s', (_sentence, owner, pausedBy, expected) => {
    expect(judgePermission(workflow, owner, { pausedBy }, now)).toMatchObject(expected);
  });
});

describe('a child that waits', () => {
  const waitingSince = (seconds: number, reason = 'NotNamed') => anExecution({ status: { conditions: [notPermitted(addSeconds(now, -seconds), reason)] } });

  it.each([
    [0, 5],
    [5, 10],
    [15, 20],
    [315, 300],
    [700, 200],
    [898, 5],
  ])('for %i s looks again in %i s, and never later than its end', (waited, wakeAfterSeconds) => {
    expect(judgePermission(waitingSince(waited), anOwner({ names: [] }), open, now)).toMatchObject({ kind: 'waiting', wakeAfterSeconds });
  });

  it('begins the series when it has not said yet that it waits', () => {
    expect(judgePermission(anExecution(), anOwner({ names: [] }), open, now)).toMatchObject({ wakeAfterSeconds: 5 });
  });

  it("and is not named within 15 minutes is nobody's", () => {
    expect(judgePermission(waitingSince(900), anOwner({ names: [] }), open, now)).toEqual({
      kind: 'orphaned',
      message: 'WorkflowExecution rr-1-workflow did not name it within 15 minutes',
    });
  });

  it('may be named late', () => {
    expect(judgePermission(waitingSince(2_000), anOwner(), open, now)).toEqual({ kind: 'granted' });
  });

  it('for a pause waits as long as the pause', () => {
    const workflow = aWorkflow({ status: { conditions: [notPermitted(addSeconds(now, -90_000), 'OwnerPaused')] } });
    expect(judgePermission(workflow, aRequestOf(workflow), { pausedBy: 'production' }, now)).toMatchObject({ kind: 'waiting', wakeAfterSeconds: 300 });
  });

  it('says since when its own deadline stands still', () => {
    expect(notPermittedSince(waitingSince(60))).toBe(addSeconds(now, -60));
    expect(notPermittedSince(anExecution())).toBeNull();
    expect(notPermittedSince(anExecution({ status: { conditions: [{ ...notPermitted(now), status: 'True' }] } }))).toBeNull();
  });
});

describe('condition Permitted', () => {
  it.each<[permission: Permission, update: object | null]>([
    [{ kind: 'granted' }, { type: 'Permitted', status: 'True', reason: 'Granted' }],
    [
      { kind: 'waiting', reason: 'NotNamed', message: 'not yet', wakeAfterSeconds: 5 },
      { type: 'Permitted', status: 'False', reason: 'NotNamed', message: 'not yet' },
    ],
    [{ kind: 'orphaned', message: 'nobody' }, null],
    [{ kind: 'cancelled', message: 'over' }, null],
  ])('of %j is %j', (permission, update) => {
    expect(permittedUpdate(permission)).toEqual(update);
  });
});

describe('the look upwards', () => {
  it('is one GET of the controlling owner', async () => {
    const cluster = clusterTwin([anOwnerObject()]);
    const calls: string[] = [];
    cluster.onCall = ({ verb, kind, name }) => void calls.push(`${verb} ${kind} ${name}`);
    expect((await readOwner(anExecution(), cluster))?.metadata.uid).toBe('wf1');
    expect(calls).toEqual(['get WorkflowExecution rr-1-workflow']);
  });

  it('of a workflow finds its request', async () => {
    const workflow = aWorkflow();
    expect((await readOwner(workflow, clusterTwin([aRequestObjectOf(workflow)])))?.kind).toBe('RemediationRequest');
  });

  it.each([
    ['no owner', anExecution({ metadata: { ownerReferences: [] } })],
    [
      'an owner that does not control it',
      anExecution({
        metadata: { ownerReferences: [{ apiVersion: 'workflow.kubernaut.io/v1', kind: 'WorkflowExecution', name: 'rr-1-workflow', uid: 'wf1' }] },
      }),
    ],
    [
      'an owner of another kind',
      anExecution({ metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'rr-1-workflow', uid: 'wf1', controller: true }] } }),
    ],
    [
      'an owner that was deleted and made again',
      anExecution({
        metadata: {
          ownerReferences: [{ apiVersion: 'workflow.kubernaut.io/v1', kind: 'WorkflowExecution', name: 'rr-1-workflow', uid: 'wf0', controller: true }],
        },
      }),
    ],
  ])('sees nobody: %s', async (_sentence, execution) => {
    expect(await readOwner(execution, clusterTwin([anOwnerObject()]))).toBeNull();
  });
});

describe('the fence', () => {
  const namespaceOf = (name: string, paused?: string) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...(paused !== undefined && { annotations: { 'kubernaut.io/paused': paused } }) },
  });

  it.each<[sentence: string, production: string | undefined, system: string | undefined, pausedBy: string | null]>([
    ['is open when nobody closed it', undefined, undefined, null],
    ["is closed by the target's namespace", 'true', undefined, 'production'],
    ['is closed by our own', undefined, 'true', 'kubernaut-system'],
    ['is not closed by another value', 'false', 'yes', null],
  ])('%s', async (_sentence, production, system, pausedBy) => {
    const cluster = clusterTwin([namespaceOf('production', production), namespaceOf('kubernaut-system', system)]);
    expect(await readPaused(['production', 'production', '', 'kubernaut-system', 'absent'], cluster)).toBe(pausedBy);
  });
});
