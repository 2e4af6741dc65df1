import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import type { AlertMessage } from '../../shared/queue/alert-message.ts';
import { NotYet } from '../../shared/reconciler/retry.ts';
import { anAlertMessage } from '../../test/support/alerts.ts';
import { clusterTwin } from '../../test/support/cluster-twin.ts';
import { takeFiring, takeResolved } from './intake.ts';
import { firingOf, nameOf, requestOf } from './request.ts';

const resolved = (overrides: Partial<AlertMessage['alert']> = {}, receivedAt = '2026-01-15T10:50:00Z') =>
  anAlertMessage({ status: 'resolved', endsAt: '2026-01-15T10:45:00Z', ...overrides }, { receivedAt });

function anIntake() {
  const cluster = clusterTwin();
  const rows: AuditEvent[] = [];
  let sequence = 0;
  let deaths = 0;
  const arrival = (message: AlertMessage) => {
    sequence += 1;
    return { message, messageId: `m${sequence}`, cluster: 'primary-cluster', namespace: 'kubernaut-system', now: '2026-01-15T10:35:01Z' };
  };
  const ports = {
    cluster,
    record: (events: readonly AuditEvent[]) => {
      if (deaths > 0) {
        deaths -= 1;
        return Promise.reject(new Error('died before the rows were on the queue'));
      }
      rows.push(...events);
      return Promise.resolve();
    },
  };
  return {
    cluster,
    types: () => rows.map(({ type }) => type),
    distinctTypes: () => [...new Map(rows.map(({ id, type }) => [id, type])).values()],
    dieBeforeTelling: () => {
      deaths += 1;
    },
    fire: (message: AlertMessage) => takeFiring(arrival(message), ports),
    resolve: (message: AlertMessage, isFirstLook = false) => takeResolved(arrival(message), ports, isFirstLook),
    requests: () => cluster.objects().filter(({ kind }) => kind === 'RemediationRequest'),
  };
}

const statusOf = (object: KubernetesObject | undefined) => (object?.['status'] ?? {}) as JsonObject;

