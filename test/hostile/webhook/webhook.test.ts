import type { Answer } from '../answered.ts';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAlways, tell } from '../sweep.ts';
import { aGoodAlert, aNotification, anAlertWith } from './alerts.ts';
import { badBodies, oddBodies } from './bodies.ts';
import { exchange } from './wire.ts';
import { badRequests, slowRequests } from './wires.ts';
import { aWebhookWorld, otherToken, token, type WebhookWorld } from './world.ts';
import type { UrlEvent } from '../../../shared/function-url.ts';

const peakMebibytesMax = 640; // its heap, and twelve bodies at their bound thrice over: in chunks, as a whole, as text
const neverComesBack = new RegExp(`${token}|${otherToken}`);

let world: WebhookWorld;
/** Fingerprints of what was accepted, and how many others were. */
const good: string[] = [];
let odd = 0;

beforeAll(async () => {
  world = await aWebhookWorld();
});

/** A good alert beside whatever else is going on. */
async function postGood(): Promise<void> {
  const alert = aGoodAlert();
  expect(await world.post(JSON.stringify(aNotification([alert])))).toEqual({ status: 200, text: '{"accepted":1}' });
  good.push(alert.fingerprint);
}

function anEvent(body: string | Buffer, overrides: Partial<UrlEvent> = {}, method = 'POST'): UrlEvent {
  const given = { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, rawPath: '/alerts', rawQueryString: '', ...overrides };
  const encoded = typeof body === 'string' ? { body } : { body: body.toString('base64'), isBase64Encoded: true };
  return { ...encoded, ...given, requestContext: { http: { method } } };
}

async function invoke(event: UrlEvent): Promise<Answer> {
  const { statusCode, body } = await world.invoke(event);
  return { status: statusCode, text: body };
}

function expectRefusal(answer: Answer, status: number, words: string): void {
  expect({ status: answer.status, text: answer.text.slice(0, 2_000) }).toEqual({ status, text: expect.stringContaining(words) });
  expect(answer.text).not.toMatch(neverComesBack);
  expect(answer.text.length).toBeLessThan(8_192);
}

describe.each(Object.entries(badBodies))('a body that is %s', (_sentence, { body, headers = {}, status, words }) => {
  it('is refused with its reason over HTTP, and the alerts beside it are not', async () => {
    const [answer, streamed] = await Promise.all([world.post(body, { headers }), world.post(body, { headers, chunked: true }), postGood(), postGood()]);
    expectRefusal(answer, status, words);
    expectRefusal(streamed, status, words);
  });

  it('is refused with its reason as an event of a function URL', async () => {
    const authorization = `Bearer ${otherToken}`;
    const [answer] = await Promise.all([invoke(anEvent(body, { headers: { authorization, ...headers } })), postGood()]);
    // An event is at most 6 MiB, so the bound is lower there, and is asked before anything else.
    expectRefusal(answer, Buffer.byteLength(body) > 4_194_304 ? 413 : status, Buffer.byteLength(body) > 4_194_304 ? 'larger than' : words);
  });
});

describe.each(Object.entries(oddBodies))('a body with %s', (_sentence, { body, headers = {}, arrives }) => {
  it('arrives as it is, both ways', async () => {
    const before = await drained();
    expect(await world.post(body, { headers })).toEqual({ status: 200, text: '{"accepted":1}' });
    expect(await invoke(anEvent(body, { headers: { authorization: `Bearer ${token}`, ...headers } }))).toEqual({ status: 200, text: '{"accepted":1}' });
    const messages = await world.drain();
    expect(messages).toHaveLength(2);
    for (const { alert } of messages) expect(alert).toMatchObject(arrives);
    expect(before).toBe(true);
  });
});

/** Takes from the queue what earlier tests left there, each once. */
const seen = new Map<string, number>();
let others = 0;
async function drained(): Promise<boolean> {
  for (const { alert } of await world.drain()) {
    if (alert.fingerprint?.startsWith('900d') !== true) others += 1;
    else seen.set(alert.fingerprint, (seen.get(alert.fingerprint) ?? 0) + 1);
  }
  return true;
}

