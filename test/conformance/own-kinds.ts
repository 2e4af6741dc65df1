import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import { metadataOf, objectAt, type Subject } from './subject.ts';

const group = 'remediation.kubernaut.io/v1';

export function request(name: string, spec: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return {
    apiVersion: group,
    kind: 'RemediationRequest',
    metadata: { name },
    spec: {
      alertFingerprint: 'a1b2c3d4e5f60718',
      alertName: 'KubePodCrashLooping',
      severity: 'critical',
      target: { kind: 'Deployment', name: 'payment-api', namespace: 'production' },
      firingTime: '2026-01-15T10:34:00Z',
      receivedTime: '2026-01-15T10:34:30Z',
      ...spec,
    },
    ...more,
  };
}

/** What the schemas of our own kinds make of what is written: what every room relies on. */
export function ownKinds(subject: () => Subject): void {
  const create = (spec: JsonObject, name = 'refused') => {
    const { send, path } = subject();
    return send('POST', path('remediationrequests', group), request(name, spec));
  };
  const at = (name: string): string => subject().path(`remediationrequests/${name}`, group);
  const made = async (name: string, spec: JsonObject = {}): Promise<string> => {
    expect(await create(spec, name)).toMatchObject({ status: 201 });
    return at(name);
  };
  const causesOf = (body: JsonValue): readonly string[] => {
    const { causes } = objectAt(body, 'details') as { readonly causes?: readonly { readonly field: string; readonly message: string }[] };
    return (causes ?? []).map(({ field, message }) => `${field}: ${message}`).toSorted();
  };

  it('are filled with their defaults, and born without a status', async () => {
    const { send, path } = subject();
    const { body } = await send('POST', path('remediationrequests', group), request('filled', {}, { status: { phase: 'completed' } }));
    expect(body).toMatchObject({
      spec: { source: 'manual', targetCluster: 'primary-cluster', alertLabels: {}, truncatedAlerts: 0, dryRun: false, pause: false, cancel: false },
    });
    expect(body).not.toHaveProperty('status');
  });

  it('drop what no schema names, at every depth', async () => {
    const { body } = await create({ bogus: 1, target: { kind: 'Pod', name: 'p', extra: { deep: true } } }, 'pruned');
    expect(body).not.toHaveProperty('spec.bogus');
    expect(body).not.toHaveProperty('spec.target.extra');
  });

  it('keep a null for nothing but the default', async () => {
    const { body } = await create({ groupKey: null, dryRun: null }, 'nulls');
    expect(body).not.toHaveProperty('spec.groupKey');
    expect(body).toMatchObject({ spec: { dryRun: false } });
  });

  it('refuse what no schema names when they are asked to', async () => {
    const { send, path } = subject();
    const answer = await send('POST', path('remediationrequests', group), request('strict', { severty: 'critical' }), { fieldValidation: 'Strict' });
    expect(answer).toMatchObject({ status: 400, body: { reason: 'BadRequest', message: expect.stringContaining('unknown field "spec.severty"') as string } });
  });

  it.each<[sentence: string, spec: JsonObject, cause: string]>([
    ['a value that is not in the list', { severity: 'huge' }, 'spec.severity: Unsupported value: "huge": supported values: "critical", "warning", "info"'],
    ['a value of another type', { dryRun: 'yes' }, 'spec.dryRun: Invalid value: "string": spec.dryRun in body must be of type boolean: "string"'],
    [
      'half a number',
      { truncatedAlerts: 1.5 },
      'spec.truncatedAlerts: Invalid value: "float64": spec.truncatedAlerts in body must be of type int64: "float64"',
    ],
    [
      'less than nothing',
      { truncatedAlerts: -1 },
      'spec.truncatedAlerts: Invalid value: -1: spec.truncatedAlerts in body should be greater than or equal to 0',
    ],
    ['what is empty', { alertName: '' }, 'spec.alertName: Invalid value: "": spec.alertName in body should be at least 1 chars long'],
    ['what is too long', { alertName: 'x'.repeat(254) }, 'spec.alertName: Too long: may not be more than 253 bytes'],
    [
      'no time at all',
      { firingTime: 'yesterday' },
      'spec.firingTime: Invalid value: "yesterday": spec.firingTime in body must be of type date-time: "yesterday"',
    ],
    [
      'a map of numbers',
      { alertLabels: { a: 1 } },
      'spec.alertLabels.a: Invalid value: "integer": spec.alertLabels.a in body must be of type string: "integer"',
    ],
    ['a null that it needs', { severity: null }, 'spec.severity: Required value'],
  ])('refuse %s', async (_sentence, spec, cause) => {
    const answer = await create(spec);
    expect(answer).toMatchObject({
      status: 422,
      body: { reason: 'Invalid', details: { name: 'refused', group: 'remediation.kubernaut.io', kind: 'RemediationRequest' } },
    });
    expect(causesOf(answer.body).find((told) => told.startsWith(cause.slice(0, cause.indexOf(':'))))).toBe(cause);
  });

  it('name everything that is wrong at once', async () => {
    const { body } = await create({ severity: 'x', alertName: '', dryRun: 1 });
    expect(causesOf(body).map((cause) => cause.split(':')[0])).toEqual(expect.arrayContaining(['spec.alertName', 'spec.dryRun', 'spec.severity']));
  });

  it('take times with an offset and with fractions', async () => {
    expect((await create({ firingTime: '2026-01-15T10:34:00+01:00' }, 'offset')).status).toBe(201);
    expect((await create({ firingTime: '2026-01-15T10:34:00.123Z' }, 'fraction')).status).toBe(201);
  });

  it('have names of 63 characters at most, which become labels', async () => {
    expect((await create({}, 'n'.repeat(63))).status).toBe(201);
    expect(await create({}, 'n'.repeat(64))).toMatchObject({ status: 422 });
  });

  describe('a spec', () => {
    it('can be paused and let go, and not changed otherwise', async () => {
      const { patch } = subject();
      const there = await made('fixed');
      for (const pause of [true, false]) expect(await patch('merge', there, { spec: { pause } })).toMatchObject({ status: 200, body: { spec: { pause } } });
      for (const spec of [{ severity: 'info' }, { target: null }, { groupKey: 'added' }, { alertLabels: { a: 'b' } }]) {
        const answer = await patch('merge', there, { spec });
        expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
        expect(causesOf(answer.body)).toEqual([expect.stringContaining('only pause and cancel may change after creation')]);
      }
    });

    it('can be cancelled, and that cannot be taken back', async () => {
      const { patch } = subject();
      const there = await made('cancelled');
      expect((await patch('merge', there, { spec: { cancel: true } })).status).toBe(200);
      for (const cancel of [false, null]) {
        const answer = await patch('merge', there, { spec: { cancel } });
        expect(answer.status).toBe(422);
        expect(causesOf(answer.body)).toEqual([expect.stringContaining('cancel cannot be taken back')]);
      }
      expect((await patch('merge', there, { spec: { cancel: true, pause: true } })).status).toBe(200);
    });

    it('is told of every rule that it breaks', async () => {
      const { patch } = subject();
      const there = await made('twice-wrong', { cancel: true });
      const { body } = await patch('merge', there, { spec: { severity: 'info', cancel: false } });
      expect(causesOf(body)).toHaveLength(2);
    });

    it('is replaced only by what it was, under the version that was read', async () => {
      const { send } = subject();
      const there = await made('replaced');
      expect((await send('PUT', there, request('replaced'))).status).toBe(422);
      const read = objectAt({ read: (await send('GET', there)).body }, 'read');
      expect((await send('PUT', there, { ...read, spec: { ...objectAt(read, 'spec'), pause: true } })).status).toBe(200);
      expect((await send('PUT', there, read)).status).toBe(409);
    });

    it('lets labels and annotations change without a new generation', async () => {
      const { patch } = subject();
      const labelled = await patch('merge', await made('labelled'), {
        metadata: { labels: { a: 'b' }, annotations: { 'kubernaut.io/cancel-requested': 'true' } },
      });
      expect(metadataOf(labelled)).toMatchObject({ generation: 1, labels: { a: 'b' } });
    });
  });

  describe('a status', () => {
    const ready = { type: 'Ready', status: 'True', reason: 'Done', message: '', lastTransitionTime: '2026-01-15T10:34:30Z' };

    it('is written by its own path, bound to a version, and by no other', async () => {
      const { patch, send } = subject();
      const there = await made('reported');
      expect((await patch('merge', there, { status: { phase: 'processing' } })).body).not.toHaveProperty('status');
      const { resourceVersion } = metadataOf(await send('GET', there));
      const body = (phase: string) => ({ metadata: { resourceVersion: resourceVersion ?? '' }, spec: { severity: 'info' }, status: { phase } });
      expect(await patch('merge', `${there}/status`, body('processing'))).toMatchObject({
        status: 200,
        body: { spec: { severity: 'critical' }, status: { phase: 'processing' }, metadata: { generation: 1 } },
      });
      expect(await patch('merge', `${there}/status`, body('analyzing'))).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
      expect((await send('GET', `${there}/status`)).body).toMatchObject({ status: { phase: 'processing' } });
    });

    it('is filled with defaults once it is there', async () => {
      const { patch } = subject();
      expect((await patch('merge', `${await made('begun')}/status`, { status: {} })).body).toMatchObject({ status: { phase: '' } });
    });

    it.each<[sentence: string, status: JsonObject]>([
      ['a phase that nobody knows', { phase: 'dancing' }],
      ['a reason in sentences', { reason: 'Not Snake' }],
      ['a condition that says perhaps', { conditions: [{ ...ready, status: 'Perhaps' }] }],
      ['a condition without a time', { conditions: [{ ...ready, lastTransitionTime: null }] }],
      ['two conditions of one type', { conditions: [ready, { ...ready, status: 'False' }] }],
    ])('refuses %s', async (sentence, status) => {
      const { patch } = subject();
      const there = await made(`bad-${sentence.split(' ').slice(0, 4).join('-')}`);
      expect(await patch('merge', `${there}/status`, { status })).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
    });

    it('goes when it is set to null, and is rehearsed without a trace', async () => {
      const { patch, send } = subject();
      const there = await made('cleared');
      await patch('merge', `${there}/status`, { status: { phase: 'processing', conditions: [ready] } });
      expect((await patch('merge', `${there}/status`, { status: { phase: 'analyzing' } }, { dryRun: 'All' })).body).toMatchObject({
        status: { phase: 'analyzing' },
      });
      expect((await send('GET', there)).body).toMatchObject({ status: { phase: 'processing' } });
      expect((await patch('merge', `${there}/status`, { status: null })).body).not.toHaveProperty('status.phase');
    });

    it('keeps the entries of a list that a merge patch repeats, and no others', async () => {
      const { patch } = subject();
      const there = await made('listed');
      await patch('merge', `${there}/status`, { status: { conditions: [ready, { ...ready, type: 'Succeeded' }] } });
      const { body } = await patch('merge', `${there}/status`, { status: { conditions: [ready] } });
      expect(objectAt(body, 'status')['conditions']).toEqual([ready]);
    });
  });
}