describe('a firing alert', () => {
  it('becomes one request, named after its firing', async () => {
    const { fire, requests, types } = anIntake();
    await fire(anAlertMessage());
    expect(requests().map(({ metadata }) => metadata.name)).toEqual([nameOf(firingOf(anAlertMessage()))]);
    expect(types()).toEqual(['request.created']);
  });

  it('five times is one request with five occurrences', async () => {
    const { fire, requests, types } = anIntake();
    for (const minute of [35, 36, 37, 38, 39]) await fire(anAlertMessage({}, { receivedAt: `2026-01-15T10:${minute}:00Z` }));
    expect(requests()).toHaveLength(1);
    expect(statusOf(requests()[0])['alertStatus']).toEqual({ state: 'firing', lastSeen: '2026-01-15T10:39:00Z', occurrences: 5 });
    expect(types()).toEqual(['request.created', ...Array.from({ length: 4 }, () => 'alert.deduplicated')]);
  });

  it('is the same firing, however its start is spelt', async () => {
    const { fire, requests } = anIntake();
    await fire(anAlertMessage());
    await fire(anAlertMessage({ startsAt: '2026-01-15T11:34:00.000+01:00' }));
    expect(requests()).toHaveLength(1);
  });

  it('is one alert, however broken its fingerprint', async () => {
    const { fire, requests } = anIntake();
    for (const minute of [35, 36]) await fire(anAlertMessage({ fingerprint: 'a\ud800\u0000' }, { receivedAt: `2026-01-15T10:${minute}:00Z` }));
    expect(requests()).toHaveLength(1);
    expect(requests()[0]).toMatchObject({ spec: { alertFingerprint: 'a\ufffd\u0000' } });
  });

  it('that fires anew is absorbed while a request of its fingerprint runs, and makes a new one after that', async () => {
    const { fire, requests, cluster } = anIntake();
    const again = anAlertMessage({ startsAt: '2026-01-15T10:40:00Z' }, { receivedAt: '2026-01-15T10:40:10Z' });
    await fire(anAlertMessage());
    await fire(again);
    expect(requests()).toHaveLength(1);
    cluster.change('RemediationRequest', requests()[0]?.metadata.name ?? '', { status: { phase: 'completed' } });
    await fire(again);
    expect(requests()).toHaveLength(2);
  });

  it('gets a longer name where another fingerprint begins alike', async () => {
    const { fire, requests } = anIntake();
    await fire(anAlertMessage());
    await fire(anAlertMessage({ fingerprint: '9c1f0f3e5b7affff' }));
    expect(requests().map(({ metadata }) => metadata.name.length)).toEqual([22, 32]);
  });

  it('of an older message is counted, and changes nothing else', async () => {
    const { fire, requests } = anIntake();
    await fire(anAlertMessage());
    await fire(anAlertMessage({}, { receivedAt: '2026-01-15T10:40:00Z' }));
    await fire(anAlertMessage({}, { receivedAt: '2026-01-15T10:36:00Z' }));
    expect(statusOf(requests()[0])['alertStatus']).toEqual({ state: 'firing', lastSeen: '2026-01-15T10:40:00Z', occurrences: 3 });
  });

  it('says that its notification left alerts out', async () => {
    const { fire, requests, types } = anIntake();
    await fire(anAlertMessage({}, { truncatedAlerts: 7 }));
    expect(requests()[0]).toMatchObject({ spec: { truncatedAlerts: 7 } });
    expect(types()).toEqual(['request.created', 'alert.truncated']);
  });

  it('whose first receive died before its row was on the queue is told by the next one, once', async () => {
    const { fire, dieBeforeTelling, distinctTypes, requests } = anIntake();
    const message = anAlertMessage({}, { truncatedAlerts: 7 });
    dieBeforeTelling();
    await expect(fire(message)).rejects.toThrow('died before the rows');
    await fire(message);
    await fire(message);
    expect(requests()).toHaveLength(1);
    expect(distinctTypes().filter((type) => type !== 'alert.deduplicated')).toEqual(['request.created', 'alert.truncated']);
  });

  it('that fires anew just as the running request ends gets a request of its own', async () => {
    const { fire, requests, cluster } = anIntake();
    await fire(anAlertMessage());
    const name = requests()[0]?.metadata.name ?? '';
    cluster.onCall = ({ verb }) => {
      if (verb !== 'patchStatus') return;
      cluster.onCall = () => undefined;
      cluster.change('RemediationRequest', name, { status: { phase: 'completed' } });
    };
    await fire(anAlertMessage({ startsAt: '2026-01-15T10:40:00Z' }, { receivedAt: '2026-01-15T10:40:10Z' }));
    expect(requests()).toHaveLength(2);
  });

  it('reads again and repeats where another write won, five times, and then leaves it to the queue', async () => {
    const { fire, requests, cluster } = anIntake();
    await fire(anAlertMessage());
    let conflicts = 3;
    cluster.onCall = ({ verb }) => {
      if (verb !== 'patchStatus' || conflicts === 0) return;
      conflicts -= 1;
      throw new ApiError({ status: 409, reason: 'Conflict', message: 'the object has been modified' });
    };
    await fire(anAlertMessage());
    expect(statusOf(requests()[0])['alertStatus']).toMatchObject({ occurrences: 2 });
    conflicts = 5;
    await expect(fire(anAlertMessage())).rejects.toMatchObject({ status: 409 });
  });
});

describe('a resolved alert', () => {
  it('is noted on the request that fires for it, and creates nothing', async () => {
    const { fire, resolve, requests, types } = anIntake();
    await fire(anAlertMessage());
    await resolve(resolved());
    expect(requests()).toHaveLength(1);
    expect(statusOf(requests()[0])['alertStatus']).toEqual({
      state: 'resolved',
      lastSeen: '2026-01-15T10:50:00Z',
      resolvedAt: '2026-01-15T10:45:00Z',
      occurrences: 1,
    });
    expect(types()).toEqual(['request.created', 'alert.resolved']);
  });

  it('makes a successful remediation a remediated one', async () => {
    const { fire, resolve, requests, cluster, types } = anIntake();
    await fire(anAlertMessage());
    cluster.change('RemediationRequest', requests()[0]?.metadata.name ?? '', {
      status: { phase: 'completed', workflowResults: { success: true, stepsExecuted: 1 } },
    });
    await resolve(resolved());
    expect(statusOf(requests()[0])).toMatchObject({ phase: 'completed', outcome: 'remediated' });
    expect(types()).toContain('request.outcome');
  });

  it('tells its rows before the write that would make a second receive look away', async () => {
    const { fire, resolve, requests, dieBeforeTelling, types } = anIntake();
    await fire(anAlertMessage());
    dieBeforeTelling();
    await expect(resolve(resolved())).rejects.toThrow('died before the rows');
    expect(statusOf(requests()[0])).not.toHaveProperty('alertStatus');
    await resolve(resolved());
    expect(types()).toEqual(['request.created', 'alert.resolved']);
  });

  it('says nothing of an outcome while the remediation runs', async () => {
    const { fire, resolve, requests } = anIntake();
    await fire(anAlertMessage());
    await resolve(resolved());
    expect(statusOf(requests()[0])).not.toHaveProperty('outcome');
  });

  it('leaves a request of a later firing alone', async () => {
    const { fire, resolve, requests } = anIntake();
    await fire(anAlertMessage({ startsAt: '2026-01-15T10:48:00Z' }));
    await resolve(resolved());
    expect(statusOf(requests()[0])).not.toHaveProperty('alertStatus');
  });

  it('that nobody fires for is remembered at once, so that its firing starts nothing, and looked for once more', async () => {
    const { fire, resolve, requests, types } = anIntake();
    await expect(resolve(resolved(), true)).rejects.toThrow(NotYet);
    await fire(anAlertMessage());
    await resolve(resolved());
    await fire(anAlertMessage());
    expect(requests()).toEqual([]);
    expect(types()).toEqual(['alert.ignored', 'alert.ignored', 'alert.ignored']);
  });
});

