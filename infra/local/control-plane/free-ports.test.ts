import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { StartFailed } from '../stack/start-failed.ts';
import { freePorts, tryPort } from './free-ports.ts';

describe('ports of loopback', () => {
  it('are free, and all different', async () => {
    const ports = await freePorts(5);
    expect(new Set(ports).size).toBe(5);
    for (const port of ports) await tryPort(port);
  });

  it('are missed in one sentence when none is free, and those that were found are given back', async () => {
    const opened: Server[] = [];
    const onlyTwo = async (server: Server) => {
      if (opened.length === 2) throw new Error('listen EADDRINUSE: address already in use 127.0.0.1');
      opened.push(server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    };
    const refusal = await freePorts(3, onlyTwo).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartFailed);
    expect((refusal as StartFailed).message).toBe(
      'there is no free port on 127.0.0.1 (listen EADDRINUSE: address already in use 127.0.0.1): end something that listens, then start again',
    );
    expect(opened.map(({ listening }) => listening)).toEqual([false, false]);
  });

  it('are refused when somebody listens there', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await expect(tryPort((server.address() as AddressInfo).port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => server.close(resolve));
  });
});
