import { describe, expect, it } from 'vitest';
import { auditEventSchema } from '../../shared/audit/event.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { aRequestByHand, anAdmissionRequest, functions, now, settings } from '../../test/support/admission.ts';
import { queuesTwin } from '../../test/support/queues-twin.ts';
import { aWorkflow } from '../../test/support/workflows.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { createApp } from './app.ts';

const segment = 'a-segment-of-enough-length';
const next = 'the-segment-that-comes-after';
const reviewed = (request: JsonObject) => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
const asObject = (value: object) => JSON.parse(JSON.stringify(value)) as JsonObject;

/** `clock.sleep` ends at once where time is said to run out, and never otherwise. */
function anAdmission({ timeRunsOut = false, auditIsAway = false, bodyBytesMax = 100_000 } = {}) {
  const queues = queuesTwin();
  if (auditIsAway) {
    queues.onSend = () => {
      throw new Error('no queue');
    };
  }
  const app = createApp({
    queues,
    clock: { milliseconds: () => Date.parse(now), sleep: () => (timeRunsOut ? Promise.resolve() : new Promise(() => undefined)) },
    logger: silentLogger,
    settings,
    bodyBytesMax,
    readSegments: () => (timeRunsOut ? new Promise(() => undefined) : Promise.resolve([segment, next])),
  });
  const post = async (body: unknown, path = `/${segment}/validate`, headers?: Readonly<Record<string, string>>) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await app.request(path, { method: 'POST', body: text, headers: headers ?? { 'content-length': String(Buffer.byteLength(text)) } });
    const said = await answer.text();
    return { status: answer.status, text: said, body: (answer.headers.get('content-type') ?? '').includes('json') ? (JSON.parse(said) as JsonObject) : {} };
  };
  return { queues, post, app };
}

const byHand = asObject(anAdmissionRequest('RemediationRequest', { object: aRequestByHand() }));
const complete = asObject(
  anAdmissionRequest('RemediationRequest', { object: aRequestByHand({ alertFingerprint: 'f1', alertName: 'HighLoad', firingTime: now, receivedTime: now }) }),
);

/** A workflow that waits for a decision, and Alice's approval of it with a stamp of her own. */
function aForgedApproval(overrides: { readonly dryRun?: boolean } = {}) {
  const oldObject = asObject(aWorkflow({ strategy: { approvalRequired: true } }));
  const metadata = {
    ...(oldObject['metadata'] as JsonObject),
    annotations: { 'workflow.kubernaut.io/approve': 'true', 'workflow.kubernaut.io/decided-by': 'bob' },
  };
  return asObject(anAdmissionRequest('WorkflowExecution', { object: { ...oldObject, metadata }, oldObject, ...overrides }));
}

