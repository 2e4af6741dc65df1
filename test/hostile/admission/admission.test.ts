import type { Answer } from '../answered.ts';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestSpecSchema } from '../../../shared/api/remediation-request.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { auditEventSchema } from '../../../shared/audit/event.ts';
import { exchange } from '../webhook/wire.ts';
import { expectAlways, tell } from '../sweep.ts';
import { refused, review, sound, unreadable } from './reviews.ts';
import { anAdmissionWorld, segment, type AdmissionWorld } from './world.ts';

let world: AdmissionWorld;
beforeAll(async () => {
  world = await anAdmissionWorld();
});
afterAll(() => world.close());

interface Verdict {
  readonly uid: string;
  readonly allowed: boolean;
  readonly words: string;
}

/** The answer as a kube-apiserver reads it. */
function verdictOf({ status, text }: Answer): Verdict {
  expect(status).toBe(200);
  const { apiVersion, kind, response } = JSON.parse(text) as { readonly apiVersion: string; readonly kind: string; readonly response: Record<string, unknown> };
  expect([apiVersion, kind, typeof response['uid'], typeof response['allowed']]).toEqual(['admission.k8s.io/v1', 'AdmissionReview', 'string', 'boolean']);
  const said = response['status'] as { readonly code: number; readonly message: string } | undefined;
  const isRefusal = response['allowed'] === false;
  expect(isRefusal ? [403, 422] : [undefined]).toContain(said?.code);
  return { uid: response['uid'] as string, allowed: response['allowed'] as boolean, words: said?.message ?? '' };
}

/** The next sound review is answered as if nothing had been. */
async function expectSound(): Promise<void> {
  expect(verdictOf(await world.call({ body: JSON.stringify(review(sound)) }))).toEqual({ uid: 'review-1', allowed: true, words: '' });
}

