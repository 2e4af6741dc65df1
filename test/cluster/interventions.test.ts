import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Kysely } from 'kysely';
import { embeddedDatabase } from '../../infra/local/stack/database.ts';
import { requestKind } from '../../infra/local/story/observe.ts';
import { pausedAnnotation } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { addSeconds, secondsBetween } from '../../shared/api/time.ts';
import { stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';
import { anInterventionWorld, phaseOf, system, type InterventionWorld } from '../support/intervention-world.ts';

// Cancels in every phase are in cancelled.test.ts; a namespace of workloads that is paused, and how an outcome is known, are stories of their own.
let database: Kysely<Database>;
let world: InterventionWorld;
beforeAll(async () => {
  database = await embeddedDatabase();
});
afterEach(() => world.stack.stop());
afterAll(() => database.destroy());

const aWorld = (variables: Readonly<Record<string, string>> = {}) => anInterventionWorld(database, variables);

const namespaceKind = { apiVersion: 'v1', kind: 'Namespace' };
const isIn = (object: KubernetesObject | null, ...phases: readonly string[]) => phases.includes(phaseOf(object));
const requestIsIn = (...phases: readonly string[]) => world.until(async () => isIn((await world.requests())[0] ?? null, ...phases));
const workflowIsIn = (...phases: readonly string[]) => world.until(async () => isIn(await world.workflow(), ...phases));
const over = ['completed', 'failed', 'cancelled'] as const;
const pauseOf = async (pause: boolean) => world.change({ ...requestKind, namespace: system, name: (await world.request()).metadata.name }, { spec: { pause } });
const pauseNamespace = (name: string, value: string | null) =>
  world.change({ ...namespaceKind, name }, { metadata: { annotations: { [pausedAnnotation]: value } } });
const jobsThatRun = async () => (await world.jobs()).filter((job) => valueAt(job, 'status', 'completionTime') === undefined);

describe('a pause', () => {
  it('of our own namespace holds a remediation before it begins, visibly, and lets it go within two minutes', async () => {
    world = await aWorld();
    await pauseNamespace(system, 'true');
    await world.fire();
    await requestIsIn('blocked');
    await world.pass(600);
    expect(await world.request()).toMatchObject({
      status: {
        phase: 'blocked',
        reason: 'paused',
        blockedBy: { reason: 'paused', name: system },
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Blocked', status: 'True', reason: 'Paused' })]),
      },
    });
    expect(await world.jobs()).toEqual([]);
    await pauseNamespace(system, null);
    const resumed = world.stack.clock.now();
    await requestIsIn('processing', 'analyzing', 'executing');
    expect(secondsBetween(resumed, world.stack.clock.now())).toBeLessThanOrEqual(120);
    await requestIsIn(...over);
    expect(await world.request()).toMatchObject({ status: { phase: 'completed' } });
    expect(await world.replicas()).toBe(5);
  });

  it('of a request outlasts that of its namespace, and its end wakes it at once', async () => {
    world = await aWorld();
    await pauseNamespace('production', 'true');
    await world.fire();
    await requestIsIn('blocked');
    await pauseOf(true);
    await pauseNamespace('production', null);
    await world.pass(300);
    const { name } = (await world.request()).metadata;
    expect(await world.request()).toMatchObject({ status: { phase: 'blocked', reason: 'paused', message: 'spec.pause is true', blockedBy: { name } } });
    expect(await world.replicas()).toBe(3);
    await pauseOf(false);
    const resumed = world.stack.clock.now();
    await requestIsIn('executing');
    expect(secondsBetween(resumed, world.stack.clock.now())).toBeLessThanOrEqual(5);
    await requestIsIn(...over);
    expect(phaseOf(await world.request())).toBe('completed');
  });

  it('does not hold what already executes', async () => {
    world = await aWorld();
    await world.fire();
    await world.until(async () => (await jobsThatRun()).length > 0);
    await pauseOf(true);
    await pauseNamespace('production', 'true');
    await requestIsIn(...over);
    expect(phaseOf(await world.request())).toBe('completed');
    expect(await world.replicas()).toBe(5);
  });
});

describe('the alert', () => {
  const resolved = () => world.fire({ status: 'resolved', endsAt: world.stack.clock.now() });

  it('that resolves while it is watched makes it a remedy at its end', async () => {
    world = await aWorld();
    await world.fire();
    await workflowIsIn('monitoring');
    await resolved();
    await requestIsIn(...over);
    expect(await world.request()).toMatchObject({ status: { phase: 'completed', outcome: 'remediated' } });
  });

  it('that resolves before the action ends the request without acting', async () => {
    world = await aWorld();
    await pauseNamespace('production', 'true');
    await world.fire();
    await requestIsIn('blocked');
    await resolved();
    await requestIsIn(...over);
    expect(await world.request()).toMatchObject({ status: { phase: 'completed', reason: 'alert_resolved', outcome: 'noActionNeeded' } });
    expect(await world.jobs()).toEqual([]);
    expect(await world.replicas()).toBe(3);
  });
});

describe('requests for one target', () => {
  const alertOf = (fingerprint: string) => ({
    fingerprint,
    labels: { alertname: `Alert-${fingerprint}`, namespace: 'production', deployment: 'payment-api', severity: 'critical' },
  });
  const named = async (fingerprint: string) =>
    (await world.requests()).find((request) => stringAt(request, 'spec', 'alertFingerprint') === fingerprint) ?? null;

  it('act one after another, those that wait say for whom, and the oldest comes first', async () => {
    world = await aWorld({ KUBERNAUT_COOLDOWN_SECONDS: '0' });
    await world.fire(alertOf('aa'));
    await world.until(async () => isIn(await named('aa'), 'executing'));
    for (const fingerprint of ['bb', 'cc']) {
      await world.fire(alertOf(fingerprint));
      await world.until(async () => isIn(await named(fingerprint), 'blocked'));
      await world.pass(2);
    }
    const holder = (await named('aa'))?.metadata.name;
    for (const fingerprint of ['bb', 'cc']) {
      expect(await named(fingerprint)).toMatchObject({
        status: {
          reason: 'target_busy',
          blockedBy: { reason: 'target_busy', name: holder, until: expect.any(String) },
          message: expect.stringContaining(holder ?? '-'),
        },
      });
    }
    const begun: string[] = [];
    await world.until(async () => {
      for (const fingerprint of ['bb', 'cc']) if (!begun.includes(fingerprint) && isIn(await named(fingerprint), 'executing')) begun.push(fingerprint);
      const acting = (await world.requests()).filter((request) => isIn(request, 'executing'));
      expect(acting.length).toBeLessThanOrEqual(1);
      return (await Promise.all(['aa', 'bb', 'cc'].map(named))).every((request) => isIn(request, ...over));
    });
    expect(begun).toEqual(['bb', 'cc']);
  });

  it('wait for the target to settle after the last one, and say until when', async () => {
    world = await aWorld({ KUBERNAUT_COOLDOWN_SECONDS: '300' });
    await world.fire(alertOf('aa'));
    await world.until(async () => isIn(await named('aa'), 'completed'));
    const ended = stringAt(await named('aa'), 'status', 'completionTime') ?? '';
    await world.fire(alertOf('bb'));
    await world.until(async () => isIn(await named('bb'), 'blocked'));
    const until = addSeconds(ended, 300);
    expect(await named('bb')).toMatchObject({
      status: { reason: 'cooldown', blockedBy: { reason: 'cooldown', name: (await named('aa'))?.metadata.name, until } },
    });
    await world.until(async () => !isIn(await named('bb'), 'blocked'));
    const left = secondsBetween(until, world.stack.clock.now());
    expect(left).toBeGreaterThanOrEqual(0);
    expect(left).toBeLessThanOrEqual(60);
  });
});

describe('a request that is a dry run', () => {
  it('ends with a suggestion after every check, and changes nothing', async () => {
    world = await aWorld();
    await world.fire({ labels: { alertname: 'X', severity: 'info' } }); // no target: it fails, and lends its spec
    await requestIsIn('failed');
    const { spec } = (await world.request()) as unknown as { readonly spec: Record<string, unknown> };
    const target = { kind: 'Deployment', name: 'payment-api', namespace: 'production' };
    const body = {
      apiVersion: requestKind.apiVersion,
      kind: 'RemediationRequest',
      metadata: { name: 'what-if', namespace: system },
      spec: { ...spec, source: 'manual', severity: 'critical', target, dryRun: true },
    };
    await world.stack.admin.send(
      { method: 'POST', path: `/apis/${requestKind.apiVersion}/namespaces/${system}/remediationrequests`, body: body as never },
      10_000,
    );
    await world.until(async () => isIn(await world.request('what-if'), ...over));
    expect(await world.request('what-if')).toMatchObject({
      status: { phase: 'completed', reason: 'dry_run_only', outcome: 'suggested', topAction: 'scale_deployment' },
    });
    expect(await world.workflow()).toMatchObject({ status: { phase: 'completed', validationResults: { dryRunPassed: true } } });
    expect([await world.executions(), await world.jobs(), await world.replicas()]).toEqual([[], [], 3]);
  });
});