describe.each(badRequests)('a request with $sentence', ({ method = 'POST', path = '/alerts', headers = {}, status, words }) => {
  const body = JSON.stringify(aNotification([anAlertWith({})]));

  it('is refused with its reason, both ways', async () => {
    const authorized = { authorization: `Bearer ${token}`, ...headers };
    const [answer, event] = await Promise.all([
      world.post(body, { method, path, headers: authorized }),
      invoke(anEvent(body, { headers: authorized, rawPath: path }, method)),
      postGood(),
    ]);
    expectRefusal(answer, status, words);
    expectRefusal(event, status, words);
  });
});

describe('an event that says the wrong thing of its body', () => {
  const body = JSON.stringify(aNotification([anAlertWith({})]));

  it.each<[sentence: string, event: UrlEvent, status: number, words: string]>([
    ['base64 that is none', { ...anEvent(body), isBase64Encoded: true }, 400, 'isBase64Encoded'],
    ['base64 of something else', { ...anEvent('bm90IEpTT04='), isBase64Encoded: true }, 400, 'is not JSON'],
    ['base64 cut off', { ...anEvent(Buffer.from(body)), body: Buffer.from(body).toString('base64').slice(0, -9) }, 400, 'is not JSON'],
    ['base64 that it does not speak of', anEvent(Buffer.from(body).toString('base64')), 400, 'is not JSON'],
    ['base64 of base64', { ...anEvent(Buffer.from(Buffer.from(body).toString('base64'))) }, 400, 'is not JSON'],
    ['no body at all', { rawPath: '/alerts', headers: { authorization: `Bearer ${token}` }, requestContext: { http: { method: 'POST' } } }, 400, 'is not JSON'],
    ['no headers at all', { rawPath: '/alerts', body, requestContext: { http: { method: 'POST' } } }, 401, 'bearer token'],
    ['a length that is a lie', anEvent(' '.repeat(5_000_000), { headers: { authorization: `Bearer ${token}`, 'content-length': '5' } }), 413, 'larger than'],
    ['a header of two lines', anEvent(body, { headers: { authorization: `Bearer ${token}\r\nx: y` } }), 400, 'request: '],
  ])('is refused: %s', async (_sentence, event, status, words) => {
    expectRefusal(await invoke(event), status, words);
  });

  it('is taken where base64 is what it says', async () => {
    const alert = aGoodAlert();
    expect(await invoke(anEvent(Buffer.from(JSON.stringify(aNotification([alert])))))).toMatchObject({ status: 200 });
    good.push(alert.fingerprint);
  });
});

describe('bytes that are no request', () => {
  let texts: readonly string[];
  beforeAll(async () => {
    // All at once, since each of the slow ones takes as long as the server's patience; good alerts go on meanwhile.
    const exchanges = Promise.all(slowRequests.map((given) => exchange(world.url, given)));
    for (let posted = 0; posted < 50; posted += 1) await postGood();
    texts = await exchanges;
  });

  it.each(slowRequests.map(({ sentence, status, words }, index) => ({ sentence, status, words, index })))(
    '$sentence: a reason, and the end of the connection',
    ({ status, words, index }) => {
      expect(texts[index]).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*${words}`));
      expect(texts[index]).not.toMatch(neverComesBack);
    },
  );

  it('does not lose the good ones of a pipeline, and answers in order', async () => {
    const alerts = [aGoodAlert(), aGoodAlert()];
    const post = (body: string, authorization = `Bearer ${token}`) =>
      `POST /alerts HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const [first, second] = alerts.map((alert) => JSON.stringify(aNotification([alert])));
    const begin = [
      post(first ?? ''),
      post('{"a":'),
      post(first ?? '', 'Bearer wrong'),
      post(second ?? ''),
      'GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    ].join('');
    const answers = await exchange(world.url, { begin });
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '400', '401', '200', '404']);
    good.push(...alerts.map(({ fingerprint }) => fingerprint));
  });
});