describe('the admission webhook', () => {
  it('answers with the version and the uid of the review', async () => {
    const { post } = anAdmission();
    expect(await post(reviewed(complete))).toMatchObject({
      status: 200,
      body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'review-1', allowed: true } },
    });
  });

  it('patches by JSON patch in base64', async () => {
    const { post } = anAdmission();
    const { body } = await post(reviewed(byHand), `/${segment}/mutate`);
    const response = body['response'] as JsonObject;
    expect(response).toMatchObject({ uid: 'review-1', allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(stringAt(response, 'patch') ?? '', 'base64').toString())).toContainEqual({ op: 'add', path: '/spec/firingTime', value: now });
  });

  it('refuses as the API server does: code, reason, a sentence and the field', async () => {
    const { post } = anAdmission();
    const other = asObject({ ...complete, object: aRequestByHand({ ...(complete['object'] as { spec: JsonObject }).spec, targetCluster: 'moon' }) });
    expect(await post(reviewed(other))).toMatchObject({
      status: 200,
      body: {
        response: {
          uid: 'review-1',
          allowed: false,
          status: {
            code: 422,
            reason: 'Invalid',
            message: 'spec.targetCluster: unknown cluster "moon": set it to "primary-cluster", the cluster that this installation acts on',
            details: { name: 'by-hand', kind: 'RemediationRequest', causes: [{ field: 'spec.targetCluster' }] },
          },
        },
      },
    });
  });

  it.each<[string, JsonObject]>([
    ['a delete', { ...complete, operation: 'DELETE', object: null, oldObject: complete['object'] }],
    ['another kind', { ...complete, kind: { group: 'apps', version: 'v1', kind: 'Deployment' } }],
    ['a kind of another group', { ...complete, kind: { group: 'example.com', version: 'v1', kind: 'WorkflowExecution' } }],
  ])('lets %s pass', async (_sentence, request) => {
    for (const door of ['mutate', 'validate']) {
      expect(await anAdmission().post(reviewed(request), `/${segment}/${door}`)).toMatchObject({
        status: 200,
        body: { response: { uid: 'review-1', allowed: true } },
      });
    }
  });

  it.each<[string, JsonObject, string]>([
    ['an object that is not there', { ...complete, object: null }, 'request.object: is absent'],
    ['an update without what was', { ...complete, operation: 'UPDATE', oldObject: null }, 'request.oldObject: is absent'],
    ['a kind of our group that nobody knows', { ...complete, kind: { group: 'remediation.kubernaut.io', kind: 'Remedy' } }, 'request.kind: is no kind of ours'],
    ['more levels than anybody could walk down', { ...complete, object: { spec: null } }, 'request.object: is nested deeper than 100'],
  ])('refuses what it cannot judge: %s', async (_sentence, request, words) => {
    for (const door of ['mutate', 'validate']) {
      const text = JSON.stringify(reviewed(request)).replace('"object":{"spec":null}', `"object":{"spec":${'['.repeat(10_000)}${']'.repeat(10_000)}}`);
      expect(await anAdmission().post(text, `/${segment}/${door}`)).toMatchObject({
        status: 200,
        body: { response: { uid: 'review-1', allowed: false, status: { code: 422, message: expect.stringContaining(words) } } },
      });
    }
  });

  it('answers 400 to a body whose sender goes away', async () => {
    const body = new ReadableStream({ pull: () => Promise.reject(new Error('reset')) });
    const answer = await anAdmission().app.request(`/${segment}/validate`, { method: 'POST', body, duplex: 'half' as const });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('ended before its length')]);
  });

  it('takes both segments while one is rotated', async () => {
    expect((await anAdmission().post(reviewed(complete), `/${next}/validate`)).status).toBe(200);
  });

  it.each([
    ['a wrong segment', '/a-segment-of-enough-lengtH/validate'],
    ['a prefix of the right one', `/${segment.slice(0, -1)}/validate`],
    ['no segment', '/validate'],
    ['another door', `/${segment}/open`],
    ['more path', `/${segment}/validate/more`],
  ])('knows no path with %s', async (_sentence, path) => {
    const { status, text } = await anAdmission().post(reviewed(complete), path);
    expect([status, text]).toEqual([404, '404 Not Found']);
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{"apiVersion":', 'body'],
    ['a list', [], 'body'],
    ['another version', { ...reviewed(complete), apiVersion: 'admission.k8s.io/v1beta1' }, 'apiVersion'],
    ['another kind', { ...reviewed(complete), kind: 'TokenReview' }, 'kind'],
    ['no request', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }, 'request'],
    ['no uid', reviewed({ ...complete, uid: '' }), 'request.uid'],
    ['an object that is a list', reviewed({ ...complete, object: [] }), 'request.object'],
  ])('answers 400 to %s, with field and reason', async (_sentence, body, field) => {
    const answer = await anAdmission().post(body);
    expect(answer).toMatchObject({ status: 400, body: { field, reason: expect.stringMatching(/./) } });
  });

  it('answers 413 above the bound, told beforehand or found out', async () => {
    const { post } = anAdmission({ bodyBytesMax: 100 });
    expect(await post(reviewed(complete))).toMatchObject({ status: 413, body: { field: 'body' } });
    expect(await post(reviewed(complete), `/${segment}/validate`, {})).toMatchObject({ status: 413, body: { field: 'body' } });
    expect((await anAdmission().post(reviewed(complete), `/${segment}/validate`, {})).status).toBe(200);
  });

  it('answers 503 when the time is over, so that the API server refuses', async () => {
    expect((await anAdmission({ timeRunsOut: true }).post(reviewed(complete))).status).toBe(503);
  });

  it('audits a refused approval, once and by name', async () => {
    const { post, queues } = anAdmission();
    await post(reviewed(aForgedApproval()), `/${segment}/mutate`);
    expect(queues.sent.map(({ queue }) => queue)).toEqual(['audit']);
    expect(auditEventSchema.parse(queues.sent[0]?.body)).toMatchObject({
      type: 'admission.denied',
      reason: 'stamp_not_ours',
      actor: { kind: 'user', name: 'alice' },
      kind: 'WorkflowExecution',
      name: 'rr-1-workflow',
      uid: 'wf1',
      correlationId: 'rr1',
      requestName: 'rr-1',
      phaseFrom: 'validating',
      resourceVersion: '41',
      message: expect.stringContaining('is stamped by admission only'),
    });
  });

  it.each<[string, JsonObject, string]>([
    ['a dry run', aForgedApproval({ dryRun: true }), 'mutate'],
    ['a refusal that is none of an approval', { ...complete, namespace: 'production' }, 'validate'],
    ['a status of the functions', { ...complete, operation: 'UPDATE', oldObject: complete['object'], subResource: 'status', userInfo: functions }, 'validate'],
  ])('audits nothing for %s', async (_sentence, request, door) => {
    const { post, queues } = anAdmission();
    expect((await post(reviewed(asObject(request)), `/${segment}/${door}`)).status).toBe(200);
    expect(queues.sent).toEqual([]);
  });

  it('refuses although the refusal cannot be audited', async () => {
    const { body } = await anAdmission({ auditIsAway: true }).post(reviewed(aForgedApproval()), `/${segment}/mutate`);
    expect(body['response']).toMatchObject({ allowed: false });
  });
});