describe('what is no review', () => {
  it.each(Object.entries(unreadable))('is refused with its field: %s', async (_sentence, [body, status, field]) => {
    for (const door of ['validate', 'mutate']) {
      const answer = await world.call({ body, path: `/${segment}/${door}` });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error: expect.stringMatching(/./), field, reason: expect.stringMatching(/./) }]);
      expect(answer.text).not.toContain(segment);
    }
    await expectSound();
  });

  it.each<[sentence: string, method: string, path: string]>([
    ['a GET', 'GET', `/${segment}/validate`],
    ['a PUT', 'PUT', `/${segment}/validate`],
    ['a DELETE', 'DELETE', `/${segment}/mutate`],
    ['an OPTIONS', 'OPTIONS', `/${segment}/mutate`],
    ['no path', 'POST', '/'],
    ['no door', 'POST', `/${segment}`],
    ['another door', 'POST', `/${segment}/allow`],
    ['no segment', 'POST', '/validate'],
    ['an empty segment', 'POST', '//validate'],
    ['another segment', 'POST', `/${segment}x/validate`],
    ['the beginning of the segment', 'POST', `/${segment.slice(0, -1)}/validate`],
    ['the segment in capitals', 'POST', `/${segment.toUpperCase()}/validate`],
    ['the segment twice', 'POST', `/${segment}/${segment}/validate`],
    ['a segment that climbs', 'POST', `/x/../${segment}x/validate`],
    ['a segment of 8 KiB', 'POST', `/${'s'.repeat(8_192)}/validate`],
    ['half an escape', 'POST', '/%/validate'],
    ['a null byte', 'POST', `/${segment}%00/validate`],
  ])('is nobody’s path: %s', async (_sentence, method, path) => {
    const answer = await world.call({ method, path, body: JSON.stringify(review(sound)) });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain(segment);
  });

  it.each<[sentence: string, begin: string]>([
    ['HTTP without TLS', `POST /${segment}/validate HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`],
    ['noise', '\u0016\u0003\u0001\u0000'],
  ])('is no handshake: %s', async (_sentence, begin) => {
    expect(await exchange(world.url, { begin, drip: 'x' })).not.toContain('AdmissionReview');
    await expectSound();
  });

  it.each<[sentence: string, text: string, status: number]>([
    ['chunks of wrong lengths', `POST /${segment}/validate HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, 400],
    ['headers without end', `POST /${segment}/validate HTTP/1.1\r\n${'x-a: b\r\n'.repeat(10_000)}\r\n`, 431],
    ['a body that never comes', `POST /${segment}/validate HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n`, 408],
  ])('is no request: %s', async (_sentence, text, status) => {
    expect(await overTls(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await expectSound();
  });
});

/** Raw bytes inside a handshake, and what comes back until the connection is closed. */
function overTls(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connectTls({ host: world.url.hostname, port: Number(world.url.port), rejectUnauthorized: false }, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

describe('a review that must be refused', () => {
  it.each(Object.entries(refused))('is refused with its reason: %s', async (_sentence, { body, words, atBoth }) => {
    const validated = verdictOf(await world.call({ body }));
    expect(validated).toEqual({ uid: 'review-1', allowed: false, words: expect.stringContaining(words) });
    const mutated = verdictOf(await world.call({ body, path: `/${segment}/mutate` }));
    expect(mutated).toEqual(atBoth === true ? validated : { ...validated, allowed: mutated.allowed, words: mutated.words });
    await expectSound();
  });
});

describe('sweeps', () => {
  const fields = [
    'severity',
    'target',
    'source',
    'targetCluster',
    'alertLabels',
    'alertAnnotations',
    'truncatedAlerts',
    'dryRun',
    'firingTime',
    'alertFingerprint',
    '__proto__',
  ];

  it('allows no spec that its schema would not take', async () => {
    const given = fc.record({ field: fc.constantFrom(...fields), value: fc.jsonValue({ maxDepth: 3 }) });
    let allowedCount = 0;
    await expectAlways('admission, changed specs', 500, given, async ({ field, value }) => {
      const object = sound['object'] as JsonObject;
      const spec = JSON.parse(
        `{${Object.entries({ ...(object['spec'] as JsonObject), [field]: undefined })
          .flatMap(([key, member]) => (member === undefined ? [] : [`${JSON.stringify(key)}:${JSON.stringify(member)}`]))
          .join(',')},${JSON.stringify(field)}:${JSON.stringify(value)}}`,
      ) as JsonObject;
      const body = JSON.stringify(review({ ...sound, object: { ...object, spec } }));
      const { allowed } = verdictOf(await world.call({ body }));
      expect(!allowed || requestSpecSchema.safeParse(spec).success).toBe(true);
      if (allowed) allowedCount += 1;
      verdictOf(await world.call({ body, path: `/${segment}/mutate` }));
    });
    tell(`admission: ${allowedCount} of 500 changed specs were sound after all`);
  });

  it('allows nothing whose bytes were changed beyond reading', async () => {
    const text = JSON.stringify(review(sound));
    const given = fc.record({
      at: fc.nat(text.length),
      length: fc.nat(30),
      instead: fc.constantFrom('', '"', '{', '}', '[', ']', ',', '\u0000', '\\', 'null', '1e999', '__proto__'),
    });
    await expectAlways('admission, changed bytes', 500, given, async ({ at, length, instead }) => {
      const body = text.slice(0, at) + instead + text.slice(at + length);
      const answer = await world.call({ body });
      const isAllowed = answer.status !== 400 && verdictOf(answer).allowed;
      expect([isAllowed, isAllowed && !isJson(body)]).toEqual([answer.text.includes('"allowed":true'), false]);
    });
    await expectSound();
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('in the end', () => {
  it('has told of no error, and audited refused approvals as rows that can be stored', () => {
    expect(world.errors).toEqual([]);
    const rows = world.queues.sent.map(({ queue, body }) => [queue, auditEventSchema.safeParse(body).success]);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(([queue, isRow]) => queue !== 'audit' || isRow !== true)).toEqual([]);
    tell(
      `admission: ${Object.keys(unreadable).length} bodies and ${Object.keys(refused).length} reviews at both doors, 17 paths; ${rows.length} refused approvals audited`,
    );
  });
});
