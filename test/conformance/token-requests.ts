import { beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue } from '../../shared/api/json.ts';
import { pod } from './objects.ts';
import { metadataOf, objectAt, type Subject } from './subject.ts';

export function claimsOf(body: JsonValue): JsonObject {
  const token = String(objectAt(body, 'status')['token'] as string);
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return isJsonObject(claims) ? claims : {};
}

export function tokenRequests(subject: () => Subject): void {
  const ask = (spec: JsonObject, account = 'bearer') => subject().send('POST', subject().path(`serviceaccounts/${account}/token`), { spec });

  beforeAll(async () => {
    const { send, path } = subject();
    for (const name of ['bearer', 'other']) await send('POST', path('serviceaccounts'), { metadata: { name } });
    await send('POST', path('pods'), pod('carrier', {}, { serviceAccountName: 'bearer', schedulerName: 'nobody' }));
  });

  describe('a token', () => {
    it('is asked for an hour, and says whose it is', async () => {
      const { namespace, account, send, path } = subject();
      const answer = await ask({});
      const { uid } = metadataOf(await send('GET', path('serviceaccounts/bearer')));
      expect(answer).toMatchObject({
        status: 201,
        body: {
          kind: 'TokenRequest',
          metadata: { name: 'bearer', namespace, uid },
          spec: { expirationSeconds: 3_600, audiences: [expect.any(String)] as unknown },
          status: { token: expect.any(String) as string, expirationTimestamp: expect.stringMatching(/Z$/) as string },
        },
      });
      expect(claimsOf(answer.body)).toMatchObject({ sub: account('bearer'), 'kubernetes.io': { namespace, serviceaccount: { name: 'bearer', uid } } });
    });

    it('lives as long as was asked for', async () => {
      const { exp, iat } = claimsOf((await ask({ expirationSeconds: 7_200 })).body);
      expect(Number(exp) - Number(iat)).toBe(7_200);
    });

    it('is for the audience that was asked for', async () => {
      expect(claimsOf((await ask({ audiences: ['vault'] })).body)).toMatchObject({ aud: ['vault'] });
    });

    it('is bound to a pod of its account, with both uids', async () => {
      const { send, path } = subject();
      const { uid } = metadataOf(await send('GET', path('pods/carrier')));
      const { body } = await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'carrier' } });
      expect(claimsOf(body)).toMatchObject({ 'kubernetes.io': { pod: { name: 'carrier', uid } } });
    });

    it.each<[sentence: string, spec: JsonObject, status: number, words: string]>([
      ['less than ten minutes', { expirationSeconds: 599 }, 422, 'may not specify a duration less than 10 minutes'],
      ['a lifetime', { expirationSeconds: 9_999_999_999 }, 422, 'may not specify a duration larger than 2^32 seconds'],
      ['a pod that is not there', { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'absent' } }, 404, 'pods "absent" not found'],
      [
        'another incarnation of a pod',
        { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'carrier', uid: 'another' } },
        409,
        'does not match the UID in record',
      ],
      ['a Job', { boundObjectRef: { kind: 'Job', apiVersion: 'batch/v1', name: 'carrier' } }, 400, 'cannot bind token to object of type batch/v1, Kind=Job'],
    ])('is not given for %s', async (_sentence, spec, status, words) => {
      expect(await ask(spec)).toMatchObject({ status, body: { message: expect.stringContaining(words) as string } });
    });

    it('is not given to an account for the pod of another', async () => {
      const answer = await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'carrier' } }, 'other');
      expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('pod running with different serviceaccount name') as string } });
    });

    it('is not given for an account that is not there, nor to who may not ask', async () => {
      const { as, account, path } = subject();
      expect(await ask({}, 'absent')).toMatchObject({ status: 404, body: { message: 'serviceaccounts "absent" not found' } });
      expect((await as(account('bearer')).send('POST', path('serviceaccounts/bearer/token'), { spec: {} })).status).toBe(403);
    });

    it('is not read back', async () => {
      const { send, path } = subject();
      expect((await send('GET', path('serviceaccounts/bearer/token'))).status).toBe(405);
    });
  });
}
