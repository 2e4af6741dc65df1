import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { objectAt } from '../subject.ts';
import type { ServedSubject } from './subject.ts';

const prefix = 'sandbox.kubernaut.io';

function talking(name: string, log: string, more: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  const annotations = { [`${prefix}/start-after-seconds`]: '0', [`${prefix}/ready-after-seconds`]: '0', [`${prefix}/log`]: log, ...more };
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  return { metadata: { name, annotations }, spec: { automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, containers, ...spec } };
}

/** What containers wrote: the API server asks the node that runs them. */
export function logs(subject: () => ServedSubject): void {
  const log = (name: string, query: Readonly<Record<string, string>> = {}) => subject().send('GET', subject().path(`pods/${name}/log`), undefined, query);
  const running = (name: string, phase = 'Running') =>
    subject().eventually(
      () => subject().send('GET', subject().path(`pods/${name}`)),
      ({ body }) => objectAt(body, 'status')['phase'] === phase,
    );

  beforeAll(async () => {
    const { send, path } = subject();
    await send('POST', path('pods'), talking('talking', 'one\ntwo\nthree'));
    const two = [
      { name: 'app', image: 'registry.example/app:1' },
      { name: 'aside', image: 'registry.example/aside:1' },
    ];
    await send('POST', path('pods'), talking('pair', 'said', {}, { containers: two }));
    for (const name of ['talking', 'pair']) await running(name);
    await subject().eventually(
      () => log('talking'),
      ({ body }) => String(body as string).includes('three'),
    );
  });

  describe('a log', () => {
    it('is text, as it was written', async () => {
      expect(await log('talking')).toMatchObject({ status: 200, body: expect.stringMatching(/one\ntwo\nthree\n$/) as string });
      const answer = await subject().call(subject().path('pods/talking/log'));
      expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    });

    it('is cut by lines and by bytes', async () => {
      expect((await log('talking', { tailLines: '2' })).body).toBe('two\nthree\n');
      expect((await log('talking', { tailLines: '0' })).body).toBe('');
      expect((await log('talking', { tailLines: '3', limitBytes: '5' })).body).toBe('one\nt');
    });

    it('is of one container, which has to be named where there are two', async () => {
      expect(await log('pair')).toMatchObject({
        status: 400,
        body: { message: 'a container name must be specified for pod pair, choose one of: [app aside]' },
      });
      expect(await log('pair', { container: 'other' })).toMatchObject({ status: 400, body: { message: 'container other is not valid for pod pair' } });
      expect(await log('pair', { container: 'app', tailLines: '1' })).toEqual({ status: 200, body: 'said\n' });
      expect((await log('pair', { container: 'aside' })).body).not.toContain('said');
    });

    it('of a pod that has ended is still there', async () => {
      const { send, path } = subject();
      await send(
        'POST',
        path('pods'),
        talking('ended', 'last words', { [`${prefix}/exit-code`]: '3', [`${prefix}/runs-for-seconds`]: '0' }, { restartPolicy: 'Never' }),
      );
      await running('ended', 'Failed');
      expect((await log('ended')).body).toContain('last words\n');
      await send('DELETE', path('pods/ended'));
      expect(await log('ended')).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
    });

    it('of a container that has not begun is not there yet', async () => {
      const { send, path } = subject();
      await send('POST', path('pods'), talking('slow', 'never', { [`${prefix}/start-after-seconds`]: '3600' }));
      await subject().eventually(
        () => send('GET', path('pods/slow')),
        ({ body }) => objectAt(body, 'spec')['nodeName'] !== undefined && objectAt(body, 'status')['startTime'] !== undefined,
      );
      const answer = await log('slow');
      expect(answer).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('container "app" in pod "slow" is waiting to start: ContainerCreating') as string },
      });
      await send('DELETE', path('pods/slow'), { gracePeriodSeconds: 0 });
    });

    it('of an earlier run is not there where there was none', async () => {
      expect(await log('talking', { previous: 'true' })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('previous terminated container "app" in pod "talking" not found') as string },
      });
    });
  });
}
