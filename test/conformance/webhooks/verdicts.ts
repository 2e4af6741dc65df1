import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { widget, widgetGroup } from '../objects.ts';
import { allows, denies, installed, patches, type Side, type World } from './installation.ts';
import type { Webhook } from './webhook-server.ts';

const sides = ['mutating', 'validating'] as const satisfies readonly Side[];

export function verdicts(world: () => World): void {
  describe.each(sides)('%s', (side) => {
    it.each<[sentence: string, status: JsonObject | null, code: number, reason: string | undefined, words: string]>([
      ['with a message', { message: 'not on a Friday' }, 400, undefined, 'denied the request: not on a Friday'],
      ['with a code and a reason', { message: 'no', code: 422, reason: 'Invalid' }, 422, 'Invalid', 'denied the request: no'],
      ['with a reason alone', { reason: 'Forbidden', code: 403 }, 403, 'Forbidden', 'denied the request: Forbidden'],
      ['without a word', null, 400, undefined, 'denied the request without explanation'],
      ['with a code that is no failure', { code: 200, message: 'fine', status: 'Success' }, 400, undefined, 'denied the request: fine'],
    ])('%s', async (sentence, status, code, reason, words) => {
      const { send, path } = world().subject;
      const answers: Webhook = status === null ? () => ({ response: { allowed: false } }) : denies(status);
      const { seen, nameOf } = await installed(world(), `${side}-${sentence.replaceAll(' ', '-')}`, { [side]: { only: { answers } } });
      const answer = await send('POST', path('widgets', widgetGroup), seen(widget('denied')));
      expect(answer).toEqual({
        status: code,
        body: {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: `admission webhook "${nameOf(`${side}/only`)}" ${words}`,
          ...(reason !== undefined && { reason }),
          code,
        },
      });
      expect((await send('GET', path('widgets/denied', widgetGroup))).status).toBe(404);
    });

    it.each<[sentence: string, answers: Webhook, words: string]>([
      [
        'an answer that is an error',
        () => ({ status: 500, text: 'out of order' }),
        'failed to call webhook: an error on the server ("out of order") has prevented the request from succeeding',
      ],
      ['a path that is not there', () => ({ status: 404, text: 'nothing here' }), 'failed to call webhook: the server could not find the requested resource'],
      [
        'another review’s uid',
        () => ({ response: { uid: 'other', allowed: true } }),
        'received invalid webhook response: expected response.uid="UID", got "other"',
      ],
      [
        'no response',
        (request) => ({ status: 200, text: JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request }) }),
        'received invalid webhook response: webhook response was absent',
      ],
    ])('%s fails the request, unless failures are ignored', async (sentence, answers, words) => {
      const { send, path } = world().subject;
      const name = `${side}-${sentence.replaceAll(/[^a-z]/g, '-')}`.slice(0, 50);
      const strict = await installed(world(), name, { [side]: { only: { answers } } });
      const answer = await send('POST', path('widgets', widgetGroup), strict.seen(widget('failed')));
      const uid = String(strict.calls(`${side}/only`)[0]?.request['uid'] as string);
      const why = `failed calling webhook "${strict.nameOf(`${side}/only`)}": ${words.replace('UID', uid)}`;
      expect(answer).toEqual({
        status: 500,
        body: {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: `Internal error occurred: ${why}`,
          reason: 'InternalError',
          details: { causes: [{ message: why }] },
          code: 500,
        },
      });
      const lenient = await installed(world(), `${name}-ignored`, { [side]: { only: { answers, more: { failurePolicy: 'Ignore' } } } });
      expect((await send('POST', path('widgets', widgetGroup), lenient.seen(widget('passed')), { dryRun: 'All' })).status).toBe(201);
      expect(lenient.order()).toEqual([`${side}/only`]);
    });

    it('a webhook that does not answer in time', async () => {
      const { send, path } = world().subject;
      const slow = { answers: (): 'never' => 'never', more: { timeoutSeconds: 1 } };
      const { seen, calls, nameOf } = await installed(world(), `${side}-slow`, { [side]: { only: slow } });
      const { server } = world();
      const why = `failed calling webhook "${nameOf(`${side}/only`)}": failed to call webhook: Post "${server.url}/${side}-slow/${side}/only?timeout=1s": context deadline exceeded`;
      expect(await send('POST', path('widgets', widgetGroup), seen(widget('late')))).toMatchObject({
        status: 500,
        body: { message: `Internal error occurred: ${why}` },
      });
      expect(calls(`${side}/only`)[0]?.query).toBe('timeout=1s');
      const lenient = await installed(world(), `${side}-slow-ignored`, { [side]: { only: { ...slow, more: { ...slow.more, failurePolicy: 'Ignore' } } } });
      expect((await send('POST', path('widgets', widgetGroup), lenient.seen(widget(`patient-${side}`)))).status).toBe(201);
    });

    it('a webhook that is not there, and one that nobody vouches for', async () => {
      const { send, path } = world().subject;
      const { server } = world();
      const nowhere = { answers: allows, more: { clientConfig: { url: 'https://127.0.0.1:1/away', caBundle: server.caBundle } } };
      const away = await installed(world(), `${side}-away`, { [side]: { only: nowhere } });
      const failed = (name: string, why: string) => `Internal error occurred: failed calling webhook "${name}": failed to call webhook: ${why}`;
      expect((await send('POST', path('widgets', widgetGroup), away.seen(widget('away')))).body).toMatchObject({
        message: failed(away.nameOf(`${side}/only`), 'Post "https://127.0.0.1:1/away?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused'),
      });
      const service = { name: 'none-such', namespace: world().subject.namespace, path: '/away' };
      const gone = await installed(world(), `${side}-gone`, {
        [side]: { only: { answers: allows, more: { clientConfig: { service, caBundle: server.caBundle } } } },
      });
      expect((await send('POST', path('widgets', widgetGroup), gone.seen(widget('gone')))).body).toMatchObject({
        message: failed(
          gone.nameOf(`${side}/only`),
          `Post "https://none-such.${world().subject.namespace}.svc:443/away?timeout=10s": service "none-such" not found`,
        ),
      });
      const unknown = await installed(world(), `${side}-unknown`, {
        [side]: { only: { answers: allows, more: { clientConfig: { url: `${server.url}/x` } } } },
      });
      expect((await send('POST', path('widgets', widgetGroup), unknown.seen(widget('unknown')))).body).toMatchObject({
        message: failed(
          unknown.nameOf(`${side}/only`),
          `Post "${server.url}/x?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
        ),
      });
    });
  });

  it('warnings come with the answer, each once, whatever the verdict', async () => {
    const { send, path } = world().subject;
    const warns =
      (allowed: boolean, ...warnings: string[]): Webhook =>
      () => ({ response: { allowed, warnings, status: { message: 'no' } } });
    const hooks = (allowed: boolean) => ({
      mutating: { first: { answers: warns(true, 'say "when"', 'über\\all') } },
      validating: { last: { answers: warns(allowed, 'say "when"', 'a, b', '') } },
    });
    const allowing = await installed(world(), 'warned', hooks(true));
    const told = ['say "when"', 'über\\all', 'a, b'];
    expect(await send('POST', path('widgets', widgetGroup), allowing.seen(widget('warned')))).toMatchObject({ status: 201, warnings: told });
    const denying = await installed(world(), 'warned-and-denied', hooks(false));
    expect(await send('POST', path('widgets', widgetGroup), denying.seen(widget('warned-and-denied')))).toMatchObject({ status: 400, warnings: told });
    expect(await send('POST', path('widgets', widgetGroup), widget('unwarned'))).not.toHaveProperty('warnings');
  });

  it('the first that refuses ends it: no other is asked', async () => {
    const { send, path } = world().subject;
    const wishes = {
      mutating: { first: { answers: allows }, second: { answers: denies({ message: 'enough' }) }, third: { answers: allows } },
      validating: { last: { answers: allows } },
    };
    const { order, seen } = await installed(world(), 'ended', wishes);
    expect((await send('POST', path('widgets', widgetGroup), seen(widget('ended')))).status).toBe(400);
    expect(order()).toEqual(['mutating/first', 'mutating/second']);
  });

  it('what the schema refuses is shown to no validating webhook, nor is what is stale', async () => {
    const { send, patch, path } = world().subject;
    const { order, seen } = await installed(world(), 'unseen', { mutating: { first: { answers: allows } }, validating: { last: { answers: allows } } });
    expect((await send('POST', path('widgets', widgetGroup), seen(widget('unseen', { spec: { size: 0 } })))).status).toBe(422);
    await send('POST', path('widgets', widgetGroup), seen(widget('unseen', { spec: { size: 1 } })));
    const stale = await patch('merge', path('widgets/unseen', widgetGroup), { metadata: { resourceVersion: '1' }, spec: { size: 2 } });
    expect(stale.status).toBe(409);
    expect(order()).toEqual(['mutating/first', 'mutating/first', 'validating/last', 'mutating/first']);
  });

  it('a name that is taken is asked about all the same', async () => {
    const { send, path } = world().subject;
    await send('POST', path('widgets', widgetGroup), widget('taken'));
    const { order, seen } = await installed(world(), 'taken', { validating: { last: { answers: allows } } });
    expect((await send('POST', path('widgets', widgetGroup), seen(widget('taken')))).status).toBe(409);
    expect(order()).toEqual(['validating/last']);
  });

  it('a delete and a status may be refused', async () => {
    const { send, patch, path } = world().subject;
    const rules = [{ apiGroups: ['conformance.example'], apiVersions: ['v1'], resources: ['widgets', 'widgets/status'], operations: ['UPDATE', 'DELETE'] }];
    const { seen, nameOf } = await installed(world(), 'kept', {
      validating: { only: { answers: denies({ message: 'stays', code: 403, reason: 'Forbidden' }), more: { rules } } },
    });
    await send('POST', path('widgets', widgetGroup), seen(widget('kept')));
    const message = `admission webhook "${nameOf('validating/only')}" denied the request: stays`;
    const body = { message, reason: 'Forbidden', code: 403 };
    expect(await send('DELETE', path('widgets/kept', widgetGroup))).toMatchObject({ status: 403, body });
    expect(await patch('merge', path('widgets/kept/status', widgetGroup), { status: { phase: 'x' } })).toMatchObject({ status: 403, body });
    expect((await send('GET', path('widgets/kept', widgetGroup))).body).not.toHaveProperty('status');
  });

  it('a validating webhook that patches is at fault', async () => {
    const { send, path } = world().subject;
    const answers = patches(() => [{ op: 'add', path: '/spec', value: {} }]);
    const { seen, nameOf } = await installed(world(), 'patching', { validating: { only: { answers } } });
    const message = `Internal error occurred: failed calling webhook "${nameOf('validating/only')}": received invalid webhook response: validating webhook may not return response.patch`;
    expect(await send('POST', path('widgets', widgetGroup), seen(widget('patching')))).toMatchObject({ status: 500, body: { message } });
  });

  it.each<[sentence: string, response: JsonObject, why: string]>([
    ['a patch without its type', { patch: 'W10=' }, 'received invalid webhook response: webhook returned response.patch but not response.patchType'],
    ['a type without a patch', { patchType: 'JSONPatch' }, 'received invalid webhook response: webhook returned response.patchType but not response.patch'],
    ['another type of patch', { patch: 'W3t9XQ==', patchType: 'MergePatch' }, 'unsupported patch type "MergePatch"'],
  ])('a mutating webhook with %s is at fault', async (sentence, response, why) => {
    const { send, path } = world().subject;
    const { seen, nameOf } = await installed(world(), sentence.replaceAll(' ', '-'), {
      mutating: { only: { answers: () => ({ response: { allowed: true, ...response } }) } },
    });
    const message = `Internal error occurred: failed calling webhook "${nameOf('mutating/only')}": ${why}`;
    expect(await send('POST', path('widgets', widgetGroup), seen(widget('odd')))).toMatchObject({ status: 500, body: { message } });
  });
}
