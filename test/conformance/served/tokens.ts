import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { pod } from '../objects.ts';
import { objectAt } from '../subject.ts';
import type { ServedSubject } from './subject.ts';

/** Who a request is from, as its bearer's token says. */
export function bearerTokens(subject: () => ServedSubject): void {
  const tokenFor = async (spec: JsonObject = {}): Promise<string> => {
    const { send, path } = subject();
    const { body } = await send('POST', path('serviceaccounts/caller/token'), { spec });
    return String(objectAt(body, 'status')['token'] as string);
  };
  const asked = async (token: string | null, at = subject().path('secrets')) => {
    const answer = await subject().call(at, { token });
    return { status: answer.status, text: answer.text };
  };

  beforeAll(async () => {
    await subject().send('POST', subject().path('serviceaccounts'), { metadata: { name: 'caller' } });
  });

  describe('a bearer', () => {
    it('is the account of its token, which may do nothing yet', async () => {
      const { status, text } = await asked(await tokenFor());
      expect(status).toBe(403);
      expect(text).toContain(`User \\"${subject().account('caller')}\\" cannot list resource \\"secrets\\"`);
    });

    it('of a token bound to a pod is known as long as the pod is there', async () => {
      const { send, path, eventually } = subject();
      await send('POST', path('pods'), pod('caller', {}, { serviceAccountName: 'caller', schedulerName: 'nobody' }));
      const token = await tokenFor({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'caller' } });
      expect((await asked(token)).status).toBe(403);
      await send('DELETE', path('pods/caller'), { gracePeriodSeconds: 0 });
      const answer = await eventually(
        async () => ({ status: (await asked(token)).status, body: null }),
        ({ status }) => status === 401,
      );
      expect(answer.status).toBe(401);
    });

    it('of a token for others is nobody', async () => {
      expect((await asked(await tokenFor({ audiences: ['vault'] }))).status).toBe(401);
    });

    it('of what is no token is nobody, and is told so', async () => {
      const { status, text } = await asked('made-up');
      expect(status).toBe(401);
      expect(JSON.parse(text)).toMatchObject({ kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized', code: 401 });
    });

    it('of an account that is gone is nobody', async () => {
      const { send, path, call, eventually } = subject();
      await send('POST', path('serviceaccounts'), { metadata: { name: 'brief' } });
      const { body } = await send('POST', path('serviceaccounts/brief/token'), { spec: {} });
      const token = String(objectAt(body, 'status')['token'] as string);
      expect((await call(path('secrets'), { token })).status).toBe(403);
      await send('DELETE', path('serviceaccounts/brief'));
      const answer = await eventually(
        async () => ({ status: (await call(path('secrets'), { token })).status, body: null }),
        ({ status }) => status === 401,
      );
      expect(answer.status).toBe(401);
    });

    it('without any token is anonymous: it may see that the server is there, and nothing in it', async () => {
      for (const at of ['/version', '/healthz', '/livez', '/readyz']) expect((await asked(null, at)).status).toBe(200);
      const { status, text } = await asked(null);
      expect(status).toBe(403);
      expect(text).toContain('User \\"system:anonymous\\" cannot list resource \\"secrets\\"');
    });

    it('that is an administrator may act as an account, and be refused as it', async () => {
      const { call, path, account } = subject();
      const answer = await call(path('secrets'), { headers: { 'impersonate-user': account('caller') } });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain(account('caller'));
    });

    it('that is an account may act as nobody else', async () => {
      const { call, path } = subject();
      const answer = await call(path('secrets'), { token: await tokenFor(), headers: { 'impersonate-user': 'alice' } });
      expect(answer.status).toBe(403);
      expect(answer.text).toMatch(/forbidden: User .*cannot impersonate/);
    });
  });
}
