import { afterEach, describe, expect, it } from 'vitest';
import { serveStatus, type StatusServer } from './status-server.ts';

let open: StatusServer | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function ask(path: string, { method = 'GET', illness = null as string | null, unreadiness = null as string | null } = {}) {
  await open?.close();
  open = await serveStatus({ port: 0, illness: () => illness, unreadiness: () => unreadiness, metrics: () => 'kubernaut_watcher_pending 0\n' });
  const response = await fetch(`http://127.0.0.1:${open.port}${path}`, { method });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

describe('the status server', () => {
  it('says that it is well', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('says what is wrong', async () => {
    expect(await ask('/healthz', { illness: 'Job: nothing came for more than 10 minutes' })).toMatchObject({
      status: 503,
      text: 'Job: nothing came for more than 10 minutes\n',
    });
  });

  it('is ready when it is well and watches everything', async () => {
    const ill = 'Job: nothing came for more than 10 minutes';
    expect(await ask('/readyz')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await ask('/readyz', { unreadiness: 'Job: not listed yet' })).toMatchObject({ status: 503, text: 'Job: not listed yet\n' });
    expect(await ask('/readyz', { illness: ill })).toMatchObject({ status: 503, text: `${ill}\n` });
    expect(await ask('/healthz', { unreadiness: 'Job: not listed yet' })).toMatchObject({ status: 200 });
  });

  it('gives metrics as Prometheus wants them', async () => {
    expect(await ask('/metrics?format=text')).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: 'kubernaut_watcher_pending 0\n' });
  });

  it('goes on when it cannot tell', async () => {
    const failing = (): string => {
      throw new Error('no /proc');
    };
    open = await serveStatus({ port: 0, illness: () => null, unreadiness: () => null, metrics: failing });
    const asked = async (path: string) => (await fetch(`http://127.0.0.1:${open?.port}${path}`)).status;
    expect([await asked('/metrics'), await asked('/healthz')]).toEqual([500, 200]);
  });

  it.each<[method: string, path: string, status: number]>([
    ['GET', '/', 404],
    ['GET', '/healthz/x', 404],
    ['POST', '/healthz', 405],
    ['DELETE', '/metrics', 405],
    ['HEAD', '/healthz', 200],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect(await ask(path, { method })).toMatchObject({ status });
  });

  it('refuses a port that is taken', async () => {
    await ask('/healthz');
    await expect(serveStatus({ port: open?.port ?? 0, illness: () => null, unreadiness: () => null, metrics: () => '' })).rejects.toThrow('EADDRINUSE');
  });
});