describe('sweeps', () => {
  const text = JSON.stringify(aNotification([anAlertWith({ fingerprint: 'odd' })]));
  const splice = fc.record({
    at: fc.nat(text.length),
    length: fc.nat(24),
    instead: fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.constantFrom('"', '{', '[', '}', ']', ',', '\\', '\u0000', '1e999', 'null').map((part) => Buffer.from(part)),
    ),
  });
  const counted = async (answer: Answer) => {
    expect(answer.text).not.toMatch(neverComesBack);
    if (answer.status !== 200) expectRefusal(answer, answer.status, '"error"');
    expect([200, 400, 401, 404, 405, 413, 415]).toContain(answer.status);
    if (answer.status === 200) odd += (JSON.parse(answer.text) as { readonly accepted: number }).accepted;
  };

  it('takes or refuses whatever is left of a body whose bytes were changed', async () => {
    await expectAlways('webhook, changed bytes', 600, fc.array(splice, { minLength: 1, maxLength: 3 }), async (splices) => {
      const body = splices.reduce(
        (bytes, { at, length, instead }) => Buffer.concat([bytes.subarray(0, at), instead, bytes.subarray(at + length)]),
        Buffer.from(text),
      );
      await counted(await world.post(body));
    });
    await postGood();
  });

  it('takes or refuses any JSON in the place of any field', async () => {
    const fields = ['version', 'groupKey', 'truncatedAlerts', 'receiver', 'externalURL', 'alerts'] as const;
    const ofAlert = ['status', 'labels', 'annotations', 'startsAt', 'endsAt', 'generatorURL', 'fingerprint'] as const;
    const given = fc.record({ field: fc.constantFrom(...fields, ...ofAlert, '__proto__', 'constructor'), value: fc.jsonValue({ maxDepth: 3 }) });
    await expectAlways('webhook, changed fields', 600, given, async ({ field, value }) => {
      const alert = anAlertWith({ fingerprint: 'odd', ...((ofAlert as readonly string[]).includes(field) && { [field]: value }) });
      const body = aNotification([alert], (fields as readonly string[]).includes(field) ? { [field]: value as never } : {});
      const json = JSON.stringify(field.includes('o') ? body : { ...body, [field]: value });
      await counted(await world.post(json));
      await counted(await invoke(anEvent(json)));
    });
    await postGood();
  });

  it('takes no token but the two', async () => {
    const guess = fc.oneof(
      fc.string({ maxLength: 64 }),
      fc.nat(token.length - 1).map((length) => token.slice(0, length)),
      fc.constantFrom(`${token}x`, `${token} ${otherToken}`, `${token},${otherToken}`, token.toUpperCase()),
    );
    const scheme = fc.constantFrom('Bearer ', 'bearer ', 'Basic ', 'Token ', '', 'Bearer\t', 'Bearer Bearer ');
    await expectAlways('webhook, tokens', 400, fc.tuple(scheme, guess), async ([before, after]) => {
      const authorization = `${before}${after}`.replace(/[^\t -~]/g, '?');
      expectRefusal(await world.post(text, { headers: { authorization } }), 401, 'bearer token');
    });
    await postGood();
  });
});

describe('in the end', () => {
  it('stays within its memory while bodies at their bound come at once', async () => {
    const large = (characters: number) =>
      JSON.stringify(aNotification([anAlertWith({ fingerprint: 'odd', annotations: { summary: 'x'.repeat(characters) } })]));
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, () => world.post(large(11_000_000), { chunked: true })),
      ...Array.from({ length: 4 }, () => world.post(large(9_000_000))),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 4 }, () => 200),
      ...Array.from({ length: 8 }, () => 413),
    ]);
    odd += 4;
    const peak = await world.peakMebibytes();
    tell(`webhook: ${peak} MiB resident at the most`);
    expect(peak).toBeLessThan(peakMebibytesMax);
  });

  it('has queued every good alert exactly once, and of the others exactly what it accepted', async () => {
    await drained();
    expect([...seen.values()].filter((count) => count !== 1)).toEqual([]);
    expect([...seen.keys()].filter((fingerprint) => fingerprint.startsWith('900d')).toSorted()).toEqual(good.toSorted());
    expect(others).toBe(odd);
    tell(
      `webhook: ${Object.keys(badBodies).length} bodies three ways, ${badRequests.length} requests, ${slowRequests.length} connections; ${good.length} good alerts, each once; ${odd} odd ones`,
    );
  });

  it('has logged lines of JSON only, with no token and no 5xx in them', () => {
    const lines = world.log();
    expect(lines.filter((line) => neverComesBack.test(line))).toEqual([]);
    expect(lines.map((line) => JSON.parse(line) as { readonly level: string }).filter(({ level }) => level !== 'INFO')).toEqual([]);
  });

  it('has ended as it was told, and not by what nobody caught', async () => {
    expect(await world.close()).toBe(0);
  });
});
