import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { behindFunctionUrl, type UrlEvent } from './function-url.ts';

const app = new Hono();
app.all('*', async (context) => {
  const { method, path, raw } = context.req;
  return context.json({ method, path, query: context.req.query(), length: raw.headers.get('content-length'), said: await context.req.text() }, 202, {
    'x-own': '1',
  });
});
const handler = behindFunctionUrl(app);
const anEvent = (overrides: Partial<UrlEvent> = {}, method = 'POST'): UrlEvent => ({
  rawPath: '/alerts',
  body: 'ü',
  ...overrides,
  requestContext: { http: { method } },
});
const saidBy = async (event: UrlEvent) => JSON.parse((await handler(event)).body) as unknown;

describe('behind a function URL', () => {
  it('asks the app and answers with what it says', async () => {
    const answer = await handler(anEvent({ rawQueryString: 'a=1' }));
    expect(answer).toMatchObject({ statusCode: 202, headers: { 'x-own': '1', 'content-type': 'application/json' }, isBase64Encoded: false });
    expect(JSON.parse(answer.body)).toEqual({ method: 'POST', path: '/alerts', query: { a: '1' }, length: '2', said: 'ü' });
  });

  it.each<[sentence: string, event: UrlEvent, said: object]>([
    ['decodes what is base64', anEvent({ body: 'w7w=', isBase64Encoded: true }), { said: 'ü' }],
    ['leaves what only looks like it', anEvent({ body: 'w7w=' }), { said: 'w7w=' }],
    ['believes the body, not the length that is claimed', anEvent({ headers: { 'content-length': '1000000' } }), { length: '2' }],
    ['takes an event without a body', { rawPath: '/', requestContext: { http: { method: 'POST' } } }, { said: '' }],
    ['drops the body of a method that has none', anEvent({}, 'GET'), { method: 'GET', said: '' }],
    ['makes no host of a path', anEvent({ rawPath: '@elsewhere.example/alerts' }), { path: '/@elsewhere.example/alerts' }],
  ])('%s', async (_sentence, event, said) => {
    expect(await saidBy(event)).toMatchObject(said);
  });

  it.each<[sentence: string, event: UrlEvent, field: string]>([
    ['a body that is no base64', anEvent({ body: '{"a":1}', isBase64Encoded: true }), 'body'],
    ['a header of two lines', anEvent({ headers: { authorization: 'a\r\nb: c' } }), 'request'],
    ['a method of nobody’s', anEvent({}, 'PO ST'), 'request'],
  ])('answers 400 to %s', async (_sentence, event, field) => {
    expect(await handler(event)).toMatchObject({ statusCode: 400, body: expect.stringMatching(new RegExp(`^\\{"error":"${field}: `)) });
  });
});