describe('the request of an alert', () => {
  const place = { namespace: 'kubernaut-system', cluster: 'primary-cluster' };
  const specOf = (message: AlertMessage) => requestOf(message, 'rr-1', place)['spec'] as Readonly<Record<string, unknown>>;

  it.each([
    ['page', 'critical'],
    ['HIGH', 'critical'],
    ['warn', 'warning'],
    ['none', 'info'],
    ['constructor', 'info'],
    ['', 'info'],
  ])('maps severity "%s" to %s', (severity, expected) => {
    expect(specOf(anAlertMessage({ labels: { severity } }))['severity']).toBe(expected);
  });

  it('bounds and masks what the alert says, and never follows a link that is none', () => {
    const annotations = {
      ...Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`note-${index}`, 'x'])),
      runbook_url: 'javascript:alert(1)',
      summary: 'password=hunter2 leaked',
      description: 'd'.repeat(10_000),
    };
    const spec = specOf(anAlertMessage({ annotations }));
    const kept = spec['alertAnnotations'] as Readonly<Record<string, string>>;
    expect(Object.keys(kept).slice(0, 2)).toEqual(['summary', 'description']);
    expect(Object.keys(kept)).toHaveLength(64);
    expect(kept).not.toHaveProperty('runbook_url');
    expect(JSON.stringify(spec)).not.toContain('hunter2');
    expect(kept['description']?.endsWith(' [cut]')).toBe(true);
  });

  it('stays within the bounds of a request though a mask is longer than what it hides', () => {
    const { spec } = requestOf(
      anAlertMessage({}, { groupKey: '{token="x"}'.padEnd(1_024, '.'), externalURL: 'http://a/?token=x&'.padEnd(2_048, '.') }),
      'rr-1',
      place,
    ) as {
      readonly spec?: { readonly groupKey: string; readonly externalURL: string };
    };
    expect(spec?.groupKey).toContain('[masked]');
    expect(spec?.groupKey.length).toBeLessThanOrEqual(1_024);
    expect(spec?.externalURL.length).toBeLessThanOrEqual(2_048);
  });

  it('has a fingerprint of its labels where none was sent', () => {
    const spec = specOf(anAlertMessage({ fingerprint: undefined }));
    expect(spec['alertFingerprint']).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, Readonly<Record<string, string>>, object | undefined]>([
    ['the workload before its pod', { deployment: 'web', pod: 'web-1', namespace: 'shop' }, { kind: 'Deployment', name: 'web', namespace: 'shop' }],
    [
      'what is named outright before all',
      { 'kubernaut.io/target-kind': 'StatefulSet', 'kubernaut.io/target-name': 'db', deployment: 'web', namespace: 'shop' },
      { kind: 'StatefulSet', name: 'db', namespace: 'shop' },
    ],
    ['the exported namespace where there is no other', { pod: 'web-1', exported_namespace: 'shop' }, { kind: 'Pod', name: 'web-1', namespace: 'shop' }],
    ['a node without a namespace', { node: 'node-1', namespace: 'monitoring' }, { kind: 'Node', name: 'node-1' }],
    ['never the scrape job', { job: 'kubelet', namespace: 'shop' }, undefined],
    ['nothing for a value that is no name', { deployment: 'Web API', namespace: 'shop' }, undefined],
  ])('targets %s', (_sentence, labels, target) => {
    expect(specOf(anAlertMessage({ labels }))['target']).toEqual(target);
  });
});
